import { FlagProviderError } from '../../errors.js';
import {
  listOf,
  name,
  numberFrom,
  oneOf,
  optional,
  type Reader,
  shape,
  text,
  truth,
  withDefault,
} from '../../file/readShape.js';
import { frozenJson, type JsonData, plainObject } from '../../frozenJson.js';

/** A variant of a strategy; weights are of 1000, and one that is `variable` takes what the others leave. */
export type StrategyVariant = {
  readonly name: string;
  readonly weight: number;
  readonly weightType: 'variable' | 'fix';
  readonly stickiness: string;
  readonly payload?: { readonly type: 'string' | 'csv' | 'json' | 'number'; readonly value: string };
};

/** An activation strategy as the server holds it. */
export type StrategyState = {
  readonly id: string;
  /** Its kind, as in `flexibleRollout`. */
  readonly name: string;
  readonly disabled: boolean;
  /** Texts, unless somebody has written something else. */
  readonly parameters: { readonly [key: string]: JsonData };
  readonly constraints: readonly JsonData[];
  readonly segments: readonly number[];
  readonly variants: readonly StrategyVariant[];
};

/** A flag as one environment has it. */
export type FlagState = {
  readonly flagKey: string;
  readonly description: string;
  /** Whether its switch is on in the environment. */
  readonly enabled: boolean;
  readonly strategies: readonly StrategyState[];
  /** The flags that it depends on. */
  readonly dependencies: readonly string[];
};

/** A project, and the environments that its flags are switched in. */
export type ProjectState = { readonly name: string; readonly environments: readonly string[] };

/** A flag in the list of a project's. */
export type FlagSummary = { readonly flagKey: string; readonly type: string; readonly description: string };

const parameters: Reader<{ readonly [key: string]: JsonData }> = (value, path) =>
  frozenJson(plainObject(value, path), path) as { readonly [key: string]: JsonData };
const constraint: Reader<JsonData> = (value, path) => frozenJson(plainObject(value, path), path);

const variant: Reader<StrategyVariant> = shape({
  name,
  weight: numberFrom(0),
  weightType: withDefault(oneOf('variable', 'fix'), 'variable'),
  stickiness: withDefault(text, 'default'),
  payload: optional(shape({ type: oneOf('string', 'csv', 'json', 'number'), value: text })),
});

const strategy: Reader<StrategyState> = shape({
  id: name,
  name,
  disabled: withDefault(truth, false),
  parameters: withDefault(parameters, {}),
  constraints: withDefault(listOf(constraint), []),
  segments: withDefault(listOf(numberFrom(0)), []),
  variants: withDefault(listOf(variant), []),
});

const environment = shape({ name, enabled: truth, strategies: withDefault(listOf(strategy), []) });

const feature = shape({
  name,
  description: withDefault(text, ''),
  environments: listOf(environment),
  dependencies: withDefault(listOf(shape({ feature: name })), []),
});

const project = shape({ name, environments: listOf(shape({ environment: name })) });

const features = shape({
  features: listOf(shape({ name, type: withDefault(text, 'release'), description: withDefault(text, '') })),
});

/** Reads a flag in an environment; throws ENVIRONMENT_NOT_FOUND if its project has no such environment, and MALFORMED_RESPONSE. */
export function readFlagState(body: unknown, environmentName: string, place: string): FlagState {
  const { name: flagKey, description, environments, dependencies } = read(feature, body, place);
  const found = environments.find((one) => one.name === environmentName);
  if (found === undefined) throw environmentNotFound(environmentName);
  const { enabled, strategies } = found;
  return { flagKey, description, enabled, strategies, dependencies: dependencies.map((one) => one.feature) };
}

/** Reads a strategy; throws MALFORMED_RESPONSE. */
export const readStrategyState = (body: unknown, place: string): StrategyState => read(strategy, body, place);

/** Reads a project; throws MALFORMED_RESPONSE. */
export function readProjectState(body: unknown, place: string): ProjectState {
  const { name: projectName, environments } = read(project, body, place);
  return { name: projectName, environments: environments.map((one) => one.environment) };
}

/** Reads a list of flags; throws MALFORMED_RESPONSE. */
export function readFlagSummaries(body: unknown, place: string): readonly FlagSummary[] {
  return read(features, body, place).features.map(({ name: flagKey, ...rest }) => ({ flagKey, ...rest }));
}

/** Says that a project has no such environment. */
export function environmentNotFound(environmentName: string): FlagProviderError {
  return new FlagProviderError('ENVIRONMENT_NOT_FOUND', 'environment', `the project has no ${environmentName}`);
}

function read<T>(reader: Reader<T>, body: unknown, place: string): T {
  try {
    return reader(body, '');
  } catch (cause) {
    if (!(cause instanceof FlagProviderError)) throw cause;
    throw new FlagProviderError('MALFORMED_RESPONSE', place, cause.message, { cause });
  }
}
