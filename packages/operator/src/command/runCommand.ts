import { CommanderError } from 'commander';
import { createContext, jsonText } from './context.js';
import { type ExitCode, exitCodeOf, exitCodes, isTold } from './exitCode.js';
import { createProgram } from './program.js';
import { paintOn, type Terminal } from './terminal.js';

/** What is told of an error where JSON is wanted. */
function errorFacts(error: unknown): object {
  if (!isTold(error)) return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  const refusal = 'refusal' in error ? error.refusal : undefined;
  const problems = 'problems' in error ? error.problems : undefined;
  return {
    code: error.code,
    message: error.message,
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(problems === undefined ? {} : { problems }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** Runs the command with its arguments and gives what it ends with; nothing is thrown, and whatever is wrong is told. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const context = createContext(terminal);
  const paint = paintOn(terminal);
  try {
    await createProgram(context).parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // It has said already what is wrong, or given its help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const told = isTold(error)
      ? `${error.code}: ${error.message}`
      : `INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    if (args.includes('--json')) terminal.out(jsonText({ error: errorFacts(error) }));
    else terminal.err(`${paint('bad', told)}\n`);
    return exitCodeOf(error);
  }
}
