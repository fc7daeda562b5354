import { runLive } from './live.js';
import { type DemoOptions, parseOptions, usage } from './options.js';
import { createRecord, type DemoRecord, judgeEnd, summarize, summaryLines } from './record.js';
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

  // Before blocks are made for a person, Ctrl-C breaks off; from then on it is how the demo ends.
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
  try {
    await inWorld({ say: console.log, signal: interruption.signal }, async (world) => {
      if (script) {
        await runScript(world, record, console.log);
      } else {
        isLive = true;
        const timer = minutes === undefined ? undefined : setTimeout(() => ending.abort(), minutes * 60_000);
        try {
          await runLive(world, record, { output: process.stdout, until: ending.signal });
        } finally {
          clearTimeout(timer);
        }
      }
      record.heads = await world.settledHeads();
    });
    judgeEnd(record);
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
  for (const line of summaryLines(record)) console.log(line);
  const isOk = record.failures.length === 0;
  console.log(isOk ? 'demo: ok' : 'demo: failed');
  if (json) console.log(JSON.stringify(summarize(record)));
  return isOk ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
