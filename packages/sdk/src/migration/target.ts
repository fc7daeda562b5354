import type { MigrationState } from './state.js';

/** What calls are to go by: the one effect that a state has on them. `latched`: v4 answers, whatever else is set. */
export type MigrationTarget =
  | { readonly kind: 'v4_only' }
  | { readonly kind: 'parallel' }
  | { readonly kind: 'canary'; readonly percent: number }
  | { readonly kind: 'v5_only' }
  | { readonly kind: 'latched'; readonly reason: string };

/** A target that flags or a mode can be set to. */
export type SettableTarget = Exclude<MigrationTarget, { readonly kind: 'latched' }>;

/** What a person has set, as a target; null where it is none. */
export type Adoption =
  | { readonly target: SettableTarget }
  | { readonly target: null /** In words for a person. */; readonly why: string };

/** Gives what calls go by in a state: a function of it alone, so that it can be made true again after a crash. */
export function targetOf(state: MigrationState): MigrationTarget {
  switch (state.kind) {
    case 'pre_migration':
      return { kind: 'v4_only' };
    case 'parallel_testing':
      return { kind: 'parallel' };
    case 'canary':
      return { kind: 'canary', percent: state.percent };
    case 'gradual':
      return { kind: 'canary', percent: state.current };
    // The fallback on v4 is kept until a person finalizes.
    case 'completing':
    case 'complete':
      return { kind: 'canary', percent: 100 };
    case 'finalized':
      return { kind: 'v5_only' };
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return { kind: 'latched', reason: state.reason };
  }
}

/** Gives what flags or a mode are to be set to in a state: under the latch, that v4 answers. */
export function settableOf(state: MigrationState): SettableTarget {
  const target = targetOf(state);
  return target.kind === 'latched' ? { kind: 'v4_only' } : target;
}

/** The share of calls that v5 answers under a target, 0 to 100. */
export const percentOf = (target: MigrationTarget): number => {
  switch (target.kind) {
    case 'v4_only':
    case 'parallel':
    case 'latched':
      return 0;
    case 'canary':
      return target.percent;
    case 'v5_only':
      return 100;
  }
};

/** Tells whether two targets ask for the same. */
export const isSameTarget = (one: MigrationTarget, two: MigrationTarget): boolean =>
  one.kind === two.kind && percentOf(one) === percentOf(two);
