import type { ExecutionPayload, PayloadEnvelope, Withdrawal } from '@lighthouse-compat/conversions';
import { type AnswerComparator, type ComparedArm, compareArms } from './compareArms.js';
import { maxDifferences, sameValue, withDifference } from './differences.js';
import { type Comparison, type Difference, matchUnless, noDifferences } from './verdict.js';

// What the head and the attributes fix (an engine may have a feeRecipient of its own, which is then a mismatch worth seeing); everything else depends on the transactions, which each engine picks for itself.
const payloadFields = [
  'parentHash',
  'blockNumber',
  'timestamp',
  'prevRandao',
  'feeRecipient',
] as const satisfies readonly (keyof ExecutionPayload)[];

const withdrawalFields = [
  'index',
  'validatorIndex',
  'address',
  'amount',
] as const satisfies readonly (keyof Withdrawal)[];

const comparator: AnswerComparator<PayloadEnvelope> = {
  compare: comparePayloads,
  payloadStatus: () => null,
};

/** Compares the two arms of a get_payload call, twins built on one head with equal attributes (execution-apis, src/engine/paris.md, "Payload building"); never throws. */
export function compareGetPayload(v4: ComparedArm<PayloadEnvelope>, v5: ComparedArm<PayloadEnvelope>): Comparison {
  return compareArms(v4, v5, comparator);
}

function comparePayloads(v4: PayloadEnvelope, v5: PayloadEnvelope): Comparison {
  const control = v4.executionPayload;
  const candidate = v5.executionPayload;
  let differences = noDifferences;
  for (const field of payloadFields) {
    if (sameValue(control[field], candidate[field])) continue;
    const path = `executionPayload.${field}`;
    differences = withDifference(differences, { path, v4: control[field], v5: candidate[field] });
  }
  return matchUnless(compareWithdrawals(differences, control.withdrawals, candidate.withdrawals));
}

/** Adds to the differences those of the withdrawals: their absence, which is not an empty list, their count, and the fields of those that both have. */
function compareWithdrawals(
  found: readonly Difference[],
  v4: readonly Withdrawal[] | undefined,
  v5: readonly Withdrawal[] | undefined,
): readonly Difference[] {
  const list = 'executionPayload.withdrawals';
  if (v4 === undefined || v5 === undefined) {
    return v4 === v5 ? found : withDifference(found, { path: list, v4: presence(v4), v5: presence(v5) });
  }
  let differences = found;
  if (v4.length !== v5.length) {
    const path = `${list}.length`;
    differences = withDifference(differences, { path, v4: String(v4.length), v5: String(v5.length) });
  }
  for (let index = 0; index < v4.length && differences.length < maxDifferences; index += 1) {
    const control = v4[index];
    const candidate = v5[index];
    if (control === undefined || candidate === undefined) break;
    for (const field of withdrawalFields) {
      if (sameValue(control[field], candidate[field])) continue;
      const path = `${list}[${index}].${field}`;
      differences = withDifference(differences, { path, v4: control[field], v5: candidate[field] });
    }
  }
  return differences;
}

function presence(withdrawals: readonly Withdrawal[] | undefined): 'present' | 'absent' {
  return withdrawals === undefined ? 'absent' : 'present';
}
