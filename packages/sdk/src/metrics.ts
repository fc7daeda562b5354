import { Counter, Histogram, type Registry } from 'prom-client';
import type { EngineName } from './engine/engineClient.js';
import type { ArmObservation, Observation, Outcome } from './observation.js';
import type { ReplayOutcome } from './replay/engineReplay.js';
import type { EngineState } from './selection/engineStates.js';

/** From 1 ms to the 8 s after which the Engine API's longest calls are given up. */
const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8];

function outcomeLabel(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'answered':
      return outcome.status?.toLowerCase() ?? 'ok';
    case 'failed':
      return 'error';
    case 'dropped':
      return outcome.reason.toLowerCase();
    case 'unneeded':
    case 'unsupported':
      return outcome.kind;
  }
}

/** A metric of this name on the registry may be another instance's in the same process: both then count together. */
function existingOr<M>(registry: Registry, name: string, make: () => M): M {
  return (registry.getSingleMetric(name) as M | undefined) ?? make();
}

/** Counts observations and what else the SDK tells on the caller's registry. */
export type Metrics = {
  observe(observation: Observation): void;
  standbyChanged(state: EngineState): void;
  replayed(engine: EngineName, outcome: ReplayOutcome, payloads: number): void;
  unknownField(method: string): void;
  listenerError(event: string): void;
};

/** Registers the SDK's metrics. Every label takes a fixed set of values. */
export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    existingOr(registry, name, () => new Counter({ name, help, labelNames, registers }));
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> =>
    existingOr(
      registry,
      name,
      () => new Histogram({ name, help, labelNames, registers, buckets: durationBucketsSeconds }),
    );

  const calls = counter('lighthouse_compat_calls_total', 'Calls by the version that answered and how it ended.', [
    'operation',
    'version',
    'outcome',
  ]);
  const callSeconds = histogram(
    'lighthouse_compat_call_duration_seconds',
    'Time from the send to the answer that the caller got.',
    ['operation', 'version'],
  );
  const decisions = counter('lighthouse_compat_decisions_total', 'Decisions by mode and reason.', [
    'operation',
    'mode',
    'reason',
  ]);
  const fallbacks = counter(
    'lighthouse_compat_fallbacks_total',
    "Calls that got v4's answer because v5's failed, by cause.",
    ['operation', 'cause'],
  );
  const feeds = counter(
    'lighthouse_compat_feeds_total',
    'The other part of each call: sent to the engine that does not answer, so that it keeps up.',
    ['operation', 'engine', 'outcome'],
  );
  const feedSeconds = histogram(
    'lighthouse_compat_feed_duration_seconds',
    'Time from the send to the answer of a fed engine.',
    ['operation', 'engine'],
  );
  const comparisons = counter(
    'lighthouse_compat_comparisons_total',
    'Calls of which both engines had a part, by what comparing the answers told.',
    ['operation', 'verdict'],
  );
  const errors = counter('lighthouse_compat_errors_total', 'Failed sends by error code.', [
    'operation',
    'engine',
    'code',
  ]);
  const unusableFlags = counter(
    'lighthouse_compat_unusable_flags_total',
    'Flag values that could not be used and counted as off.',
    ['problem'],
  );
  const unknownFields = counter(
    'lighthouse_compat_unknown_answer_fields_total',
    'Fields of answers that the specification does not know, each once.',
    ['method'],
  );
  const standbyChanges = counter(
    'lighthouse_compat_standby_changes_total',
    'How often an engine came into a state: in_step, out_of_step, lost, or unfed.',
    ['engine', 'state'],
  );
  const replays = counter('lighthouse_compat_replays_total', 'Attempts to bring an engine back, by how they ended.', [
    'engine',
    'outcome',
  ]);
  const replayedPayloads = counter(
    'lighthouse_compat_replayed_payloads_total',
    'Payloads that an engine was given to bring it back.',
    ['engine'],
  );
  const listenerErrors = counter('lighthouse_compat_listener_errors_total', 'Listeners that threw.', ['event']);

  const countError = (operation: string, { engine, outcome }: ArmObservation): void => {
    if (outcome.kind === 'failed') errors.inc({ operation, engine, code: outcome.code });
  };

  return {
    observe({ operation, decision, fallback, answering, other, comparison }) {
      calls.inc({ operation, version: answering.adapter, outcome: outcomeLabel(answering.outcome) });
      if (answering.durationMs !== null)
        callSeconds.observe({ operation, version: answering.adapter }, answering.durationMs / 1000);
      countError(operation, answering);
      decisions.inc({ operation, mode: decision.mode, reason: decision.reason });
      if (fallback !== null) fallbacks.inc({ operation, cause: fallback.cause });
      for (const { problem } of decision.unusableFlags) unusableFlags.inc({ problem });
      if (comparison !== null) comparisons.inc({ operation, verdict: comparison.verdict });
      if (other === null) return;
      feeds.inc({ operation, engine: other.engine, outcome: outcomeLabel(other.outcome) });
      if (other.durationMs !== null) feedSeconds.observe({ operation, engine: other.engine }, other.durationMs / 1000);
      countError(operation, other);
    },
    standbyChanged: ({ engine, state }) => standbyChanges.inc({ engine, state }),
    replayed(engine, outcome, payloads) {
      replays.inc({ engine, outcome });
      replayedPayloads.inc({ engine }, payloads);
    },
    unknownField: (method) => unknownFields.inc({ method }),
    listenerError: (event) => listenerErrors.inc({ event }),
  };
}
