import type { MigrationEvent, MigrationEventType, MigrationFacts } from '../../../packages/sdk/src/migration/event.js';
import type { HealthCheck, HealthVerdict } from '../../../packages/sdk/src/migration/health/healthCheck.js';
import {
  freshStreak,
  type MigrationState,
  type MigrationStateKind,
} from '../../../packages/sdk/src/migration/state.js';
import type { RollbackVerification } from '../../../packages/sdk/src/rollback/verifyRollback.js';
import { hash } from '../../support/samples.js';

export const evidence: RollbackVerification = {
  verified: true,
  head: hash(17),
  durationMs: 12,
  payloadsReplayed: 0,
  reason: null,
};

/** Nothing is in the way. */
export const fine: MigrationFacts = { v4InStep: true, isPastFork: false, blockers: [] };

const deciding = { fail: 'v5_errors', inconclusive: 'latency', no_data: 'v5_errors', pass: null } as const;

/** A check with this verdict. */
export const checkOf = (verdict: HealthVerdict, isCritical = false): HealthCheck => ({
  verdict: isCritical ? 'fail' : verdict,
  isCritical,
  decidedBy: isCritical ? 'critical' : deciding[verdict],
  criteria: [
    {
      name: 'v5_errors',
      verdict,
      valuePercent: verdict === 'fail' ? 2 : 0,
      limitPercent: 1,
      controlPercent: 0,
      lowerPercent: 0,
      upperPercent: 3,
      samples: { v4: 400, v5: 400 },
    },
  ],
});

/** Enough has been compared, and everything agreed. */
export const compared = { compared: 1_000, notCompared: 0, differed: 0, critical: 0 };

export const check = (
  verdict: HealthVerdict,
  rest: Partial<Extract<MigrationEvent, { readonly type: 'check' }>> = {},
): MigrationEvent => ({ type: 'check', check: checkOf(verdict), facts: fine, parallel: compared, ...rest });

const run = { startedMs: 0, rollbacks: 0 };
const common = { held: null, streak: freshStreak, run };

/** A state of every kind, at time 1000; its step has just been reached where it has one. */
export const states: { readonly [K in MigrationStateKind]: Extract<MigrationState, { readonly kind: K }> } = {
  pre_migration: { ...common, kind: 'pre_migration', run: { startedMs: null, rollbacks: 0 } },
  parallel_testing: { ...common, kind: 'parallel_testing', progress: 0.5, sinceMs: 1_000 },
  canary: { ...common, kind: 'canary', percent: 5, sinceMs: 1_000, reachedMs: 1_000 },
  gradual: { ...common, kind: 'gradual', current: 10, target: 10, step: 2, sinceMs: 1_000, reachedMs: 1_000 },
  completing: { ...common, kind: 'completing', sinceMs: 1_000 },
  complete: { ...common, kind: 'complete', sinceMs: 1_000 },
  finalized: { ...common, kind: 'finalized', sinceMs: 1_000 },
  rolling_back: { ...common, kind: 'rolling_back', reason: 'test', sinceMs: 1_000 },
  rolled_back: { ...common, kind: 'rolled_back', reason: 'test', durationMs: 5, evidence },
  rollback_failed: { ...common, kind: 'rollback_failed', reason: 'test', why: 'late', durationMs: 5, evidence: null },
};

/** An event of every type to which nothing is in the way. */
export const events: { readonly [T in MigrationEventType]: Extract<MigrationEvent, { readonly type: T }> } = {
  start: { type: 'start', by: 'ada', facts: fine },
  check: { type: 'check', check: checkOf('pass'), facts: fine, parallel: compared },
  hold: { type: 'hold', by: 'ada', why: 'lunch' },
  release: { type: 'release', by: 'ada' },
  pause: { type: 'pause', by: 'ada', why: 'night' },
  resume: { type: 'resume', by: 'ada' },
  promote: { type: 'promote', by: 'ada', facts: fine },
  rollback: { type: 'rollback', by: 'ada', reason: 'test', force: false, facts: fine },
  abort: { type: 'abort', by: 'ada', force: false, facts: fine },
  latched: { type: 'latched', reason: 'elsewhere' },
  verified: { type: 'verified', durationMs: 5, evidence },
  unverified: { type: 'unverified', why: 'DEADLINE', durationMs: 300_000, evidence: null },
  retry: { type: 'retry', by: 'ada' },
  clear: { type: 'clear', by: 'ada', reason: 'mended' },
  finalize: { type: 'finalize', by: 'ada', facts: fine },
  adopt: { type: 'adopt', by: 'ada', found: { target: { kind: 'canary', percent: 20 } } },
  reset: { type: 'reset', by: 'ada' },
};
