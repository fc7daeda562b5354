import { type FlagKey, flagKeys, flagVocabulary } from '@lighthouse-compat/flag-provider';
import {
  type FlagState,
  flagDifferences,
  migrationModeVariants,
  type StrategyVariant,
} from '@lighthouse-compat/flag-provider/unleash/admin';
import type { FlagsShape } from './flagsShape.js';

/** The flags that a migration owns, each as one environment has it. */
export type OwnedFlags = { readonly [K in keyof FlagsShape | typeof flagKeys.lighthouseV5]: FlagState };

/** What is otherwise than it should be about a flag, in words for a person. */
export type FlagDrift = { readonly flagKey: FlagKey; readonly text: string };

/** What owned flags come to. */
export type FlagsReading = {
  /** How those that are written are set; null where that cannot be said in a migration's terms. */
  readonly shape: FlagsShape | null;
  /** What cannot be. */
  readonly oddities: readonly FlagDrift[];
  /** Why `lighthouse_v5` does not leave everything to the other flags; null where it does. */
  readonly masterProblem: string | null;
  readonly isMasterOn: boolean;
};

const shownLength = 64;
const shown = (text: string): string => (text.length > shownLength ? `${text.slice(0, shownLength)}...` : text);

const namesOf = (variants: readonly StrategyVariant[]): string => variants.map(({ name }) => name).join(', ');

/** Tells whether two lists of variants choose alike; how Unleash shares out the weights that are left is no matter. */
function areSameVariants(found: readonly StrategyVariant[], wanted: readonly StrategyVariant[]): boolean {
  const told = (variants: readonly StrategyVariant[]): string =>
    JSON.stringify(
      variants
        .map(({ name, weight, stickiness, payload }) => [name, weight, stickiness, payload?.type, payload?.value])
        .sort(([one], [two]) => (String(one) < String(two) ? -1 : 1)),
    );
  return told(found) === told(wanted);
}

/** The mode that has all the weight, and nothing else about the variants is changed. */
const modeIn = (variants: readonly StrategyVariant[]) =>
  flagVocabulary[flagKeys.lighthouseMigrationMode].values.find((mode) =>
    areSameVariants(variants, migrationModeVariants(mode)),
  );

/** What makes a flag decide otherwise than a migration can say, its switch and its percentage apart. */
export function odditiesOf(flagKey: FlagKey, flag: FlagState): readonly FlagDrift[] {
  const differences = flagDifferences(flagKey, flag);
  if (differences.length > 0)
    return differences.map(({ path, found, wanted }) => ({
      flagKey,
      text: `${flagKey} ${path} is ${shown(found)} in place of ${wanted}`,
    }));
  const { variants = [], parameters } = flag.strategies[0] ?? {};
  const odd: string[] = [];
  if (flagKey !== flagKeys.lighthouseV5Primary && parameters?.['rollout'] !== '100')
    odd.push(`${flagKey} is at ${shown(String(parameters?.['rollout']))} % in place of 100 %`);
  if (flagVocabulary[flagKey].kind === 'boolean' && variants.length > 0)
    odd.push(`${flagKey} has the variants ${shown(namesOf(variants))} in place of none`);
  if (flagKey === flagKeys.lighthouseMigrationMode && modeIn(variants) === undefined) {
    const weights = variants.map(({ name, weight }) => `${name} ${weight / 10} %`).join(', ');
    odd.push(`${flagKey} has the variants ${weights} in place of one mode with all the weight`);
  }
  return odd.map((text) => ({ flagKey, text }));
}

/** Reads what flags come to: pure. */
export function readShape(flags: OwnedFlags): FlagsReading {
  const { lighthouse_v5: master, lighthouse_parallel_mode: parallel, lighthouse_v5_primary: primary } = flags;
  const { lighthouse_migration_mode: mode } = flags;
  const oddities = [parallel, primary, mode].flatMap((flag) => odditiesOf(flag.flagKey as FlagKey, flag));
  const named = modeIn(mode.strategies[0]?.variants ?? []);
  const shape =
    oddities.length > 0 || named === undefined
      ? null
      : {
          lighthouse_parallel_mode: { enabled: parallel.enabled },
          lighthouse_v5_primary: {
            enabled: primary.enabled,
            percent: Number(primary.strategies[0]?.parameters['rollout']),
          },
          lighthouse_migration_mode: { enabled: mode.enabled, mode: named },
        };
  const masterOddities = odditiesOf(flagKeys.lighthouseV5, master);
  const masterProblem = master.enabled
    ? (masterOddities[0]?.text ?? null)
    : `${flagKeys.lighthouseV5} is off, so that v4 answers everything`;
  return { shape, oddities, masterProblem, isMasterOn: master.enabled };
}

/** Tells how flags differ from what they were set to; nothing where they do not. */
export function driftsFrom({ shape, oddities }: FlagsReading, wanted: FlagsShape): readonly FlagDrift[] {
  if (shape === null) return oddities;
  const drifts: FlagDrift[] = [];
  const tell = (flagKey: FlagKey, found: string, expected: string): void => {
    if (found !== expected) drifts.push({ flagKey, text: `${flagKey} is ${found} in place of ${expected}` });
  };
  const onOff = ({ enabled }: { readonly enabled: boolean }): string => (enabled ? 'on' : 'off');
  for (const flagKey of Object.keys(wanted) as (keyof FlagsShape)[])
    tell(flagKey, onOff(shape[flagKey]), onOff(wanted[flagKey]));
  const [primary, mode] = [flagKeys.lighthouseV5Primary, flagKeys.lighthouseMigrationMode];
  tell(primary, `at ${shape[primary].percent} %`, `at ${wanted[primary].percent} %`);
  tell(mode, shape[mode].mode, wanted[mode].mode);
  return drifts;
}

/** Says it in one line. */
export const describeDrifts = (drifts: readonly FlagDrift[]): string => drifts.map(({ text }) => text).join('; ');
