import type { AdapterVersion } from './adapters/lighthouseApi.js';
import type { Comparison, Difference, Verdict } from './comparison/verdict.js';
import type { SettledCall } from './dispatch/orderedCall.js';
import type { Operation } from './operation.js';

/** A call whose two answers differed. */
export type DivergenceSample = {
  readonly operation: Operation;
  readonly targetingKey: string | null;
  readonly verdict: Verdict;
  readonly differences: readonly Difference[];
};

/** What has happened so far, in calls. */
export type CallCounts = {
  readonly answered: Readonly<Record<AdapterVersion, number>>;
  readonly failed: Readonly<Record<AdapterVersion, number>>;
  /** Calls that got v4's answer because v5's failed. */
  readonly fallbacks: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** The newest calls whose answers differed. */
  readonly samples: readonly DivergenceSample[];
};

const maxSamples = 32;

const samplesOf: ReadonlySet<Verdict> = new Set<Verdict>(['mismatch', 'critical', 'both_errors']);

/** Counts calls that have ended. */
export type CallCounter = {
  /** `comparison` is null where nothing was compared. The call as it has ended: an object of what is counted would be made for each. */
  count(operation: Operation, call: SettledCall<unknown>, comparison: Comparison | null): void;
  counts(): CallCounts;
};

/** Makes a counter; what it keeps is bounded. */
export function createCallCounter(): CallCounter {
  const answered = { v4: 0, v5: 0 };
  const failed = { v4: 0, v5: 0 };
  const verdicts: Record<Verdict, number> = {
    match: 0,
    pending: 0,
    mismatch: 0,
    critical: 0,
    v4_error: 0,
    v5_error: 0,
    both_errors: 0,
    unsupported: 0,
    not_compared: 0,
  };
  let fallbacks = 0;
  const samples: DivergenceSample[] = [];
  return {
    count(operation, { decision, fallback, answering: { arm, result } }, comparison) {
      if (fallback !== null) fallbacks += 1;
      const counts = result.kind === 'answered' ? answered : failed;
      counts[arm.version] += 1;
      if (comparison === null) return;
      const { verdict, differences } = comparison;
      verdicts[verdict] += 1;
      if (!samplesOf.has(verdict) || differences.length === 0) return;
      samples.push(Object.freeze({ operation, targetingKey: decision.targetingKey, verdict, differences }));
      if (samples.length > maxSamples) samples.shift();
    },
    counts() {
      return {
        answered: { ...answered },
        failed: { ...failed },
        fallbacks,
        verdicts: { ...verdicts },
        samples: [...samples],
      };
    },
  };
}
