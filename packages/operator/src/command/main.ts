import { exitCodes } from './exitCode.js';
import { processTerminal } from './processTerminal.js';
import { runCommand } from './runCommand.js';

const interruption = new AbortController();
// Commands that go on until Ctrl-C end by themselves then, and well.
const goesOn = process.argv[2] === 'serve' || process.argv.includes('--watch');

function interrupt(): void {
  // A second one is from somebody who does not want to wait.
  if (!goesOn || interruption.signal.aborted) process.exit(exitCodes.interrupted);
  interruption.abort();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
// A reader that has gone, as `head` has, wants nothing more.
process.stdout.on('error', () => process.exit(exitCodes.done));
process.exitCode = await runCommand(process.argv.slice(2), processTerminal(interruption.signal, interrupt));
