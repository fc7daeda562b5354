import type { JournalRecord, MigrationPlan, MigrationState } from '@lighthouse-compat/sdk';
import { duration, percent } from './format.js';
import { isRolledBack, percentSet } from './state.js';

/** One stop on the way of a migration. */
export type Stop = {
  readonly name: string;
  readonly note: string;
  readonly standing: 'behind' | 'present' | 'ahead' | 'fell';
};

/** The place of a state among the stops: parallel, each step, validation, complete; null where it has none. */
function placeOf(state: MigrationState, plan: MigrationPlan): number | null {
  switch (state.kind) {
    case 'parallel_testing':
      return 0;
    case 'canary':
      return 1;
    case 'gradual':
      return state.step;
    case 'completing':
      return plan.steps.length + 1;
    case 'complete':
    case 'finalized':
      return plan.steps.length + 2;
    case 'pre_migration':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return null;
  }
}

/** The state that the present rollback began in, as far as the newest records tell; null where nothing is rolled back, or they do not. */
export function stateBeforeRollback(state: MigrationState, records: readonly JournalRecord[]): MigrationState | null {
  if (!isRolledBack(state)) return null;
  return records.findLast((record) => !isRolledBack(record.state))?.state ?? null;
}

/** A migration as its stops in order; a rollback shows where it began, if that is known, and has a stop of its own. */
export function timelineOf(
  state: MigrationState,
  plan: MigrationPlan,
  beforeRollback: MigrationState | null,
): readonly Stop[] {
  const place = placeOf(state, plan);
  const fellAt = beforeRollback === null ? null : placeOf(beforeRollback, plan);
  const reached = place ?? fellAt ?? -1;
  const standing = (at: number): Stop['standing'] => {
    if (at < reached) return 'behind';
    if (at > reached) return 'ahead';
    return place === null ? 'fell' : 'present';
  };
  const stops: Stop[] = [
    { name: 'Parallel', note: `${plan.parallel.comparisons} comparisons`, standing: standing(0) },
    ...plan.steps.map((step, at) => ({
      name: percent(step),
      note: duration(at === 0 ? plan.firstStepMs : plan.stepMs),
      standing: standing(at + 1),
    })),
    { name: 'Validation', note: 'one passing check', standing: standing(plan.steps.length + 1) },
    {
      name: state.kind === 'finalized' ? 'Finalized' : 'Complete',
      note: state.kind === 'finalized' ? 'v5 alone' : 'v4 stands by',
      standing: standing(plan.steps.length + 2),
    },
  ];
  switch (state.kind) {
    case 'pre_migration':
      return [{ name: 'Not started', note: 'v4 answers', standing: 'present' }, ...stops];
    case 'rolling_back':
      return [...stops, { name: 'Rolling back', note: 'v4 answers', standing: 'present' }];
    case 'rolled_back':
      return [...stops, { name: 'Rolled back', note: `within ${duration(state.durationMs)}`, standing: 'present' }];
    case 'rollback_failed':
      return [...stops, { name: 'Rollback failed', note: 'not verified', standing: 'present' }];
    case 'parallel_testing':
    case 'canary':
    case 'gradual':
    case 'completing':
    case 'complete':
    case 'finalized':
      return stops.map((stop) =>
        stop.standing === 'present' && state.kind === 'gradual' && state.current !== state.target
          ? { ...stop, note: `at ${percent(percentSet(state))} now` }
          : stop,
      );
  }
}
