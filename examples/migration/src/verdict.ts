import { blocksAfterRollback, plan } from './plan.js';
import type { DemoRecord, Phase } from './record.js';

const risingStates = ['parallel_testing', 'canary', 'gradual', 'completing', 'complete'] as const;
const promisedRollbackMs = 300_000;

/** Whether the blocks of a phase were answered as it was set: exactly at 0 and 100 %, elsewhere within what chance leaves possible (four deviations and one block). */
function isAsSet({ percent, blocks, answeredByV5 }: Phase): boolean {
  const share = percent / 100;
  const deviation = Math.sqrt(blocks * share * (1 - share));
  return Math.abs(answeredByV5 - blocks * share) <= (deviation === 0 ? 0 : 4 * deviation + 1);
}

function migrationFailures({ migration, drill, phases }: DemoRecord): readonly string[] {
  if (migration === null) return ['the migration has not ended'];
  if (!migration.success) return [`the migration was rolled back: ${migration.rollbackReason}`];
  const limit = (plan.health?.latencyRegressionPercent ?? 5) / 100;
  const impact = migration.performanceImpact;
  const seen = phases.filter(({ run }) => run === 1).map(({ state }) => state);
  return [
    ...(migration.rollbacksExecuted === 0 ? [] : [`${migration.rollbacksExecuted} rollbacks in the first run`]),
    ...(impact !== null && impact < limit
      ? []
      : [`v5 is slower by ${impact}, of which less than ${limit} was expected`]),
    ...risingStates.filter((state) => !seen.includes(state)).map((state) => `the migration was never ${state}`),
    ...(drill?.ok === true ? [] : [`the drill failed: ${drill?.problems.join('; ') ?? 'it was not made'}`]),
  ];
}

function rollbackFailures({ rollback, decidingCheck, afterRollback }: DemoRecord): readonly string[] {
  if (rollback === null) return ['v5 was not rolled back'];
  const durationMs = rollback.rollbackDurationMs ?? Number.POSITIVE_INFINITY;
  const { blocks = 0, answeredByV5 = 0, isLatched = false } = afterRollback ?? {};
  return [
    ...(rollback.success ? ['v5 was not rolled back'] : []),
    ...(decidingCheck?.decidedBy === 'v5_errors'
      ? []
      : [`it was rolled back for another reason: ${rollback.rollbackReason}`]),
    ...(rollback.rollbacksExecuted === 1 ? [] : [`${rollback.rollbacksExecuted} rollbacks in the second run`]),
    ...(durationMs <= promisedRollbackMs ? [] : [`the rollback took ${durationMs} ms`]),
    ...(isLatched ? [] : ['no latch is set after the rollback']),
    ...(blocks >= blocksAfterRollback - 1 && answeredByV5 === 0
      ? []
      : [`v5 answered ${answeredByV5} of ${blocks} blocks after the rollback`]),
  ];
}

/** What did not hold, in words. */
export function findFailures(record: DemoRecord): readonly string[] {
  const { phases, callersErrors, heads } = record;
  const migration = migrationFailures(record);
  if (record.migration?.success !== true) return migration;
  return [
    ...migration,
    ...rollbackFailures(record),
    // What falls back while v5 fails is answered by v4, so only the first run has to be as set.
    ...phases
      .filter((phase) => phase.run === 1 && !isAsSet(phase))
      .map(
        ({ state, percent, blocks, answeredByV5 }) =>
          `${state}, ${percent} %: v5 answered ${answeredByV5} of ${blocks}`,
      ),
    ...(callersErrors === 0 ? [] : [`${callersErrors} calls failed for their caller`]),
    ...(heads !== null && heads.v4.hash === heads.v5.hash
      ? []
      : [`the heads differ: v4 ${heads?.v4.number}, v5 ${heads?.v5.number}`]),
  ];
}
