import type { ForkchoiceUpdatedResult, PayloadId } from '@lighthouse-compat/conversions';
import { type AnswerComparator, type ComparedArm, compareArms } from './compareArms.js';
import { comparePayloadStatus } from './comparePayloadStatus.js';
import { withDifference } from './differences.js';
import { type Comparison, matchUnless } from './verdict.js';

const payloadStatus = (answer: ForkchoiceUpdatedResult) => answer.payloadStatus;

const statusComparator: AnswerComparator<ForkchoiceUpdatedResult> = {
  compare: (v4, v5) => comparePayloadStatus(v4.payloadStatus, v5.payloadStatus),
  payloadStatus,
};

const statusAndPayloadIdComparator: AnswerComparator<ForkchoiceUpdatedResult> = {
  compare: compareStatusAndPayloadId,
  payloadStatus,
};

/** Compares the two arms of a forkchoice_updated call; `comparePayloadIds` only where both engines were given the attributes. Never throws. */
export function compareForkchoiceUpdated(
  v4: ComparedArm<ForkchoiceUpdatedResult>,
  v5: ComparedArm<ForkchoiceUpdatedResult>,
  { comparePayloadIds }: { readonly comparePayloadIds: boolean },
): Comparison {
  return compareArms(v4, v5, comparePayloadIds ? statusAndPayloadIdComparator : statusComparator);
}

/** Compares of the payloadId only whether there is one: each engine makes up its own (execution-apis, src/engine/paris.md, "Payload building"). */
function compareStatusAndPayloadId(v4: ForkchoiceUpdatedResult, v5: ForkchoiceUpdatedResult): Comparison {
  const status = comparePayloadStatus(v4.payloadStatus, v5.payloadStatus);
  if (status.verdict !== 'match' && status.verdict !== 'mismatch') return status;
  const control = presence(v4.payloadId);
  const candidate = presence(v5.payloadId);
  if (control === candidate) return status;
  return matchUnless(withDifference(status.differences, { path: 'payloadId', v4: control, v5: candidate }));
}

function presence(payloadId: PayloadId | null | undefined): 'present' | 'absent' {
  return typeof payloadId === 'string' ? 'present' : 'absent';
}
