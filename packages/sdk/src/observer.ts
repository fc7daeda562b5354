import { ConversionError, type PayloadStatus, type ServedFork } from '@lighthouse-compat/conversions';
import type { ComparedArm } from './comparison/compareArms.js';
import type { Comparison } from './comparison/verdict.js';
import type { Arm, ArmResult } from './dispatch/arm.js';
import type { SettledCall } from './dispatch/orderedCall.js';
import { CompatError } from './errors.js';
import type { Listeners } from './events.js';
import type { ArmObservation, Observation, Outcome } from './observation.js';
import type { Operation } from './operation.js';
import type { Decision } from './selection/select.js';

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

function armObservation<T>({ arm, result }: { arm: Arm; result: ArmResult<T> }, view: AnswerView<T>): ArmObservation {
  return Object.freeze({
    adapter: arm.version,
    engine: arm.engine,
    durationMs: result.kind === 'answered' || result.kind === 'failed' ? result.durationMs : null,
    outcome: outcomeOf(arm, result, view),
  });
}

const frozen = (decision: Decision): Decision => {
  Object.freeze(decision.unusableFlags);
  return Object.freeze(decision);
};

/** What both said; null where one of them was not asked, because it had just said the same. */
function compareParts<T>({ v4, v5 }: NonNullable<SettledCall<T>['parts']>, view: AnswerView<T>): Comparison | null {
  return v4.kind === 'unneeded' || v5.kind === 'unneeded' ? null : view.compare(v4, v5);
}

/** Publishes one frozen observation for a call that has ended, and a divergence at once where the engines contradict each other. */
export function publishCall<T>(settled: SettledCall<T>, view: AnswerView<T>, listeners: Listeners): void {
  const { decision, answering, other, parts } = settled;
  const comparison = parts === null ? null : compareParts(parts, view);
  const observation: Observation = Object.freeze({
    operation: view.operation,
    fork: view.fork,
    decision: frozen(decision),
    fallback: settled.fallback === null ? null : Object.freeze(settled.fallback),
    answering: armObservation(answering, view),
    other: other === null ? null : armObservation(other, view),
    comparison,
    sharedEngine: answering.arm.engine === 'shared',
  });
  if (comparison?.verdict === 'critical') listeners.emit('divergence', observation);
  listeners.emit('observation', observation);
}
