import type { RollbackVerification } from '../rollback/verifyRollback.js';
import type { HealthCheck } from './health/healthCheck.js';
import type { Adoption } from './target.js';

/** What keeps the plan from moving up, for as long as it lasts. */
export type BlockerCode =
  | 'V4_NOT_IN_STEP'
  | 'V5_NOT_IN_STEP'
  | 'PAST_FORK'
  | 'FORK_NEAR'
  | 'FLAGS_UNKNOWN'
  | 'DRIFT'
  | 'NOT_APPLIED'
  | 'NOT_READY';

/** One thing that is in the way, in words for a person. */
export type Blocker = { readonly code: BlockerCode; readonly why: string };

/** What is the case around the migration when something is decided. */
export type MigrationFacts = {
  /** Whether v4's engine has everything that v5's has, so that it can take over. */
  readonly v4InStep: boolean;
  /** The chain is at Cancun: v4 cannot serve it any more. */
  readonly isPastFork: boolean;
  /** What else is in the way. */
  readonly blockers: readonly Blocker[];
};

/** How far the parallel phase is, counted since it began. */
export type ParallelCounts = {
  readonly compared: number;
  /** Calls that should have been compared and were not. */
  readonly notCompared: number;
  readonly differed: number;
  readonly critical: number;
};

/** Everything that can happen to a migration; `by` is a person, or null where the controller acts by itself. */
export type MigrationEvent =
  | { readonly type: 'start'; readonly by: string; readonly facts: MigrationFacts }
  | {
      readonly type: 'check';
      readonly check: HealthCheck;
      readonly facts: MigrationFacts;
      /** Needed in the parallel phase; null elsewhere. */
      readonly parallel: ParallelCounts | null;
    }
  | { readonly type: 'hold'; readonly by: string; readonly why: string }
  | { readonly type: 'release'; readonly by: string }
  | { readonly type: 'pause'; readonly by: string; readonly why: string }
  | { readonly type: 'resume'; readonly by: string }
  | { readonly type: 'promote'; readonly by: string; readonly facts: MigrationFacts }
  | {
      readonly type: 'rollback';
      readonly by: string;
      readonly reason: string;
      /** Also where v4's engine is not known to be in step. */
      readonly force: boolean;
      readonly facts: MigrationFacts;
    }
  | { readonly type: 'abort'; readonly by: string; readonly force: boolean; readonly facts: MigrationFacts }
  /** The process was latched by somebody else: what is left is to verify and record it. */
  | { readonly type: 'latched'; readonly reason: string }
  | { readonly type: 'verified'; readonly durationMs: number; readonly evidence: RollbackVerification }
  | {
      readonly type: 'unverified';
      readonly why: string;
      readonly durationMs: number;
      readonly evidence: RollbackVerification | null;
    }
  | { readonly type: 'retry'; readonly by: string }
  | { readonly type: 'clear'; readonly by: string; readonly reason: string }
  | { readonly type: 'finalize'; readonly by: string; readonly facts: MigrationFacts }
  /** What a person has set elsewhere is what the migration is to go by. */
  | { readonly type: 'adopt'; readonly by: string; readonly found: Adoption }
  /** What the migration goes by is to be written over what a person has set. */
  | { readonly type: 'reset'; readonly by: string };

/** The name of an event. */
export type MigrationEventType = MigrationEvent['type'];
