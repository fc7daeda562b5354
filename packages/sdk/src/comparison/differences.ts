import { createHash } from 'node:crypto';
import type { Difference } from './verdict.js';

/** A field as the comparators see it: text (hex, a code, a status), an integer, or nothing. */
export type FieldValue = string | bigint | null;

/** A list of differences grows no longer than this. */
export const maxDifferences = 16;

const maxShownCharacters = 128;

/** Gives the list with one more difference, frozen; a full list stays as it is. */
export function withDifference(
  differences: readonly Difference[],
  difference: { readonly path: string; readonly v4: FieldValue; readonly v5: FieldValue },
): readonly Difference[] {
  if (differences.length >= maxDifferences) return differences;
  const { path, v4, v5 } = difference;
  return Object.freeze([...differences, Object.freeze({ path, v4: shown(v4), v5: shown(v5) })]);
}

/** Tells whether two fields hold the same; the case of hex is ignored (DATA, execution-apis, src/engine/common.md). */
export function sameValue(v4: FieldValue, v5: FieldValue): boolean {
  if (v4 === v5) return true;
  // Equal text is the rule, so that folding, which allocates, is left to text of one length that differs.
  if (typeof v4 !== 'string' || typeof v5 !== 'string' || v4.length !== v5.length) return false;
  return v4.toLowerCase() === v5.toLowerCase();
}

function shown(value: FieldValue): string {
  const text = String(value);
  if (text.length <= maxShownCharacters) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')} (${text.length} chars)`;
}
