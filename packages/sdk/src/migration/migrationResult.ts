import type { JournalRecord } from './contracts.js';
import type { HealthCheck } from './health/healthCheck.js';
import type { MigrationState } from './state.js';

/** How a run ended. */
export type MigrationResult = {
  /** v5 answers everything: `complete` or `finalized`. */
  readonly success: boolean;
  /** From the start to the end, in milliseconds of the controller's clock. */
  readonly totalDurationMs: number;
  /** By what share v5 was slower than v4 in the last check that could tell (0.03: 3 %); null where none could. */
  readonly performanceImpact: number | null;
  readonly rollbacksExecuted: number;
  readonly rollbackReason?: string;
  readonly rollbackDurationMs?: number;
};

/** The latency that a check tells of, as a share; null where it does not. */
export function latencyOf(check: HealthCheck): number | null {
  const percent = check.criteria.find(({ name }) => name === 'latency')?.valuePercent ?? null;
  return percent === null ? null : percent / 100;
}

/** The last latency that a journal tells of since the newest start. */
export function lastLatencyIn(records: readonly JournalRecord[]): number | null {
  for (const { event } of records.toReversed()) {
    if (event.type === 'start') return null;
    const latency = event.type === 'check' ? latencyOf(event.check) : null;
    if (latency !== null) return latency;
  }
  return null;
}

/** The result of a state in which a run has ended; null where it has not. */
export function resultOf(
  state: MigrationState,
  { endedMs, performanceImpact }: { readonly endedMs: number; readonly performanceImpact: number | null },
): MigrationResult | null {
  const { startedMs, rollbacks } = state.run;
  const common = { totalDurationMs: endedMs - (startedMs ?? endedMs), performanceImpact, rollbacksExecuted: rollbacks };
  switch (state.kind) {
    case 'complete':
    case 'finalized':
      return { success: true, ...common };
    case 'rolled_back':
    case 'rollback_failed':
      return { success: false, ...common, rollbackReason: state.reason, rollbackDurationMs: state.durationMs };
    case 'pre_migration':
    case 'parallel_testing':
    case 'canary':
    case 'gradual':
    case 'completing':
    case 'rolling_back':
      return null;
  }
}
