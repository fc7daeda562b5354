import { parseArgs } from 'node:util';
import { type DemoReport, runDemo } from './run.js';

const usage = `Usage: npm run demo:migration -- [--json]

Runs a whole accelerated migration on two execution clients, then makes v5 slower
and waits until it has been rolled back by itself.

  --json    the results as one JSON object on the last line
  --help    this text

Exit code: 0 when everything held, 1 when something did not, 2 for a wrong option, 130 after Ctrl-C.`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What did not hold, in words. */
function failuresOf({ migration, rollback, heads }: DemoReport): readonly string[] {
  return [
    ...(migration.success && migration.rollbacksExecuted === 0 ? [] : ['the migration did not come to its end']),
    ...(rollback.success ? ['v5 was not rolled back'] : []),
    ...(rollback.rollbackReason?.includes('latency') === true
      ? []
      : [`it was rolled back for another reason: ${rollback.rollbackReason}`]),
    ...(heads.v4 === heads.v5 ? [] : [`the heads differ: v4 ${heads.v4}, v5 ${heads.v5}`]),
  ];
}

async function main(args: readonly string[]): Promise<number> {
  let options: { json?: boolean; help?: boolean };
  try {
    ({ values: options } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
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
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => (interruption.signal.aborted ? process.exit(130) : interruption.abort(new Error(name))));

  try {
    const report = await runDemo(console.log, interruption.signal);
    const { migration, rollback, blocks } = report;
    const impact = migration.performanceImpact === null ? '?' : `${(100 * migration.performanceImpact).toFixed(1)} %`;
    console.log(
      `\nmigration: complete after ${(migration.totalDurationMs / 60_000).toFixed(0)} min of plan time, v5 slower by ${impact}, ${blocks} blocks`,
    );
    console.log(
      `rollback: ${rollback.rollbackReason}; verified after ${((rollback.rollbackDurationMs ?? 0) / 60).toFixed(0)} ms`,
    );
    const failures = failuresOf(report);
    for (const failure of failures) console.log(`failed: ${failure}`);
    console.log(failures.length === 0 ? 'demo: ok' : 'demo: failed');
    if (options.json === true) console.log(JSON.stringify({ ok: failures.length === 0, failures, ...report }));
    return failures.length === 0 ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted) {
      console.log('\ndemo: interrupted; everything has been stopped');
      return 130;
    }
    console.log(`failed: ${messageOf(error)}\ndemo: failed`);
    return 1;
  }
}

process.exit(await main(process.argv.slice(2)));
