import { CommanderError } from 'commander';
import { createContext, jsonText } from './context.js';
import { type ExitCode, exitCodeOf, exitCodes, isTold } from './exitCode.js';
import { createProgram } from './program.js';
import { painter, type Terminal } from './terminal.js';
import { clean } from './text/clean.js';
import { unlessInterrupted } from './waiting.js';

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

async function run(args: readonly string[], terminal: Terminal, context: ReturnType<typeof createContext>) {
  const isJson = args.includes('--json');
  try {
    await createProgram(context).parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // It has said already what is wrong, or given its help.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done;
      if (isJson) terminal.out(jsonText({ error: { code: 'USAGE', message: error.message } }));
      return exitCodes.usage;
    }
    const told = isTold(error)
      ? clean(`${error.code}: ${error.message}`)
      : `INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    if (isJson) terminal.out(jsonText({ error: errorFacts(error) }));
    else terminal.err(`${painter(terminal.hasErrorColors)('bad', told)}\n`);
    return exitCodeOf(error);
  }
}

/** Runs the command with its arguments and gives what it ends with; nothing is thrown, and whatever is wrong is told. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const context = createContext(terminal);
  const running = run(args, terminal, context);
  const code = await unlessInterrupted(terminal, running);
  if (code !== null) return code;
  return context.endsByItself ? running : exitCodes.interrupted;
}
