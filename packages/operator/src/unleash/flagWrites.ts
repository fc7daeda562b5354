import { flagKeys, type MigrationModeFlagValue } from '@lighthouse-compat/flag-provider';
import type { SettableTarget } from '@lighthouse-compat/sdk';
import { type FlagsShape, isSameShape, shapeOf, type WrittenFlagKey } from './flagsShape.js';

const modeKey: 'lighthouse_migration_mode' = flagKeys.lighthouseMigrationMode;
const parallelKey: 'lighthouse_parallel_mode' = flagKeys.lighthouseParallelMode;
const primaryKey: 'lighthouse_v5_primary' = flagKeys.lighthouseV5Primary;

/** One request that changes one thing of one flag. */
export type FlagWrite =
  | { readonly kind: 'switch'; readonly flagKey: WrittenFlagKey; readonly to: 'on' | 'off' }
  | { readonly kind: 'percent'; readonly flagKey: typeof primaryKey; readonly percent: number }
  | { readonly kind: 'mode'; readonly flagKey: typeof modeKey; readonly mode: MigrationModeFlagValue };

const switched = (flagKey: WrittenFlagKey, to: 'on' | 'off'): FlagWrite => ({ kind: 'switch', flagKey, to });

/**
 * Gives the next write on the way from how the flags are set to how they are to be; null where they are.
 *
 * What gives v5 less comes first and what gives it more last, and a mode is told before its flag is switched on; the mode
 * is on before the flag that it stands in for goes off. So no way leads past a share above both of its ends.
 */
export function nextWrite(from: FlagsShape, to: FlagsShape): FlagWrite | null {
  const [parallel, primary, mode] = [from[parallelKey], from[primaryKey], from[modeKey]];
  if (parallel.enabled && !to[parallelKey].enabled) return switched(parallelKey, 'off');
  if (mode.enabled && !to[modeKey].enabled) return switched(modeKey, 'off');
  if (mode.mode !== to[modeKey].mode) return { kind: 'mode', flagKey: modeKey, mode: to[modeKey].mode };
  if (!mode.enabled && to[modeKey].enabled) return switched(modeKey, 'on');
  if (primary.enabled && !to[primaryKey].enabled) return switched(primaryKey, 'off');
  if (primary.percent !== to[primaryKey].percent)
    return { kind: 'percent', flagKey: primaryKey, percent: to[primaryKey].percent };
  if (!primary.enabled && to[primaryKey].enabled) return switched(primaryKey, 'on');
  if (!parallel.enabled && to[parallelKey].enabled) return switched(parallelKey, 'on');
  return null;
}

/** Gives how the flags are set after a write. */
export function afterWrite(shape: FlagsShape, write: FlagWrite): FlagsShape {
  switch (write.kind) {
    case 'switch':
      return { ...shape, [write.flagKey]: { ...shape[write.flagKey], enabled: write.to === 'on' } };
    case 'percent':
      return { ...shape, [primaryKey]: { ...shape[primaryKey], percent: write.percent } };
    case 'mode':
      return { ...shape, [modeKey]: { ...shape[modeKey], mode: write.mode } };
  }
}

const withNew = (shapes: readonly FlagsShape[], shape: FlagsShape): readonly FlagsShape[] =>
  shapes.some((known) => isSameShape(known, shape)) ? shapes : [...shapes, shape];

/** Gives every shape that somebody who has set out for these targets, one after the other, may have left behind, wherever he was ended. */
export function reachable(from: readonly FlagsShape[], targets: readonly SettableTarget[]): readonly FlagsShape[] {
  let shapes = from;
  for (const target of targets) {
    const to = shapeOf(target);
    for (const start of shapes) {
      let at = start;
      for (let write = nextWrite(at, to); write !== null; write = nextWrite(at, to)) {
        at = afterWrite(at, write);
        shapes = withNew(shapes, at);
      }
    }
  }
  return shapes;
}
