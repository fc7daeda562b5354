import type { MigrationState } from './state.js';
import { isSameTarget, type MigrationTarget, type SettableTarget, targetOf } from './target.js';

/** Why an event did not apply. */
export type RefusalCode =
  | 'NOT_IN_THIS_STATE'
  | 'HELD'
  | 'NOT_HELD'
  | 'PAUSED'
  | 'NOT_PAUSED'
  | 'BLOCKED'
  | 'HEALTH_FAILING'
  | 'V4_NOT_IN_STEP'
  | 'PAST_FORK'
  | 'ENDS_AFTER_FORK'
  | 'NOT_ADOPTABLE'
  | 'NO_DRIFT';

/** What a person should be told at once. */
export type Alarm = {
  readonly level: 'warning' | 'critical';
  readonly code: 'HELD' | 'PAUSED' | 'ROLLBACK_IMPOSSIBLE' | 'ROLLBACK_FAILED' | 'FAILING_WHEN_FINALIZED';
  readonly message: string;
};

/** What is to be done because of a transition, in this order; doing it again changes nothing. */
export type MigrationEffect =
  | { readonly type: 'latch'; readonly reason: string }
  | { readonly type: 'apply'; readonly target: MigrationTarget }
  | { readonly type: 'reset'; readonly target: SettableTarget }
  | { readonly type: 'unlatch' }
  | { readonly type: 'verify' }
  | ({ readonly type: 'alarm' } & Alarm);

/** What an event came to. */
export type Transition =
  | { readonly applied: true; readonly state: MigrationState; readonly effects: readonly MigrationEffect[] }
  | {
      readonly applied: false;
      /** The state as it was. */
      readonly state: MigrationState;
      readonly refusal: { readonly code: RefusalCode; readonly message: string };
    };

/** What makes the world fit the new state: derived from the two states alone. */
function effectsBetween(from: MigrationState, to: MigrationState): readonly MigrationEffect[] {
  if (to.kind === 'rolling_back' && to !== from) return [{ type: 'latch', reason: to.reason }, { type: 'verify' }];
  const target = targetOf(to);
  // The mode goes back to v4 before the latch is lifted, so that nothing is answered by v5 in between.
  if (from.kind === 'rolled_back' && to.kind === 'pre_migration')
    return [{ type: 'apply', target }, { type: 'unlatch' }];
  return isSameTarget(targetOf(from), target) ? [] : [{ type: 'apply', target }];
}

/** The event applied. */
export const applied = (
  from: MigrationState,
  to: MigrationState,
  more: readonly MigrationEffect[] = [],
): Transition => ({
  applied: true,
  state: to,
  effects: [...effectsBetween(from, to), ...more],
});

/** The event did not apply. */
export const refused = (state: MigrationState, code: RefusalCode, message: string): Transition => ({
  applied: false,
  state,
  refusal: { code, message },
});
