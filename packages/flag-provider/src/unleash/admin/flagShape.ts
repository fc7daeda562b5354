import { defaultGroupId } from '../../bucketing.js';
import { type FlagKey, flagKeys, flagVocabulary, type MigrationModeFlagValue } from '../../flagKeys.js';
import type { JsonData } from '../../frozenJson.js';
import type { FlagState, StrategyState, StrategyVariant } from './flagState.js';
import type { NewRollout } from './unleashAdmin.js';

/** Something of a flag that would make it decide otherwise than its name says. */
export type FlagDifference = { readonly path: string; readonly found: string; readonly wanted: string };

const stickiness = 'userId';
const wholeWeight = 1_000;

/** The variants of `lighthouse_migration_mode` of which one mode has every key, by name as Unleash sorts them; the others are there for whoever moves their weights. */
export function migrationModeVariants(mode: MigrationModeFlagValue): readonly StrategyVariant[] {
  return flagVocabulary.lighthouse_migration_mode.values.toSorted().map((value) => ({
    name: value,
    weight: value === mode ? wholeWeight : 0,
    // Unleash wants one that takes what the others leave.
    weightType: value === mode ? 'variable' : 'fix',
    stickiness,
    payload: { type: 'string', value },
  }));
}

/** The rollout that a flag is set up with: everybody once it is switched on, save the canary's, which begins with nobody, and the mode's, which begins with v4_only. */
export function initialRollout(flagKey: FlagKey): NewRollout {
  const common = { stickiness, groupId: defaultGroupId };
  if (flagKey === flagKeys.lighthouseV5Primary) return { ...common, percent: 0 };
  if (flagKey === flagKeys.lighthouseMigrationMode) {
    return { ...common, percent: 100, variants: migrationModeVariants('v4_only') };
  }
  return { ...common, percent: 100 };
}

/** Says what keeps a flag that is there from deciding as its name says; its switch, its percentage and its weights are its owner's. */
export function flagDifferences(flagKey: FlagKey, flag: FlagState): readonly FlagDifference[] {
  const { strategies, dependencies, enabled } = flag;
  const differences: FlagDifference[] = [];
  if (dependencies.length > 0) {
    differences.push({ path: 'dependencies', found: dependencies.join(', '), wanted: 'none' });
  }
  const [strategy, ...others] = strategies;
  if (strategy === undefined || others.length > 0) {
    const found = strategy === undefined ? `none, and switched ${enabled ? 'on' : 'off'}` : String(strategies.length);
    return [...differences, { path: 'strategies', found, wanted: 'one gradual rollout' }];
  }
  differences.push(...strategyDifferences(strategy));
  if (flagVocabulary[flagKey].kind === 'string') differences.push(...variantDifferences(strategy.variants));
  return differences;
}

function strategyDifferences(strategy: StrategyState): readonly FlagDifference[] {
  const { name, disabled, parameters, constraints, segments } = strategy;
  const path = 'strategies[0]';
  if (name !== 'flexibleRollout') return [{ path: `${path}.name`, found: name, wanted: 'flexibleRollout' }];
  const wanted: readonly (readonly [key: string, found: JsonData, wanted: JsonData])[] = [
    ['disabled', disabled, false],
    ['parameters.stickiness', parameters['stickiness'] ?? null, stickiness],
    ['parameters.groupId', parameters['groupId'] ?? null, defaultGroupId],
    ['constraints', constraints.length, 0],
    ['segments', segments.length, 0],
  ];
  const differences = wanted
    .filter(([, found, expected]) => found !== expected)
    .map(([key, found, expected]) => ({ path: `${path}.${key}`, found: shown(found), wanted: String(expected) }));
  const { rollout } = parameters;
  if (typeof rollout === 'string' && /^(?:\d{1,2}|100)$/.test(rollout)) return differences;
  const found = shown(rollout ?? null);
  return [...differences, { path: `${path}.parameters.rollout`, found, wanted: 'a whole number from 0 to 100' }];
}

function variantDifferences(variants: readonly StrategyVariant[]): readonly FlagDifference[] {
  const { values } = flagVocabulary.lighthouse_migration_mode;
  const path = 'strategies[0].variants';
  const held = new Set(variants.map(({ payload }) => payload?.value));
  const missing = values.filter((value) => !held.has(value));
  const unusable = variants.flatMap(({ name, payload, stickiness: by }) => {
    const isUsable = payload?.type === 'string' && values.some((value) => value === payload.value);
    const what = `${path}.${name}`;
    return [
      ...(isUsable
        ? []
        : [{ path: `${what}.payload`, found: shown(payload ?? null), wanted: 'a string that is a mode' }]),
      ...(by === stickiness ? [] : [{ path: `${what}.stickiness`, found: by, wanted: stickiness }]),
    ];
  });
  if (missing.length === 0) return unusable;
  return [...unusable, { path, found: `without ${missing.join(', ')}`, wanted: values.join(', ') }];
}

const shown = (value: JsonData): string => (typeof value === 'string' ? value : JSON.stringify(value));
