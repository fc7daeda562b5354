import { type DemoOptions, parseOptions } from './options.js';

/** What a demo of its own kind does. `R`: what it records. */
export type LiveDemo<R extends { readonly failures: string[] }> = {
  readonly usage: string;
  createRecord(): R;
  /** Starts everything, plays, and has stopped everything when it settles. `signal` breaks off; `live` is for what a person ends, whose `until` is aborted then. */
  play(
    record: R,
    how: {
      readonly script: boolean;
      readonly signal: AbortSignal;
      live(run: (until: AbortSignal) => Promise<void>): Promise<void>;
    },
  ): Promise<void>;
  /** The lines of the end, before its verdict. */
  lines(record: R): readonly string[];
  /** The object of `--json`. */
  summary(record: R): object;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function tell<R extends { readonly failures: string[] }>(demo: LiveDemo<R>, record: R, { json }: DemoOptions): number {
  for (const line of demo.lines(record)) console.log(line);
  const isOk = record.failures.length === 0;
  console.log(isOk ? 'demo: ok' : 'demo: failed');
  if (json) console.log(JSON.stringify(demo.summary(record)));
  return isOk ? 0 : 1;
}

/** Runs a demo as the arguments say and gives the exit code. */
export async function runLiveDemo<R extends { readonly failures: string[] }>(
  args: readonly string[],
  demo: LiveDemo<R>,
): Promise<number> {
  let options: DemoOptions | 'help';
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`demo: ${messageOf(error)}\n\n${demo.usage}`);
    return 2;
  }
  if (options === 'help') {
    console.log(demo.usage);
    return 0;
  }

  // Before there is something for a person to watch, and in a script, Ctrl-C breaks off; after that it is how the demo ends.
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

  const record = demo.createRecord();
  const { script, minutes } = options;
  async function live(run: (until: AbortSignal) => Promise<void>): Promise<void> {
    isLive = true;
    const timer = minutes === undefined ? undefined : setTimeout(() => ending.abort(), minutes * 60_000);
    try {
      await run(ending.signal);
    } finally {
      clearTimeout(timer);
    }
  }
  try {
    await demo.play(record, { script, signal: interruption.signal, live });
  } catch (error) {
    if (interruption.signal.aborted) {
      console.log('\ndemo: interrupted; everything has been stopped');
      return 130;
    }
    record.failures.push(messageOf(error));
  }
  return tell(demo, record, options);
}
