import { ConversionError, type PayloadStatus, type ServedFork } from '@lighthouse-compat/conversions';
import type { ComparedArm } from './comparison/compareArms.js';
import type { Comparison } from './comparison/verdict.js';
import type { Arm, ArmResult, Spoken } from './dispatch/arm.js';
import type { SettledCall } from './dispatch/orderedCall.js';
import { CompatError } from './errors.js';
import type { CompatListeners } from './events.js';
import type { ArmObservation, Observation, Outcome } from './observation.js';
import type { Operation } from './operation.js';
import type { CallCounter } from './stats.js';

/** What an operation knows about its own answers. */
export type AnswerView<T> = {
  readonly operation: Operation;
  readonly fork: ServedFork;
  statusOf(value: T): PayloadStatus['status'] | null;
  builtHere(arm: Arm): boolean;
  compare(v4: ComparedArm<T>, v5: ComparedArm<T>): Comparison;
};

/** The stable code of whatever a part failed with. */
export const codeOf = (error: unknown): string =>
  error instanceof CompatError || error instanceof ConversionError ? error.code : 'INTERNAL';

const validOutcome: Outcome = Object.freeze({ kind: 'answered', status: 'VALID', builtHere: false });

/** Nearly every answer is the same one, which is made once. */
const answered = (status: PayloadStatus['status'] | null, builtHere: boolean): Outcome =>
  status === 'VALID' && !builtHere ? validOutcome : Object.freeze({ kind: 'answered', status, builtHere });

function outcomeOf<T>(arm: Arm, result: ArmResult<T>, view: AnswerView<T>): Outcome {
  switch (result.kind) {
    case 'answered':
      return answered(view.statusOf(result.value), view.builtHere(arm));
    case 'failed':
      return Object.freeze({ kind: 'failed', code: codeOf(result.error) });
    case 'dropped':
      return Object.freeze({ kind: 'dropped', reason: result.reason });
    case 'unneeded':
    case 'unsupported':
      return Object.freeze({ kind: result.kind });
  }
}

/**
 * A result and what is made of it, without a duration.
 *
 * V8 keeps a field that has held null as a reference; one that has held numbers alone is copied, 16 bytes each time, whenever it is read for a function (`pnpm bench observe`). It forgets that with the last object that had the field, so that these two stay.
 */
const timeless: { readonly result: Spoken<null>; observation: ArmObservation | null } = {
  result: { kind: 'answered', value: null, durationMs: null },
  observation: null,
};

function armObservation<T>({ arm, result }: { arm: Arm; result: ArmResult<T> }, view: AnswerView<T>): ArmObservation {
  return Object.freeze({
    adapter: arm.version,
    engine: arm.engine,
    durationMs: result.kind === 'answered' || result.kind === 'failed' ? result.durationMs : timeless.result.durationMs,
    outcome: outcomeOf(arm, result, view),
  });
}

timeless.observation = armObservation({ arm: { version: 'v4', engine: 'v4' } as Arm, result: timeless.result }, {
  statusOf: () => null,
  builtHere: () => false,
} as unknown as AnswerView<null>);

/** What both said; null where one of them was not asked, because it had just said the same. */
function compareParts<T>({ v4, v5 }: NonNullable<SettledCall<T>['parts']>, view: AnswerView<T>): Comparison | null {
  return v4.kind === 'unneeded' || v5.kind === 'unneeded' ? null : view.compare(v4, v5);
}

/** Who hears of calls that have ended. */
export type Observers = { readonly listeners: CompatListeners; readonly counter: CallCounter };

/** Counts a call that has ended, and publishes one frozen observation of it where anyone listens; a divergence at once where the engines contradict each other. */
export function publishCall<T>(settled: SettledCall<T>, view: AnswerView<T>, { listeners, counter }: Observers): void {
  const { parts } = settled;
  const comparison = parts === null ? null : compareParts(parts, view);
  counter.count(view.operation, settled, comparison);
  const isCritical = comparison?.verdict === 'critical' && listeners.has('divergence');
  if (!isCritical && !listeners.has('observation')) return;
  const observation = observationOf(settled, view, comparison);
  if (isCritical) listeners.emit('divergence', observation);
  listeners.emit('observation', observation);
}

function observationOf<T>(
  { decision, fallback, answering, other, bothWhole }: SettledCall<T>,
  view: AnswerView<T>,
  comparison: Comparison | null,
): Observation {
  return Object.freeze({
    operation: view.operation,
    fork: view.fork,
    decision,
    fallback: fallback === null ? null : Object.freeze(fallback),
    answering: armObservation(answering, view),
    other: other === null ? null : armObservation(other, view),
    comparison,
    bothWhole: other !== null && bothWhole,
    sharedEngine: answering.arm.engine === 'shared',
  });
}
