import type { PayloadStatus } from '@lighthouse-compat/conversions';
import { type AnswerComparator, type ComparedArm, compareArms } from './compareArms.js';
import { comparePayloadStatus } from './comparePayloadStatus.js';
import type { Comparison } from './verdict.js';

const comparator: AnswerComparator<PayloadStatus> = {
  compare: comparePayloadStatus,
  payloadStatus: (answer) => answer,
};

/** Compares the two arms of a new_payload call (execution-apis, src/engine/paris.md, engine_newPayloadV1); never throws. */
export function compareNewPayload(v4: ComparedArm<PayloadStatus>, v5: ComparedArm<PayloadStatus>): Comparison {
  return compareArms(v4, v5, comparator);
}
