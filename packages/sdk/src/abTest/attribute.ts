import type { ArmObservation, Observation } from '../observation.js';
import type { DecisionReason } from '../selection/select.js';

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

/** Whether a part gave an answer, or null where that was not up to it. */
export function successOf({ outcome }: ArmObservation): boolean | null {
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

/** Gives the part that a call is of a test by: that of the version that the split chose, so that what v5 fails is v5's although v4 answered in its place. Null for a call that no split chose. */
export function chosenPart({ decision, answering, other }: Observation): ArmObservation | null {
  if (!isBySplit[decision.reason]) return null;
  if (answering.adapter === decision.adapter) return answering;
  return other?.adapter === decision.adapter ? other : null;
}

/** Whether the split chose for this call itself, and not for an earlier one that it follows. */
export const isUnit = ({ decision }: Observation): boolean => decision.reason !== 'PIN';
