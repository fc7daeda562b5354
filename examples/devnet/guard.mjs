// Loaded into every execution client with `node --import`. The client's stdin is a pipe whose other end only its parent
// holds, so it ends when the parent does, however that came about, and no client outlives the process that started it.
import { isMainThread } from 'node:worker_threads';

// A worker inherits --import but not the pipe: its own stdin is empty and would end at once.
if (isMainThread) {
  const end = () => process.exit(0);
  process.stdin.on('end', end).on('close', end).on('error', end);
  process.stdin.resume();
  // A client that has nothing more to do may still exit by itself.
  process.stdin.unref();
}
