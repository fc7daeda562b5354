import { createUnleashOracle } from './expectation.js';
import { parseOptions, usage } from './options.js';
import { fullPlan, quickPlan } from './plan.js';
import { createLiveTable, createPlainLines } from './progress.js';
import { createRecord } from './record.js';
import { runDemo } from './run.js';
import { summarize, summaryLines } from './summary.js';
import { findFailures } from './verdict.js';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs the demo as the arguments say and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof parseOptions>;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`demo: ${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (options === 'help') {
    console.log(usage);
    return 0;
  }

  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The first asks everything to stop; another ends the process, and with it the clients, at once.
    process.on(name, () => (interruption.signal.aborted ? process.exit(130) : interruption.abort(new Error(name))));
  }

  const beganMs = performance.now();
  const record = createRecord(options.quick ? quickPlan : fullPlan);
  const watcher = process.stdout.isTTY === true ? createLiveTable(process.stdout) : createPlainLines(console.log);
  const failures: string[] = [];
  try {
    await runDemo(record, watcher, interruption.signal);
    const oracle = await createUnleashOracle(record.plan.map(({ percent }) => percent));
    failures.push(...findFailures(record, oracle));
    oracle.close();
  } catch (error) {
    if (interruption.signal.aborted) {
      console.log('\ndemo: interrupted; everything has been stopped');
      return 130;
    }
    failures.push(messageOf(error));
  }

  const summary = summarize(record, failures, performance.now() - beganMs);
  for (const line of summaryLines(summary)) console.log(line);
  console.log(summary.ok ? 'demo: ok' : 'demo: failed');
  if (options.json) console.log(JSON.stringify(summary));
  return summary.ok ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
