import type { PayloadStatus } from '@lighthouse-compat/conversions';
import { judgementOf } from './comparePayloadStatus.js';
import { withDifference } from './differences.js';
import { errorCode } from './errorCode.js';
import { type Comparison, comparison, match, noDifferences } from './verdict.js';

/** How one arm of a call ended, as the comparators see it. */
export type ComparedArm<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Never sent. */
  | { readonly kind: 'dropped' }
  /** The arm's adapter cannot serve the call's fork. */
  | { readonly kind: 'unsupported' };

/** What an operation knows about its answers. */
export type AnswerComparator<T> = {
  readonly compare: (v4: T, v5: T) => Comparison;
  /** The engine's word about the block; null for an answer that has none. */
  readonly payloadStatus: (answer: T) => PayloadStatus | null;
};

const notCompared = comparison('not_compared');
const unsupported = comparison('unsupported');
const v4Failed = comparison('v4_error');
const v5Failed = comparison('v5_error');
const bothFailed = comparison('both_errors');

/** Compares two arms of one call: their answers as the operation does, and whatever kept one from answering by rules that are the same for every operation; never throws. */
export function compareArms<T>(
  v4: ComparedArm<T>,
  v5: ComparedArm<T>,
  { compare, payloadStatus }: AnswerComparator<T>,
): Comparison {
  if (v4.kind === 'dropped' || v5.kind === 'dropped') return notCompared;
  if (v4.kind === 'unsupported' || v5.kind === 'unsupported') return unsupported;
  switch (v4.kind) {
    case 'answered':
      return v5.kind === 'answered'
        ? compare(v4.value, v5.value)
        : (foreignHash({ failed: 'v5', error: v5.error, other: payloadStatus(v4.value) }) ?? v5Failed);
    case 'failed':
      return v5.kind === 'answered'
        ? (foreignHash({ failed: 'v4', error: v4.error, other: payloadStatus(v5.value) }) ?? v4Failed)
        : compareCodes(errorCode(v4.error), errorCode(v5.error));
  }
}

/** Compares codes, never messages; engines refuse one call of the wrong fork with -32602 or with -38005 (go-ethereum the former, reth the latter), which is one refusal. */
function compareCodes(v4: string, v5: string): Comparison {
  if (v4 === v5) return bothFailed;
  if (refusesFork(v4) && refusesFork(v5)) return match;
  return comparison('both_errors', withDifference(noDifferences, { path: 'code', v4, v5 }));
}

function refusesFork(code: string): boolean {
  return code === 'INVALID_PARAMS' || code === 'ENGINE_UNSUPPORTED_FORK';
}

/** Gives `critical` where one arm answered VALID for a foreign hash and the other judged the block: then an engine is wrong about it. */
function foreignHash(arms: {
  readonly failed: 'v4' | 'v5';
  readonly error: unknown;
  readonly other: PayloadStatus | null;
}): Comparison | undefined {
  const { failed, error, other } = arms;
  const code = errorCode(error);
  if (code !== 'FOREIGN_LATEST_VALID_HASH' || other === null || judgementOf(other) === 'undecided') return undefined;
  const path = 'payloadStatus.status';
  const difference = failed === 'v4' ? { path, v4: code, v5: other.status } : { path, v4: other.status, v5: code };
  return comparison('critical', withDifference(noDifferences, difference));
}
