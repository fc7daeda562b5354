import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { Verdict } from '../comparison/verdict.js';
import type { Operation } from '../operation.js';
import type { DurationFigures } from './durations.js';
import type { Recommendation } from './recommendation.js';
import type { TimelineFigures } from './timeline.js';

/** What one version was sent of one operation, and how it did. */
export type SideFigures = {
  /** Sends that ended with an answer or a failure, whether the answer counted or not. */
  readonly sent: number;
  readonly failed: number;
  /** By error code. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of answers that were executed: none from a cache, none of a shared engine; null where there was none. */
  readonly durations: DurationFigures | null;
};

/** What happened, in numbers that JSON can hold. */
export type ReportFigures = {
  /** Unix time of the first and the last call, in milliseconds; null without a call. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly calls: number;
  /** Calls by the version that answered, and of these the ones that failed for the caller. */
  readonly answeredBy: Readonly<Record<AdapterVersion, { readonly calls: number; readonly failed: number }>>;
  /** By the error code of v5's failure. */
  readonly fallbacks: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly operations: Readonly<Record<Operation, Readonly<Record<AdapterVersion, SideFigures>>>>;
  readonly timeline: TimelineFigures;
};

/** v4 against v5, and what follows from it. */
export type Report = ReportFigures & {
  readonly kind: 'lighthouse-compat-report';
  readonly recommendation: Recommendation;
};
