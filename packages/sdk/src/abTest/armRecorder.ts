import { DDSketch } from '@datadog/sketches-js';
import type { Counts } from '../statistics/counts.js';
import { createMomentsBuilder, type Moments } from '../statistics/moments.js';

/** What is known of one arm. */
export type ArmRecord = {
  readonly counts: Counts;
  /** Of the natural logarithm of the latency in milliseconds. */
  readonly logLatency: Moments;
  /** A quantile of the latency in milliseconds, right to 1 % of its value; null of none. */
  latencyAtQuantile(quantile: number): number | null;
};

/** Takes in the requests of one arm in constant memory. */
export type ArmRecorder = ArmRecord & {
  record(isSuccess: boolean, latencyMs: number | null): void;
};

/** Finer than any clock that is measured with, and above 0, which has no logarithm. */
const shortestLatencyMs = 0.001;

/** Starts with no requests. From a microsecond to a day the sketch has at most 1,260 bins. */
export function createArmRecorder(): ArmRecorder {
  const sketch = new DDSketch({ relativeAccuracy: 0.01 });
  const logLatency = createMomentsBuilder();
  let total = 0;
  let successes = 0;
  return {
    get counts() {
      return { successes, total };
    },
    get logLatency() {
      return logLatency.read();
    },
    latencyAtQuantile: (quantile) => (sketch.count === 0 ? null : sketch.getValueAtQuantile(quantile)),
    record(isSuccess, latencyMs) {
      total += 1;
      if (!isSuccess) return;
      successes += 1;
      if (latencyMs === null) return;
      const measured = Math.max(latencyMs, shortestLatencyMs);
      logLatency.add(Math.log(measured));
      sketch.accept(measured);
    },
  };
}
