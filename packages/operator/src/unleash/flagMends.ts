import { flagKeys } from '@lighthouse-compat/flag-provider';
import {
  type FlagState,
  initialRollout,
  migrationModeVariants,
  type NewRollout,
  type StrategyState,
} from '@lighthouse-compat/flag-provider/unleash/admin';
import { OperatorError } from '../errors.js';
import { type OwnedFlags, odditiesOf, readShape } from './flagsReading.js';
import type { FlagsShape, WrittenFlagKey } from './flagsShape.js';
import { type FlagWrite, nextWrite } from './flagWrites.js';

/** One request that takes a flag back from a form in which a migration would not write it. */
export type FlagMend =
  | { readonly kind: 'remove'; readonly flagKey: WrittenFlagKey; readonly strategy: StrategyState }
  | {
      readonly kind: 'replace';
      readonly flagKey: WrittenFlagKey;
      readonly strategy: StrategyState;
      readonly rollout: NewRollout;
    }
  | { readonly kind: 'add'; readonly flagKey: WrittenFlagKey; readonly rollout: NewRollout };

/** The rollout that a flag has in a shape. */
function rolloutOf(flagKey: WrittenFlagKey, shape: FlagsShape): NewRollout {
  const rollout = initialRollout(flagKey);
  switch (flagKey) {
    case flagKeys.lighthouseParallelMode:
      return rollout;
    case flagKeys.lighthouseV5Primary:
      return { ...rollout, percent: shape[flagKey].percent };
    case flagKeys.lighthouseMigrationMode:
      return { ...rollout, variants: migrationModeVariants(shape[flagKey].mode) };
  }
}

/** The next mend of one flag; null where it has its form. */
function nextMend(flagKey: WrittenFlagKey, flag: FlagState, to: FlagsShape): FlagMend | FlagWrite | null {
  if (odditiesOf(flagKey, flag).length === 0) return null;
  if (flag.enabled && !to[flagKey].enabled) return { kind: 'switch', flagKey, to: 'off' };
  const rollout = rolloutOf(flagKey, to);
  const [first, second] = flag.strategies;
  if (first === undefined) return { kind: 'add', flagKey, rollout };
  if (second !== undefined) return { kind: 'remove', flagKey, strategy: second };
  if (flag.dependencies.length > 0) {
    const message = `${flagKey} depends on ${flag.dependencies.join(', ')}: take that away in Unleash`;
    throw new OperatorError('DRIFT', message, { path: flagKey });
  }
  return { kind: 'replace', flagKey, strategy: first, rollout };
}

/** Gives the next request on the way from whatever flags have become to a shape; null where they have it. Throws DRIFT where a person has to do something about it first. */
export function nextReset(flags: OwnedFlags, to: FlagsShape): FlagMend | FlagWrite | null {
  // In the order in which v5 gets less before anything gives it more.
  for (const flagKey of [
    flagKeys.lighthouseParallelMode,
    flagKeys.lighthouseV5Primary,
    flagKeys.lighthouseMigrationMode,
  ] as const) {
    const mend = nextMend(flagKey, flags[flagKey], to);
    if (mend !== null) return mend;
  }
  const { shape } = readShape(flags);
  return shape === null ? null : nextWrite(shape, to);
}
