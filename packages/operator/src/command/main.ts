import { type ExitCode, exitCodes } from './exitCode.js';
import { processTerminal } from './processTerminal.js';
import { runCommand } from './runCommand.js';

const interruption = new AbortController();

function interrupt(): void {
  // A second one is from somebody who does not want to wait.
  if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
  interruption.abort();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);

let isLost = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // What reads it has gone, as `head` has: a command that acts goes on to its end, and one that only shows has nobody to.
  const isWatching = process.argv.includes('--watch') && !interruption.signal.aborted;
  if (error.code !== 'EPIPE') {
    isLost = true;
    process.stderr.write(`standard output: ${error.message}\n`);
  }
  if (isWatching) interrupt();
});
process.stderr.on('error', () => {});

const code: ExitCode = await runCommand(process.argv.slice(2), processTerminal(interruption.signal, interrupt));
// What was to be read and is not there is no success.
process.on('exit', () => {
  if (isLost && process.exitCode === exitCodes.done) process.exitCode = exitCodes.failed;
});
process.exitCode = code;
// What it has left undone would keep the process.
if (interruption.signal.aborted) process.exit();
