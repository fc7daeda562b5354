import type { RollbackVerification } from '../rollback/verifyRollback.js';

/** Why nothing moves up. `hold`: the step's time goes on; `pause`: the plan's time stands still until a person resumes it. */
export type Held = {
  readonly kind: 'hold' | 'pause';
  /** A person; null is the controller itself. */
  readonly by: string | null;
  readonly why: string;
  readonly sinceMs: number;
};

/** What the health checks so far add up to. */
export type Streak = {
  /** Failing checks since the last passing one; checks without a clear result neither count nor clear. */
  readonly fails: number;
  /** Since when no check has had a clear result; null after one that had. */
  readonly unsureSinceMs: number | null;
};

/** The run that a state belongs to. */
export type MigrationRun = {
  /** Null before the start. */
  readonly startedMs: number | null;
  readonly rollbacks: number;
};

type Common = { readonly held: Held | null; readonly streak: Streak; readonly run: MigrationRun };

/** Times are Unix milliseconds; `sinceMs`: since when calls go by what they go by now; `reachedMs`: when the step's own percentage was reached, null on the way there. */
type StateFacts =
  | { readonly kind: 'pre_migration' }
  /** `progress`: the share, 0 to 1, of the comparisons that the plan wants. */
  | { readonly kind: 'parallel_testing'; readonly progress: number; readonly sinceMs: number }
  /** The first step of the plan. */
  | { readonly kind: 'canary'; readonly percent: number; readonly sinceMs: number; readonly reachedMs: number | null }
  /** `step`: the place of `target` among the plan's steps, from 1. */
  | {
      readonly kind: 'gradual';
      readonly current: number;
      readonly target: number;
      readonly step: number;
      readonly sinceMs: number;
      readonly reachedMs: number | null;
    }
  /** v5 answers everything, v4 stands by, and the final validation is due. */
  | { readonly kind: 'completing'; readonly sinceMs: number }
  | { readonly kind: 'complete'; readonly sinceMs: number }
  /** v5 alone; v4 does not take over any more. */
  | { readonly kind: 'finalized'; readonly sinceMs: number }
  | { readonly kind: 'rolling_back'; readonly reason: string; readonly sinceMs: number }
  | {
      readonly kind: 'rolled_back';
      readonly reason: string;
      readonly durationMs: number;
      readonly evidence: RollbackVerification;
    }
  /** The latch holds; that v4 carries on has not been seen. */
  | {
      readonly kind: 'rollback_failed';
      readonly reason: string;
      readonly why: string;
      readonly durationMs: number;
      readonly evidence: RollbackVerification | null;
    };

/** Where a migration is. */
export type MigrationState = Common & StateFacts;

/** The name of a state. */
export type MigrationStateKind = MigrationState['kind'];

/** Nothing has been checked yet. */
export const freshStreak: Streak = Object.freeze({ fails: 0, unsureSinceMs: null });

/** Where every migration begins. */
export const initialState: MigrationState = Object.freeze({
  kind: 'pre_migration',
  held: null,
  streak: freshStreak,
  run: Object.freeze({ startedMs: null, rollbacks: 0 }),
});
