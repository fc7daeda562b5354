import type { Registry } from 'prom-client';
import { attemptOf, comparableMs } from '../attempt.js';
import type { ArmObservation, Observation, Outcome } from '../observation.js';
import * as table from './callTable.js';
import { counterOn } from './counter.js';
import { histogramOn } from './histogram.js';
import type { Place } from './label.js';
import * as labels from './labels.js';

type FeedOutcome = (typeof labels.feedOutcome)['values'][number];
type ErrorCode = (typeof labels.errorCode)['values'][number];
type Status = NonNullable<Extract<Outcome, { kind: 'answered' }>['status']>;

// Looked up and not made: a text in lower case would be made anew for each call.
const statusOutcome: Readonly<Record<Status, labels.AnswerOutcome>> = {
  VALID: 'valid',
  INVALID: 'invalid',
  SYNCING: 'syncing',
  ACCEPTED: 'accepted',
  INVALID_BLOCK_HASH: 'invalid_block_hash',
};
const dropOutcome = { LANE_FULL: 'lane_full', ABORTED: 'aborted', BOUNDS_FULL: 'bounds_full' } as const;

function outcomeOf(outcome: Outcome): FeedOutcome {
  switch (outcome.kind) {
    case 'answered':
      return outcome.status === null ? 'ok' : statusOutcome[outcome.status];
    case 'failed':
      return 'error';
    case 'dropped':
      return dropOutcome[outcome.reason];
    case 'unneeded':
    case 'unsupported':
      return outcome.kind;
  }
}

/** Makes a listener that counts observations on a registry: each label's place is looked up once a call, and the rest are additions to numbers that are there already. */
export function createCallMetrics(registry: Registry): (observation: Observation) => void {
  const calls = counterOn(registry, table.calls);
  const callDuration = histogramOn(registry, table.callDuration);
  const decisions = counterOn(registry, table.decisions);
  const fallbacks = counterOn(registry, table.fallbacks);
  const feeds = counterOn(registry, table.feeds);
  const feedDuration = histogramOn(registry, table.feedDuration);
  const droppedSends = counterOn(registry, table.droppedSends);
  const attempts = counterOn(registry, table.attempts);
  const attemptDuration = histogramOn(registry, table.attemptDuration);
  const comparisons = counterOn(registry, table.comparisons);
  const divergences = counterOn(registry, table.divergences);
  const errors = counterOn(registry, table.errors);
  const unusableFlags = counterOn(registry, table.unusableFlags);

  const [answeringRole, fedRole] = [labels.role.placeOf('answering'), labels.role.placeOf('fed')];
  /** By position: an object of places would be made twice a call. */
  function countArm(
    observation: Observation,
    arm: ArmObservation,
    operation: Place<Observation['operation']>,
    version: Place<ArmObservation['adapter']>,
    engine: Place<ArmObservation['engine']>,
  ): void {
    const { adapter, outcome } = arm;
    const role = adapter === observation.decision.adapter ? answeringRole : fedRole;
    const attempt = attemptOf(arm);
    if (attempt !== null) attempts.inc(operation, version, role, labels.attemptOutcome.placeOf(attempt));
    const durationMs = comparableMs(arm, observation.sharedEngine);
    if (durationMs !== null) attemptDuration.observe(durationMs, operation, version, role);
    if (outcome.kind === 'failed') errors.inc(operation, engine, labels.errorCode.placeOf(outcome.code as ErrorCode));
    if (outcome.kind === 'dropped') droppedSends.inc(engine, labels.dropReason.placeOf(dropOutcome[outcome.reason]));
  }

  return (observation) => {
    const { decision, fallback, answering, other, comparison } = observation;
    const operation = labels.operation.placeOf(observation.operation);
    const version = labels.version.placeOf(answering.adapter);
    // What the caller got is an answer or an error: nothing else is ever given.
    const outcome = labels.answerOutcome.placeOf(outcomeOf(answering.outcome) as labels.AnswerOutcome);
    calls.inc(operation, version, outcome);
    if (answering.durationMs !== null) callDuration.observe(answering.durationMs, operation, version);
    decisions.inc(operation, labels.mode.placeOf(decision.mode), labels.decisionReason.placeOf(decision.reason));
    countArm(observation, answering, operation, version, labels.engine.placeOf(answering.engine));
    if (fallback !== null) fallbacks.inc(operation, labels.fallbackCause.placeOf(fallback.cause));
    // Asked first, since an iterator is an object for each call and nearly always there is nothing to go through.
    if (decision.unusableFlags.length > 0)
      for (const { problem } of decision.unusableFlags) unusableFlags.inc(labels.flagProblem.placeOf(problem));
    if (comparison !== null) {
      comparisons.inc(operation, labels.verdict.placeOf(comparison.verdict));
      if (comparison.verdict === 'critical') divergences.inc(operation);
    }
    if (other === null) return;
    const engine = labels.engine.placeOf(other.engine);
    feeds.inc(operation, engine, labels.feedOutcome.placeOf(outcomeOf(other.outcome)));
    if (other.durationMs !== null) feedDuration.observe(other.durationMs, operation, engine);
    countArm(observation, other, operation, labels.version.placeOf(other.adapter), engine);
  };
}
