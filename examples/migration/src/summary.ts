import type { MigrationResult } from '@lighthouse-compat/sdk';
import { slotMs } from './plan.js';
import type { DemoRecord } from './record.js';

/** What the demo tells at its end; `--json` prints it as it is. */
export type Summary = Omit<DemoRecord, 'run'> & {
  readonly ok: boolean;
  readonly failures: readonly string[];
  /** Of the plan's time for each block. */
  readonly slotMs: number;
  /** Of the machine's time. */
  readonly wallMs: number;
};

/** Sums a record up. */
export function summarize(record: DemoRecord, failures: readonly string[], wallMs: number): Summary {
  const { run: _run, ...seen } = record;
  return { ok: failures.length === 0, failures, slotMs, wallMs: Math.round(wallMs), ...seen };
}

function resultLines(title: string, result: MigrationResult | null): readonly string[] {
  if (result === null) return [];
  const { success, totalDurationMs, performanceImpact, rollbacksExecuted, rollbackReason, rollbackDurationMs } = result;
  const impact = performanceImpact === null ? 'not known' : `${(100 * performanceImpact).toFixed(1)} %`;
  return [
    title,
    `  success             ${success}`,
    `  totalDurationMs     ${totalDurationMs.toFixed(0)} (${(totalDurationMs / 60_000).toFixed(0)} min of the plan's time)`,
    `  performanceImpact   ${impact}`,
    `  rollbacksExecuted   ${rollbacksExecuted}`,
    ...(rollbackReason === undefined ? [] : [`  rollbackReason      ${rollbackReason}`]),
    ...(rollbackDurationMs === undefined
      ? []
      : [`  rollbackDurationMs  ${rollbackDurationMs.toFixed(0)} (of the machine's time; 300000 are promised)`]),
  ];
}

/** The summary as lines. */
export function summaryLines(summary: Summary): readonly string[] {
  const { migration, drill, rollback, afterRollback, heads, failures } = summary;
  return [
    '',
    ...resultLines('the first run', migration),
    ...(drill === null
      ? []
      : [`  live drill          ${drill.ok ? 'ok' : 'failed'}, ${drill.durationMs.toFixed(0)} ms`]),
    ...resultLines('the second run', rollback),
    ...(afterRollback === null
      ? []
      : [`  after it            v5 answered ${afterRollback.answeredByV5} of ${afterRollback.blocks} blocks`]),
    `blocks ${summary.blocks}, calls that failed for their caller ${summary.callersErrors}, answered by v4 because v5 failed ${summary.fallbacks}, builds lost to the latch ${summary.lostBuilds}`,
    ...(heads === null ? [] : [`heads at the end: v4 block ${heads.v4.number}, v5 block ${heads.v5.number}`]),
    `took ${(summary.wallMs / 1_000).toFixed(0)} s of the machine's time`,
    ...failures.map((failure) => `failed: ${failure}`),
  ];
}
