import { parseArgs } from 'node:util';
import { createRecord } from './record.js';
import { runDemo } from './run.js';
import { summarize, summaryLines } from './summary.js';
import { createLiveTable, createPlainLines } from './table.js';
import { findFailures } from './verdict.js';

const usage = `Usage: npm run demo:migration -- [--page] [--json]

Runs a whole migration on two execution clients, then a second one in which v5 is made
to fail, and waits until that has been rolled back by itself.

  --page    serves the page on which an operator watches it, says its address, and stays
            when it is over, until Ctrl-C
  --json    the summary as one JSON document on standard output, and nothing else there
            (npm --silent run demo:migration -- --json)
  --help    this text

Exit code: 0 when everything held, 1 when something did not, 2 for a wrong option, 130 after Ctrl-C.`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs the demo as the arguments say and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let options: { json?: boolean; page?: boolean; help?: boolean };
  try {
    ({ values: options } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, page: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (error) {
    console.error(`demo: ${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (options.help === true) {
    console.log(usage);
    return 0;
  }

  const interruption = new AbortController();
  let stopLooking: (() => void) | null = null;
  const leave = (): Promise<void> =>
    new Promise((resolve) => {
      stopLooking = resolve;
    });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The first asks everything to stop; another ends the process, and with it the clients, at once.
    process.on(name, () => {
      if (interruption.signal.aborted) process.exit(130);
      if (stopLooking === null) {
        interruption.abort(new Error(name));
        return;
      }
      // Everything has been shown: that is the end, and no interruption.
      stopLooking();
      stopLooking = null;
    });
  }

  const beganMs = performance.now();
  const record = createRecord();
  const output = options.json === true ? process.stderr : process.stdout;
  const say = (line: string): void => void output.write(`${line}\n`);
  const watcher = output.isTTY === true ? createLiveTable(output) : createPlainLines(say);
  const failures: string[] = [];
  try {
    await runDemo({ record, watcher, leave: options.page === true ? leave : null }, interruption.signal);
    failures.push(...findFailures(record));
  } catch (error) {
    if (interruption.signal.aborted) {
      say('\ndemo: interrupted; everything has been stopped');
      return 130;
    }
    failures.push(messageOf(error));
  }

  const summary = summarize(record, failures, performance.now() - beganMs);
  for (const line of summaryLines(summary)) say(line);
  say(summary.ok ? 'demo: ok' : 'demo: failed');
  if (options.json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.ok ? 0 : 1;
}

// Once the loop is empty, so that what was written to a pipe has been.
process.exitCode = await main(process.argv.slice(2));
