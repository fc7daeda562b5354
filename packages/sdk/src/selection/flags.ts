import { flagKeys } from '@lighthouse-compat/flag-provider';
import type { Client, EvaluationContext, EvaluationDetails, FlagValue } from '@openfeature/server-sdk';
import type { Operation } from '../operation.js';
import { type CallMode, isCallMode } from './migrationMode.js';

/** A flag that could not be used and counted as off. */
export type UnusableFlag = {
  readonly flagKey: string;
  /** The OpenFeature error code, or UNKNOWN_MODE, or PROVIDER_THREW. */
  readonly problem: string;
  /** What it held, as text of at most 64 characters; null where nothing could be read. */
  readonly value: string | null;
};

/** What the flags say about one call. */
export type FlagChoice = {
  /** Undefined: the flags are on but leave the choice to the configured mode. */
  readonly mode: CallMode | undefined;
  /** The flag that decided. */
  readonly flagKey: string | null;
  readonly variant: string | null;
  /** The key's bucket, 1 to 100, where the provider tells it. */
  readonly bucket: number | null;
  readonly unusable: readonly UnusableFlag[];
};

/** The flag that gives one operation to v5 whatever the other flags say. */
const v5OnlyFlags: Readonly<Record<Operation, string>> = {
  new_payload: flagKeys.newPayloadV5Only,
  forkchoice_updated: flagKeys.forkchoiceV5Only,
  get_payload: flagKeys.getPayloadV5Only,
};

/** A value as a person is to see it: a text may be long, and anything else is told by its type. */
function shown(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value.slice(0, 64) : `a ${typeof value}`;
}

/** Asks the flags in the order of their precedence; what cannot be used counts as off and is told, and nothing is thrown. */
export async function evaluateFlags(
  client: Client,
  operation: Operation,
  context: EvaluationContext,
): Promise<FlagChoice> {
  const unusable: UnusableFlag[] = [];

  async function details<T extends FlagValue>(
    flagKey: string,
    defaultValue: T,
    evaluate: () => Promise<EvaluationDetails<T>>,
  ): Promise<{ value: T; variant: string | null; bucket: number | null }> {
    let problem: string | undefined;
    let held: unknown;
    try {
      const { value, variant, errorCode, flagMetadata } = await evaluate();
      // The OpenFeature SDK passes on whatever type a provider gives.
      if (errorCode === undefined && typeof value === typeof defaultValue) {
        const bucket = flagMetadata['bucket'];
        return { value, variant: variant ?? null, bucket: typeof bucket === 'number' ? bucket : null };
      }
      // A flag that nobody has made yet is off, which is no fault.
      if (errorCode === undefined) held = value;
      if (errorCode !== 'FLAG_NOT_FOUND') problem = errorCode ?? 'TYPE_MISMATCH';
    } catch {
      problem = 'PROVIDER_THREW';
    }
    if (problem !== undefined) unusable.push(Object.freeze({ flagKey, problem, value: shown(held) }));
    return { value: defaultValue, variant: null, bucket: null };
  }

  const isOn = (flagKey: string) => details(flagKey, false, () => client.getBooleanDetails(flagKey, false, context));

  const master = await isOn(flagKeys.lighthouseV5);
  if (!master.value)
    return {
      mode: 'v4_only',
      flagKey: flagKeys.lighthouseV5,
      variant: master.variant,
      bucket: master.bucket,
      unusable,
    };

  const switches: readonly (readonly [flagKey: string, mode: CallMode])[] = [
    [v5OnlyFlags[operation], 'v5_only'],
    [flagKeys.lighthouseParallelMode, 'parallel'],
    [flagKeys.lighthouseV5Primary, 'v5_primary'],
  ];
  let bucket: number | null = null;
  for (const [flagKey, mode] of switches) {
    const flag = await isOn(flagKey);
    if (flag.value) return { mode, flagKey, variant: flag.variant, bucket: flag.bucket, unusable };
    bucket = flag.bucket ?? bucket;
  }

  const flagKey = flagKeys.lighthouseMigrationMode;
  const named = await details(flagKey, '', () => client.getStringDetails(flagKey, '', context));
  if (isCallMode(named.value)) return { mode: named.value, flagKey, variant: named.variant, bucket, unusable };
  if (named.value !== '') unusable.push(Object.freeze({ flagKey, problem: 'UNKNOWN_MODE', value: shown(named.value) }));
  return { mode: undefined, flagKey: null, variant: null, bucket, unusable };
}
