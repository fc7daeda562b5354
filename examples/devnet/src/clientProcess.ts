import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const clientBin = require.resolve('@ethereumjs/client/dist/esm/bin/cli.js');

// Beside src and beside dist, so that it is found from the sources and from the build.
const guardModule = new URL('../guard.mjs', import.meta.url).href;

const stopTimeoutMs = 5_000;
const keptLines = 40;

/** How a process ended: one of the two is null. */
export type ClientExit = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
};

/** One run of a client's program. */
export type ClientProcess = {
  readonly pid: number;
  readonly running: boolean;
  /** Resolves when the process has ended and everything it wrote has been read. */
  readonly exited: Promise<ClientExit>;
  /** The last lines it wrote. */
  outputTail(): readonly string[];
  kill(signal: NodeJS.Signals): void;
  /** Ends it: SIGTERM, then SIGKILL if it takes too long. */
  stop(): Promise<void>;
};

/** Starts the client's program in a folder, where it may leave files; it is tied to this process and ends when this process does, even by SIGKILL. */
export async function spawnClient(args: readonly string[], folder: string): Promise<ClientProcess> {
  const child = spawn(process.execPath, ['--import', guardModule, clientBin, ...args], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.filter((line) => line.trim() !== ''));
      lines.splice(0, lines.length - keptLines);
    });
  }
  // Nothing is written to it, but a pipe that breaks may still say so.
  child.stdin.on('error', () => {});

  // The guard does the same when this process is killed outright; this one also ends a client that is frozen.
  const endWithParent = (): void => {
    child.kill('SIGKILL');
  };
  // First, so that the client is gone when an earlier hook removes its files.
  process.prependListener('exit', endWithParent);
  let running = true;
  const exited = new Promise<ClientExit>((resolve) => {
    child.once('close', (code, signal) => {
      running = false;
      process.removeListener('exit', endWithParent);
      resolve({ code, signal });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    // Kept for as long as the process lives: an error event that nobody listens to would be thrown.
    child.on('error', reject);
  });

  return {
    pid: child.pid as number,
    get running() {
      return running;
    },
    exited,
    outputTail: () => [...lines],
    kill: (signal) => {
      child.kill(signal);
    },
    async stop() {
      if (!running) return;
      child.kill('SIGTERM');
      const patience = new AbortController();
      const late = delay(stopTimeoutMs, true, { signal: patience.signal }).catch(() => false);
      if (await Promise.race([exited.then(() => false), late])) child.kill('SIGKILL');
      patience.abort();
      await exited;
    },
  };
}
