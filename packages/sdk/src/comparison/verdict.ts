/** What comparing two arms of one call tells; see {@link Comparison} for what a verdict carries. */
export type Verdict =
  /** Both arms mean the same. */
  | 'match'
  /** An engine has not judged the block yet (SYNCING or ACCEPTED): not comparable, and never a mismatch. */
  | 'pending'
  /** The arms agree about the block and differ in something else. */
  | 'mismatch'
  /** VALID against INVALID, or VALID for a hash that was not asked about. */
  | 'critical'
  /** Only v4's arm failed. */
  | 'v4_error'
  /** Only v5's arm failed. */
  | 'v5_error'
  /** Both arms failed; without a difference their codes agree. */
  | 'both_errors'
  /** An arm's adapter cannot serve the call's fork. */
  | 'unsupported'
  /** An arm was never sent. */
  | 'not_compared';

/** One place where the arms differ: its path, as in `executionPayload.withdrawals[2].amount`, and what stands there in each, as text of at most 128 characters. */
export type Difference = {
  readonly path: string;
  readonly v4: string;
  readonly v5: string;
};

/** A verdict and, with `mismatch`, `critical` and `both_errors`, what differs. */
export type Comparison = {
  readonly verdict: Verdict;
  readonly differences: readonly Difference[];
};

/** No difference. */
export const noDifferences: readonly Difference[] = Object.freeze([]);

/** Makes a frozen comparison. */
export function comparison(verdict: Verdict, differences: readonly Difference[] = noDifferences): Comparison {
  return Object.freeze({ verdict, differences });
}

/** The comparison of arms that mean the same: one object for all of them, since most calls end with it. */
export const match: Comparison = comparison('match');

/** The comparison of arms of which one has not judged the block yet. */
export const pending: Comparison = comparison('pending');

/** Gives `mismatch` where anything differs, else the shared `match`. */
export function matchUnless(differences: readonly Difference[]): Comparison {
  return differences.length === 0 ? match : comparison('mismatch', differences);
}
