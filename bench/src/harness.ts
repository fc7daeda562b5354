import { setTimeout as delay } from 'node:timers/promises';
import { GCProfiler, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Series } from './series.js';

/** One way of making a call, to be measured beside the others. */
export type Way = {
  readonly name: string;
  /** Makes `calls` calls one after the other, and resolves when everything that they caused has ended. */
  run(calls: number): Promise<void>;
  /** Runs before each measured round and is not measured. */
  prepare?(): Promise<void>;
};

/** How much is measured. */
export type Effort = { readonly rounds: number; readonly calls: number };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options: { type: 'minor' }) => void;

/** Lets whatever the last round left behind end, and takes its garbage away, so that no way pays for another. The young garbage alone: a full collection throws compiled code away, and the round would measure how it is compiled again. */
async function settle(way: Way): Promise<void> {
  await way.prepare?.();
  collectGarbage({ type: 'minor' });
  await delay(1);
}

/** CPU time of the process in microseconds a call: user and system, the threads of the garbage collector and of the compiler included. */
async function cpuPerCall(way: Way, calls: number): Promise<number> {
  const before = process.cpuUsage();
  await way.run(calls);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** Few calls, so that the young generation has room for them, and rounds enough for what the first ones make once. */
const heapEffort: Effort = { rounds: 15, calls: 1_000 };

/** How {@link measureBytes} measures, for a report's notes. */
export const heapNote: string = `heap: bytes allocated on the JavaScript heap, the median of ${heapEffort.rounds} rounds of ${heapEffort.calls} calls, or of as many of them as are made without a collection`;

/** Bytes allocated on the JavaScript heap a call, over as many of the calls as are made without a collection, which would count what no call made; throws where there is one in a few calls already. */
async function bytesPerCall(way: Way, calls: number): Promise<number> {
  for (let count = calls; count >= 10; count = Math.floor(count / 2)) {
    const profiler = new GCProfiler();
    profiler.start();
    const before = getHeapStatistics().used_heap_size;
    await way.run(count);
    const after = getHeapStatistics().used_heap_size;
    if (profiler.stop().statistics.length === 0) return (after - before) / count;
    collectGarbage({ type: 'minor' });
  }
  throw new Error(`${way.name}: there was a collection in the fewest calls`);
}

async function measureRounds(
  ways: readonly Way[],
  { rounds, calls }: Effort,
  measure: (way: Way, calls: number) => Promise<number>,
): Promise<ReadonlyMap<string, Series>> {
  const series = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins with another way, so that none always runs after the same one.
    for (let place = 0; place < ways.length; place += 1) {
      const way = ways[(round + place) % ways.length] as Way;
      await settle(way);
      series.get(way.name)?.push(await measure(way, calls));
    }
  }
  return series;
}

/** Runs every way until the compiler has seen it, all of them in turn, so that shared code is compiled for all of them. */
export async function warmUp(ways: readonly Way[], { rounds, calls }: Effort): Promise<void> {
  await measureRounds(ways, { rounds, calls }, async (way) => {
    await way.run(calls);
    return 0;
  });
}

/** Measures the CPU time of each way, in interleaved rounds. */
export const measureCpu = (ways: readonly Way[], effort: Effort): Promise<ReadonlyMap<string, Series>> =>
  measureRounds(ways, effort, cpuPerCall);

/** Measures what each way allocates, in interleaved rounds; apart from the CPU time, which the profiler would add to. */
export const measureBytes = (ways: readonly Way[]): Promise<ReadonlyMap<string, Series>> =>
  measureRounds(ways, heapEffort, bytesPerCall);
