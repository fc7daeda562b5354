/** A bucket is 4 % wider than the one below it: a quantile is off by at most 2 %. */
const growth = 1.04;
const lowestMs = 0.01;
const bucketCount = 400;
const logGrowth = Math.log(growth);

/** What is known of some durations, in milliseconds. */
export type DurationFigures = {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Mean and variance of the natural logarithm: by these two samples of latencies compare. */
  readonly meanLog: number;
  readonly varianceLog: number;
  /** How many fell up to each bound and above the one before; empty ones are left out. */
  readonly buckets: readonly { readonly upToMs: number; readonly count: number }[];
};

/** Durations in constant memory (3.2 kB): from 10 us to 65 s in buckets of 4 %, what is beyond in the outermost. */
export type Durations = {
  /** What is no finite number from 0 on is left out. */
  add(durationMs: number): void;
  /** Null where there is none. */
  figures(): DurationFigures | null;
};

const upperBoundMs = (bucket: number): number => lowestMs * growth ** bucket;

/** Makes an empty one. */
export function createDurations(): Durations {
  const counts = new Float64Array(bucketCount);
  let count = 0;
  let sumMs = 0;
  let maxMs = 0;
  let meanLog = 0;
  let squares = 0;

  function quantile(share: number): number {
    let below = 0;
    for (const [bucket, inBucket] of counts.entries()) {
      below += inBucket;
      // The middle of the bucket, but never above what has been seen.
      if (below >= share * count) return Math.min(maxMs, upperBoundMs(bucket) / Math.sqrt(growth));
    }
    return maxMs;
  }

  return {
    add(durationMs) {
      if (!(durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY)) return;
      const log = Math.log(Math.max(durationMs, lowestMs));
      const bucket = Math.ceil((log - Math.log(lowestMs)) / logGrowth);
      const at = Math.min(bucket, bucketCount - 1);
      counts[at] = (counts[at] as number) + 1;
      count += 1;
      sumMs += durationMs;
      maxMs = Math.max(maxMs, durationMs);
      // Welford: a sum of squares would lose its digits.
      const delta = log - meanLog;
      meanLog += delta / count;
      squares += delta * (log - meanLog);
    },
    figures() {
      if (count === 0) return null;
      const buckets = [...counts.entries()]
        .filter(([, inBucket]) => inBucket > 0)
        .map(([bucket, inBucket]) => ({ upToMs: upperBoundMs(bucket), count: inBucket }));
      return {
        count,
        meanMs: sumMs / count,
        p50Ms: quantile(0.5),
        p95Ms: quantile(0.95),
        p99Ms: quantile(0.99),
        maxMs,
        meanLog,
        varianceLog: count > 1 ? squares / (count - 1) : 0,
        buckets,
      };
    },
  };
}
