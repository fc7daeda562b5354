import { runLive } from './live.js';
import { type DemoOptions, parseOptions, usage } from './options.js';
import { createRecord, type DemoRecord } from './record.js';
import { runScript } from './script.js';
import { inWorld } from './world.js';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs the demo as the arguments say and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions | 'help';
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

  // Before a person is told where the UI is, and in a script, Ctrl-C breaks off; after that it is how the demo ends.
  const interruption = new AbortController();
  const ending = new AbortController();
  let isLive = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // Another one ends the process, and with it everything that it has started, at once.
      if (interruption.signal.aborted || ending.signal.aborted) process.exit(130);
      if (isLive) ending.abort();
      else interruption.abort(new Error(name));
    });
  }

  const record = createRecord();
  const { script, minutes } = options;
  const broken = new Promise<never>((_resolve, reject) =>
    interruption.signal.addEventListener('abort', () => reject(interruption.signal.reason), { once: true }),
  );
  broken.catch(() => {});
  try {
    await inWorld({ say: console.log, signal: interruption.signal }, async (world) => {
      if (script) return Promise.race([runScript(world, record), broken]);
      isLive = true;
      const timer = minutes === undefined ? undefined : setTimeout(() => ending.abort(), minutes * 60_000);
      try {
        await runLive(world, record, { until: ending.signal });
      } finally {
        clearTimeout(timer);
      }
    });
  } catch (error) {
    if (interruption.signal.aborted) {
      console.log('\ndemo: interrupted; everything has been stopped');
      return 130;
    }
    record.failures.push(messageOf(error));
  }
  return tell(record, options);
}

function tell(record: DemoRecord, { json }: DemoOptions): number {
  for (const failure of record.failures) console.log(`failed: ${failure}`);
  const ok = record.failures.length === 0;
  console.log(ok ? 'demo: ok' : 'demo: failed');
  if (json) console.log(JSON.stringify({ ok, ...record }));
  return ok ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
