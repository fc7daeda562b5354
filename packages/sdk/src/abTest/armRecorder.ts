import { DDSketch } from '@datadog/sketches-js';
import { type ClusterSums, createClusterSums } from '../statistics/clustering.js';
import type { Counts } from '../statistics/counts.js';
import { createMomentsBuilder, type Moments } from '../statistics/moments.js';

/** What is known of one arm. */
export type ArmRecord = {
  counts(): Counts;
  /** Of the natural logarithm of the latency in milliseconds. */
  logLatency(): Moments;
  /** A quantile of the latency in milliseconds, right to 1 % of its value; null of none. */
  latencyAtQuantile(quantile: number): number | null;
  /** Successes and log latencies by session; null where every request stands for itself. */
  readonly bySession: { readonly successes: ClusterSums; readonly logLatency: ClusterSums } | null;
};

/** Takes in the requests of one arm in constant memory. */
export type ArmRecorder = ArmRecord & {
  /** `cluster` is that of the session; without meaning where every request stands for itself. */
  record(isSuccess: boolean, latencyMs: number | null, cluster: number): void;
};

/** Finer than any clock that is measured with, and above 0, which has no logarithm. */
const shortestLatencyMs = 0.001;

/** Starts with no requests. From a microsecond to a day the sketch has at most 1,260 bins. */
export function createArmRecorder({ stickySessions }: { readonly stickySessions: boolean }): ArmRecorder {
  const sketch = new DDSketch({ relativeAccuracy: 0.01 });
  const logLatency = createMomentsBuilder();
  const bySession = stickySessions ? { successes: createClusterSums(), logLatency: createClusterSums() } : null;
  let total = 0;
  let successes = 0;
  const addLatency = (latencyMs: number, cluster: number): void => {
    logLatency.addLogOf(latencyMs);
    bySession?.logLatency.addLogOf(cluster, latencyMs);
    sketch.accept(latencyMs);
  };
  return {
    counts: () => ({ successes, total }),
    logLatency: logLatency.read,
    latencyAtQuantile: (quantile) => (sketch.count === 0 ? null : sketch.getValueAtQuantile(quantile)),
    bySession,
    record(isSuccess, latencyMs, cluster) {
      total += 1;
      bySession?.successes.add(cluster, isSuccess ? 1 : 0);
      if (!isSuccess) return;
      successes += 1;
      if (latencyMs === null) return;
      // Each passed on as it is: a number that may be either would be made an object for each function that takes it.
      if (latencyMs < shortestLatencyMs) addLatency(shortestLatencyMs, cluster);
      else addLatency(latencyMs, cluster);
    },
  };
}
