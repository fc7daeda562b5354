import type {
  DrillResult,
  HealthCheck,
  MigrationResult,
  MigrationState,
  MigrationStateKind,
} from '@lighthouse-compat/sdk';

/** What has been seen while calls went by one thing. */
export type Phase = {
  readonly run: 1 | 2;
  readonly state: MigrationStateKind;
  /** What is set. */
  readonly percent: number;
  /** Those that began and ended in it, and of them those that v5 answered. */
  blocks: number;
  answeredByV5: number;
  checks: number;
  lastCheck: HealthCheck | null;
};

/** What the demo has seen. */
export type DemoRecord = {
  readonly phases: Phase[];
  run: 1 | 2;
  blocks: number;
  /** Calls that failed for their caller, apart from the build that a rollback may lose. */
  callersErrors: number;
  /** Calls that v4 answered because v5 failed. */
  fallbacks: number;
  /** Builds of v5 that the latch came in between. */
  lostBuilds: number;
  readonly alarms: string[];
  migration: MigrationResult | null;
  drill: DrillResult | null;
  rollback: MigrationResult | null;
  /** The check that decided the rollback. */
  decidingCheck: HealthCheck | null;
  afterRollback: { readonly blocks: number; readonly answeredByV5: number; readonly isLatched: boolean } | null;
  heads: Readonly<Record<'v4' | 'v5', { readonly number: number; readonly hash: string }>> | null;
};

/** A record of nothing yet. */
export const createRecord = (): DemoRecord => ({
  phases: [],
  run: 1,
  blocks: 0,
  callersErrors: 0,
  fallbacks: 0,
  lostBuilds: 0,
  alarms: [],
  migration: null,
  drill: null,
  rollback: null,
  decidingCheck: null,
  afterRollback: null,
  heads: null,
});

/** The phase that calls are in, begun if it is new. */
export function phaseOf(record: DemoRecord, { kind }: MigrationState, percent: number): Phase {
  const last = record.phases.at(-1);
  if (last !== undefined && last.run === record.run && last.state === kind && last.percent === percent) return last;
  const phase: Phase = {
    run: record.run,
    state: kind,
    percent,
    blocks: 0,
    answeredByV5: 0,
    checks: 0,
    lastCheck: null,
  };
  record.phases.push(phase);
  return phase;
}
