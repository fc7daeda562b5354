import type { MigrationModeFlagValue } from '@lighthouse-compat/flag-provider';
import type { SettableTarget } from '@lighthouse-compat/sdk';

/** How the flags that a migration writes are set, each with its one gradual rollout: what a person cannot have changed without its being seen. `lighthouse_v5` is none of them: it is only ever switched off. */
export type FlagsShape = {
  readonly lighthouse_parallel_mode: { readonly enabled: boolean };
  /** A whole percentage. */
  readonly lighthouse_v5_primary: { readonly enabled: boolean; readonly percent: number };
  /** The mode whose variant has all the weight. */
  readonly lighthouse_migration_mode: { readonly enabled: boolean; readonly mode: MigrationModeFlagValue };
};

/** A flag that a migration writes. */
export type WrittenFlagKey = keyof FlagsShape;

const nothing: FlagsShape = {
  lighthouse_parallel_mode: { enabled: false },
  lighthouse_v5_primary: { enabled: false, percent: 0 },
  lighthouse_migration_mode: { enabled: false, mode: 'v4_only' },
};

/** Gives how the flags are to be set for a target. */
export function shapeOf(target: SettableTarget): FlagsShape {
  switch (target.kind) {
    case 'v4_only':
      return nothing;
    case 'parallel':
      return { ...nothing, lighthouse_parallel_mode: { enabled: true } };
    case 'canary':
      return { ...nothing, lighthouse_v5_primary: { enabled: true, percent: target.percent } };
    case 'v5_only':
      return {
        ...nothing,
        // What it was at last, so that there is one write less.
        lighthouse_v5_primary: { enabled: false, percent: 100 },
        lighthouse_migration_mode: { enabled: true, mode: 'v5_only' },
      };
  }
}

/** Gives the target that flags are set for; null where it is none. */
export function targetOfShape(shape: FlagsShape): SettableTarget | null {
  const { percent } = shape.lighthouse_v5_primary;
  const targets: readonly SettableTarget[] = [
    { kind: 'v4_only' },
    { kind: 'parallel' },
    { kind: 'canary', percent },
    { kind: 'v5_only' },
  ];
  return targets.find((target) => isSameShape(shapeOf(target), shape)) ?? null;
}

/** Tells whether flags are set alike. */
export const isSameShape = (one: FlagsShape, two: FlagsShape): boolean =>
  one.lighthouse_parallel_mode.enabled === two.lighthouse_parallel_mode.enabled &&
  one.lighthouse_v5_primary.enabled === two.lighthouse_v5_primary.enabled &&
  one.lighthouse_v5_primary.percent === two.lighthouse_v5_primary.percent &&
  one.lighthouse_migration_mode.enabled === two.lighthouse_migration_mode.enabled &&
  one.lighthouse_migration_mode.mode === two.lighthouse_migration_mode.mode;
