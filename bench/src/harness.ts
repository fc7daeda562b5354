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

/** Bytes allocated on the JavaScript heap a call: what stands there at the end, and what each collection took away meanwhile. */
async function bytesPerCall(way: Way, calls: number): Promise<number> {
  const profiler = new GCProfiler();
  profiler.start();
  let level = getHeapStatistics().used_heap_size;
  await way.run(calls);
  const end = getHeapStatistics().used_heap_size;
  let allocated = 0;
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    allocated += beforeGC.heapStatistics.usedHeapSize - level;
    level = afterGC.heapStatistics.usedHeapSize;
  }
  return (allocated + end - level) / calls;
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

/** Bytes allocated on the JavaScript heap a call, in a round without a collection: one that has any is made again; throws where there are always some. */
async function bytesPerCallUncollected(way: Way, calls: number): Promise<number> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const profiler = new GCProfiler();
    profiler.start();
    const level = getHeapStatistics().used_heap_size;
    await way.run(calls);
    const end = getHeapStatistics().used_heap_size;
    if (profiler.stop().statistics.length === 0) return (end - level) / calls;
  }
  throw new Error(`${way.name}: no round without a collection: --max-semi-space-size is too small`);
}

/** Measures what each way allocates, in interleaved rounds; apart from the CPU time, which the profiler would add to. */
export const measureBytes = (ways: readonly Way[], effort: Effort): Promise<ReadonlyMap<string, Series>> =>
  measureRounds(ways, effort, bytesPerCall);

/** The same where the young generation has room for a whole round: a collection would count pages that are not full. */
export const measureBytesUncollected = (ways: readonly Way[], effort: Effort): Promise<ReadonlyMap<string, Series>> =>
  measureRounds(ways, effort, bytesPerCallUncollected);
