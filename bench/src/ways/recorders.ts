import { Counter, Histogram, Registry } from 'prom-client';
// What listens to observations is inside the SDK, whose package shows its public surface alone: it is taken by path.
import { AbTestController } from '../../../packages/sdk/dist/abTest/controller.js';
import { createMetrics } from '../../../packages/sdk/dist/metrics/metrics.js';
import type { Observation } from '../../../packages/sdk/dist/observation.js';

/** What listens to each call. */
export type Recorder = (observation: Observation) => void;

/** Counts calls by prom-client's own classes, label objects and all, as a service would that has no others: the same series as the SDK's, what a migration is judged by apart. */
function promClientRecorder(): Recorder {
  const registers = [new Registry()];
  const counter = (name: string, labelNames: string[]): Counter =>
    new Counter({ name, help: name, labelNames, registers });
  const histogram = (name: string, labelNames: string[]): Histogram =>
    new Histogram({
      name,
      help: name,
      labelNames,
      registers,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8],
    });
  const calls = counter('calls_total', ['operation', 'version', 'outcome']);
  const callDuration = histogram('call_duration_seconds', ['operation', 'version']);
  const decisions = counter('decisions_total', ['operation', 'mode', 'reason']);
  const comparisons = counter('comparisons_total', ['operation', 'verdict']);
  const feeds = counter('feeds_total', ['operation', 'engine', 'outcome']);
  const feedDuration = histogram('feed_duration_seconds', ['operation', 'engine']);
  const attempts = counter('attempts_total', ['operation', 'version', 'role', 'outcome']);
  const attemptDuration = histogram('attempt_duration_seconds', ['operation', 'version', 'role']);
  return ({ operation, decision, answering, other, comparison }) => {
    calls.inc({ operation, version: answering.adapter, outcome: 'valid' });
    if (answering.durationMs !== null)
      callDuration.observe({ operation, version: answering.adapter }, answering.durationMs / 1000);
    decisions.inc({ operation, mode: decision.mode, reason: decision.reason });
    if (comparison !== null) comparisons.inc({ operation, verdict: comparison.verdict });
    if (other !== null) {
      feeds.inc({ operation, engine: other.engine, outcome: 'valid' });
      if (other.durationMs !== null) feedDuration.observe({ operation, engine: other.engine }, other.durationMs / 1000);
    }
    for (const arm of other === null ? [answering] : [answering, other]) {
      const role = arm.adapter === decision.adapter ? 'answering' : 'fed';
      attempts.inc({ operation, version: arm.adapter, role, outcome: 'answered' });
      if (arm.durationMs !== null)
        attemptDuration.observe({ operation, version: arm.adapter, role }, arm.durationMs / 1000);
    }
  };
}

/** Records each call in a running test. */
function abTestRecorder(): Recorder {
  const tests = new AbTestController();
  tests.createTest({ name: 'bench', v5Percent: 50, durationMs: 86_400_000 });
  return (observation) => {
    tests.recordObservation('bench', observation);
  };
}

/** The name of what listens, which its figures have. */
export type RecorderName = 'metrics' | 'ab_test' | 'metrics_and_ab_test' | 'prom_client';

const metricsRecorder = (): Recorder => createMetrics(new Registry()).observe;

function bothRecorders(): Recorder {
  const [metrics, abTest] = [metricsRecorder(), abTestRecorder()];
  return (observation) => {
    metrics(observation);
    abTest(observation);
  };
}

/** What can listen, each made anew. */
export const recorders: Readonly<Record<RecorderName, () => Recorder>> = {
  metrics: metricsRecorder,
  ab_test: abTestRecorder,
  metrics_and_ab_test: bothRecorders,
  prom_client: promClientRecorder,
};

/** Whether there is a recorder of that name. */
export const isRecorderName = (name: string): name is RecorderName => Object.hasOwn(recorders, name);
