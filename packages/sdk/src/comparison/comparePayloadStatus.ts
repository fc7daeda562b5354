import type { PayloadStatus } from '@lighthouse-compat/conversions';
import { sameValue, withDifference } from './differences.js';
import { type Comparison, comparison, match, matchUnless, noDifferences, pending } from './verdict.js';

/** What a status says about the block. */
export type Judgement = 'valid' | 'invalid' | 'undecided';

const judgements: Readonly<Record<PayloadStatus['status'], Judgement>> = {
  VALID: 'valid',
  INVALID: 'invalid',
  // From V2 on INVALID says it (execution-apis, src/engine/shanghai.md, engine_newPayloadV2).
  INVALID_BLOCK_HASH: 'invalid',
  SYNCING: 'undecided',
  ACCEPTED: 'undecided',
};

/** Reads what a status says about the block. */
export function judgementOf(payloadStatus: PayloadStatus): Judgement {
  return judgements[payloadStatus.status];
}

/**
 * Compares two engines' words about one block; `validationError` is each engine's own text and is ignored.
 *
 * With INVALID, a null `latestValidHash` contradicts no hash: null says that the ancestor is unknown, or that the payload failed before its ancestry mattered, and engines part there (EthereumJS names the parent where the specification has null for wrong versioned hashes, and answers null where it has the ancestor).
 * Two hashes contradict each other, also where one is the zero hash, which says that the ancestor is no proof-of-stake block; with VALID one of them is then foreign.
 *
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/paris.md#payload-validation
 */
export function comparePayloadStatus(v4: PayloadStatus, v5: PayloadStatus): Comparison {
  const control = judgementOf(v4);
  const candidate = judgementOf(v5);
  if (control === 'undecided' || candidate === 'undecided') return pending;
  if (control !== candidate) {
    const path = 'payloadStatus.status';
    return comparison('critical', withDifference(noDifferences, { path, v4: v4.status, v5: v5.status }));
  }
  if (!contradict(v4.latestValidHash, v5.latestValidHash)) return match;
  const path = 'payloadStatus.latestValidHash';
  const differences = withDifference(noDifferences, { path, v4: v4.latestValidHash, v5: v5.latestValidHash });
  return control === 'valid' ? comparison('critical', differences) : matchUnless(differences);
}

/** Absent counts as null, as the Engine API has it for parameters (execution-apis, src/engine/cancun.md, engine_newPayloadV3). */
function contradict(v4: string | null | undefined, v5: string | null | undefined): boolean {
  return typeof v4 === 'string' && typeof v5 === 'string' && !sameValue(v4, v5);
}
