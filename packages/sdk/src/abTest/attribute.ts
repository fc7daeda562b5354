import type { ArmObservation, Observation } from '../observation.js';
import type { DecisionReason } from '../selection/select.js';
import type { AbTestSample } from './sample.js';

/** Whether a call went where it went by the split that a test is about, or by a rule that looks at the state of things; a build's getPayload follows the call that began it. */
const isBySplit: Readonly<Record<DecisionReason, boolean>> = {
  FLAG: true,
  CONFIGURED: true,
  PIN: true,
  FORK: false,
  ROLLBACK_LATCH: false,
  OUT_OF_STEP: false,
  FLAG_TIMEOUT: false,
  STANDBY_COLD: false,
};

const codesOfTheCaller: readonly string[] = ['ABORTED', 'CLOSED'];

/** Whether an arm gave an answer, or null where that was not up to it. */
function successOf({ outcome }: ArmObservation): boolean | null {
  switch (outcome.kind) {
    case 'answered':
      return true;
    case 'failed':
      return codesOfTheCaller.includes(outcome.code) ? null : false;
    case 'dropped':
      return outcome.reason === 'ABORTED' ? null : false;
    case 'unneeded':
    case 'unsupported':
      return null;
  }
}

/** The part of the version that was chosen, whichever gave the caller's answer in the end. */
function chosenPart({ decision, answering, other }: Observation): ArmObservation | null {
  if (answering.adapter === decision.adapter) return answering;
  return other?.adapter === decision.adapter ? other : null;
}

/** A call as a test sees it; `isUnit`: the split chose for this call itself, and not for an earlier one that it follows. */
export type Attributed = AbTestSample & { readonly isUnit: boolean };

/** Gives the sample that a call is of a test: of the version that the split chose, so that what v5 fails is v5's although v4 answered in its place. Null for a call that no split chose, or that ended by the caller's will. */
export function attribute(observation: Observation): Attributed | null {
  const { operation, decision, sharedEngine } = observation;
  const part = isBySplit[decision.reason] ? chosenPart(observation) : null;
  const success = part === null ? null : successOf(part);
  if (part === null || success === null) return null;
  const isTimed = !sharedEngine && part.outcome.kind === 'answered' && !part.outcome.builtHere;
  return {
    version: decision.adapter,
    operation,
    success,
    latencyMs: isTimed ? part.durationMs : null,
    sessionId: decision.targetingKey,
    isUnit: decision.reason !== 'PIN',
  };
}
