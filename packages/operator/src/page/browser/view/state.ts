import type { MigrationState } from '@lighthouse-compat/sdk';
import { duration, percent, words } from './format.js';

/** Where a migration is, in words. */
export function stateText(state: MigrationState): string {
  switch (state.kind) {
    case 'pre_migration':
      return 'not started';
    case 'parallel_testing':
      return `parallel testing, ${percent(Math.floor(state.progress * 100))} of the comparisons`;
    case 'canary':
      return `canary at ${percent(state.percent)}`;
    case 'gradual':
      return state.current === state.target
        ? `step ${state.step}, at ${percent(state.current)}`
        : `step ${state.step}, at ${percent(state.current)} on the way to ${percent(state.target)}`;
    case 'completing':
      return 'final validation';
    case 'rolling_back':
      return `rolling back: ${state.reason}`;
    case 'rolled_back':
      return `rolled back within ${duration(state.durationMs)}: ${state.reason}`;
    case 'rollback_failed':
      return `the rollback could not be verified: ${state.why}`;
    case 'complete':
    case 'finalized':
      return words(state.kind);
  }
}

/** The share of calls that v5 is to answer in a state, 0 to 100. */
export function percentSet(state: MigrationState): number {
  switch (state.kind) {
    case 'canary':
      return state.percent;
    case 'gradual':
      return state.current;
    case 'completing':
    case 'complete':
    case 'finalized':
      return 100;
    case 'pre_migration':
    case 'parallel_testing':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return 0;
  }
}

/** Whether v4 answers because of a rollback. */
export const isRolledBack = (
  state: MigrationState,
): state is Extract<MigrationState, { readonly kind: 'rolling_back' | 'rolled_back' | 'rollback_failed' }> =>
  state.kind === 'rolling_back' || state.kind === 'rolled_back' || state.kind === 'rollback_failed';
