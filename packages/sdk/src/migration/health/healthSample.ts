import type { AdapterVersion } from '../../adapters/lighthouseApi.js';
import type { Moments } from '../../statistics/moments.js';

/** So many attempts, of which so many got no usable answer. */
export type Tally = { readonly attempts: number; readonly failures: number };

/** Whose answer the caller got, or the other engine's part in the same call: a second arm or a feed. */
export type AttemptRole = 'answering' | 'other';

/** Durations of one kind of call, as natural logarithms of milliseconds. `pairs`: of v5's part over v4's in one and the same call. */
export type SpeedStratum =
  | { readonly kind: 'pairs'; readonly name: string; readonly difference: Moments }
  | { readonly kind: 'arms'; readonly name: string; readonly v4: Moments; readonly v5: Moments };

/** Answers of both engines to the same calls. */
export type ComparisonCounts = {
  /** Both were judged: they agreed, differed or contradicted each other. */
  readonly compared: number;
  readonly differed: number;
  readonly critical: number;
  /** An engine said SYNCING or ACCEPTED. */
  readonly pending: number;
  /** One part was never sent. */
  readonly notCompared: number;
};

/** What health is judged by: one window, and what has been compared since the last reset. Errors of an engine on which both agreed, or that the caller's own abort caused, are no failures. */
export type HealthSample = {
  readonly attempts: Readonly<Record<AdapterVersion, Readonly<Record<AttemptRole, Tally>>>>;
  /** Calls by the version that their callers were answered by, or failed by. */
  readonly callers: Readonly<Record<AdapterVersion, Tally>>;
  readonly speed: readonly SpeedStratum[];
  readonly comparisons: ComparisonCounts;
  readonly comparisonsSinceReset: ComparisonCounts;
  /** Both versions share one engine: speeds do not compare, and calls are seldom made twice. */
  readonly sharedEngine: boolean;
};
