import type { AdapterVersion } from '../../adapters/lighthouseApi.js';
import type { ArmObservation, Observation } from '../../observation.js';
import type { Operation } from '../../operation.js';
import type { AttemptRole, HealthSample } from './healthSample.js';

/** Work of one kind, whose durations compare: a whole call, or the answering part of one whose other part left the attributes out. */
export type Stratum = Operation | 'forkchoice_updated_alone' | 'get_payload_alone';

/** Whose durations: of one and the same call at both engines, as v5's over v4's, or of either version by itself. */
export type Timed = 'pairs' | AdapterVersion;

/** Where attempts are added up. By position: an object would be made for each call. */
export interface AttemptTotals {
  attempt(version: AdapterVersion, role: AttemptRole, isFailed: boolean): void;
}

/** Where durations are added up. */
export interface DurationTotals {
  /** The natural logarithm of `ms` over `perMs`: of milliseconds over 1, or of v5's over v4's. Both are given as they are: the logarithm would be made an object on its way. */
  duration(stratum: Stratum, timed: Timed, ms: number, perMs: number): void;
}

/** The answering part of a call whose other part did less: a payload has no attributes to leave out. */
const aloneStratum: Readonly<Record<Operation, Stratum>> = {
  new_payload: 'new_payload',
  forkchoice_updated: 'forkchoice_updated_alone',
  get_payload: 'get_payload_alone',
};

/** Failures that say nothing about an engine: the caller's abort, the end of the instance, what a caller asked wrongly, and what neither engine can serve. */
const notTheEngines = new Set([
  'ABORTED',
  'CLOSED',
  'FORKCHOICE_SUPERSEDED',
  'INVALID_PARAMS',
  'INVALID_FORKCHOICE_STATE',
  'INVALID_PAYLOAD_ATTRIBUTES',
  'ENGINE_UNSUPPORTED_FORK',
  'TOO_LARGE_REQUEST',
  'TOO_DEEP_REORG',
  'UNSUPPORTED_FORK',
]);

type Attempted = Pick<ArmObservation, 'adapter' | 'outcome'>;

/** Whether a part was an attempt, and one that failed: null where it says nothing about its engine. */
function isFailedAttempt({ outcome }: Attempted, agreed: boolean): boolean | null {
  if (outcome.kind === 'answered') return false;
  return outcome.kind === 'failed' && !agreed && !notTheEngines.has(outcome.code) ? true : null;
}

type TimedArm = ArmObservation & { readonly durationMs: number };

/** Whether the duration of a part may be held against another engine's. */
const isTimed = (arm: ArmObservation | null): arm is TimedArm =>
  arm !== null &&
  arm.durationMs !== null &&
  arm.durationMs > 0 &&
  arm.durationMs < Number.POSITIVE_INFINITY &&
  arm.outcome.kind === 'answered' &&
  !arm.outcome.builtHere;

/** Adds the durations of a call that compare. */
export function countDurations(
  totals: DurationTotals,
  { operation, answering, other, bothWhole, sharedEngine }: Observation,
): void {
  if (sharedEngine) return;
  const isOtherTimed = isTimed(other);
  if (isTimed(answering)) {
    // Both did the same work for the same call: the sharpest comparison that there is.
    if (bothWhole && isOtherTimed) {
      if (answering.adapter === 'v5') totals.duration(operation, 'pairs', answering.durationMs, other.durationMs);
      else totals.duration(operation, 'pairs', other.durationMs, answering.durationMs);
      return;
    }
    // A part that left the attributes out is less work than one that builds.
    const stratum = bothWhole ? operation : aloneStratum[operation];
    totals.duration(stratum, answering.adapter, answering.durationMs, 1);
  }
  if (isOtherTimed && operation === 'new_payload') totals.duration(operation, other.adapter, other.durationMs, 1);
}

/** Adds the attempts of a call: how long they took is no part of it. */
export function countAttempts(
  totals: AttemptTotals,
  {
    answering,
    other,
    comparison,
  }: Pick<Observation, 'comparison'> & { readonly answering: Attempted; readonly other: Attempted | null },
): void {
  // Both engines refuse the call alike: it is the call that is at fault.
  const agreed = comparison?.verdict === 'both_errors' && comparison.differences.length === 0;
  const isFailed = isFailedAttempt(answering, agreed);
  if (isFailed !== null) totals.attempt(answering.adapter, 'answering', isFailed);
  const isOtherFailed = other === null ? null : isFailedAttempt(other, agreed);
  if (other !== null && isOtherFailed !== null) totals.attempt(other.adapter, 'other', isOtherFailed);
}

/** Adds what a call says about the engines: the one rule, part by part, for the process's own sample and for what a fleet's is scraped from. */
export function countHealth(totals: AttemptTotals & DurationTotals, observation: Observation): void {
  countAttempts(totals, observation);
  countDurations(totals, observation);
}

/** Calls by the version that their callers were answered by, or failed by: its answering attempts are these. */
export const callersOf = ({ v4, v5 }: HealthSample['attempts']): HealthSample['callers'] => ({
  v4: v4.answering,
  v5: v5.answering,
});
