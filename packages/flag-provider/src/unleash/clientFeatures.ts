import type { ClientFeaturesResponse } from 'unleash-client';
import {
  listOf,
  name,
  numberFrom,
  oneOf,
  optional,
  type Reader,
  refuse,
  shape,
  text,
  truth,
  withDefault,
} from '../file/readShape.js';
import { plainObject } from '../frozenJson.js';

/** A flag as the server sends it, its segments by their ids. */
export type Feature = ClientFeaturesResponse['features'][number];
/** Constraints that strategies share. */
export type Segment = NonNullable<ClientFeaturesResponse['segments']>[number];

/** What an Unleash client is sent: flags by their names and segments by their ids, complete. */
export type ClientFeatures = {
  readonly features: ReadonlyMap<string, Feature>;
  readonly segments: ReadonlyMap<number, Segment>;
  readonly revision: number | undefined;
};

const constraint = shape({
  contextName: name,
  // The specification has it that no context meets an operator or a segment that the client does not know: a newer
  // server's flags are taken, and are off where they need one.
  operator: name,
  inverted: withDefault(truth, false),
  caseInsensitive: optional(truth),
  values: withDefault(listOf(text), []),
  value: optional(text),
});

const payload = shape({ type: oneOf('string', 'csv', 'number', 'json'), value: text });

const strategyVariant = { name, weight: numberFrom(0), stickiness: optional(text), payload: optional(payload) };

const variant = shape({
  ...strategyVariant,
  overrides: optional(listOf(shape({ contextName: name, values: withDefault(listOf(text), []) }))),
});

// What a strategy of the caller's own takes is the caller's affair.
const parameters: Reader<{ readonly [key: string]: unknown }> = (value, path) => plainObject(value, path);

const percentages = {
  flexibleRollout: 'rollout',
  gradualRolloutRandom: 'percentage',
  gradualRolloutUserId: 'percentage',
  gradualRolloutSessionId: 'percentage',
} as const;

const strategyMembers = shape({
  name,
  parameters: withDefault(parameters, {}),
  constraints: withDefault(listOf(constraint), []),
  segments: optional(listOf(numberFrom(0))),
  variants: optional(listOf(shape(strategyVariant))),
});

const strategy: Reader<ReturnType<typeof strategyMembers>> = (value, path) => {
  const read = strategyMembers(value, path);
  const key = Object.entries(percentages).find(([rollout]) => rollout === read.name)?.[1];
  if (key === undefined) return read;
  // The client takes what is no percentage for 0, in silence.
  const percent = read.parameters[key];
  const isNumber = typeof percent === 'number' || (typeof percent === 'string' && /^\d+(\.\d+)?$/.test(percent));
  if (!isNumber || !(Number(percent) >= 0 && Number(percent) <= 100)) {
    refuse(`${path}.parameters.${key}`, 'expected a number from 0 to 100');
  }
  return read;
};

const feature = shape({
  name,
  type: optional(text),
  project: optional(text),
  description: optional(text),
  enabled: truth,
  stale: optional(truth),
  impressionData: optional(truth),
  strategies: listOf(strategy),
  variants: optional(listOf(variant)),
  dependencies: optional(listOf(shape({ feature: name, enabled: optional(truth), variants: optional(listOf(text)) }))),
});

const document = shape({
  version: numberFrom(1),
  features: listOf(feature),
  segments: withDefault(listOf(shape({ id: numberFrom(0), constraints: listOf(constraint) })), []),
  meta: optional(shape({ revisionId: optional(numberFrom(0)) })),
});

/**
 * Reads what the server answers at `/api/client/features`, which is also a client's bootstrap and backup; members that
 * no evaluation needs are left out. Throws a FlagProviderError with the path of the first fault: the client itself takes
 * in anything and is wrong about it later.
 *
 * Source: unleash-client, lib/feature.d.ts; @unleash/client-specification, schema.
 */
export function parseClientFeatures(given: unknown): ClientFeatures {
  const { features, segments, meta } = document(given, '');
  return {
    // The client's types name enums that it does not export.
    features: byKey(features as unknown as Feature[], 'features', 'name'),
    segments: byKey(segments as unknown as Segment[], 'segments', 'id'),
    revision: meta?.revisionId,
  };
}

function byKey<K extends string, T extends { readonly [key in K]: unknown }>(
  items: readonly T[],
  path: string,
  key: K,
): ReadonlyMap<T[K], T> {
  const found = new Map<T[K], T>();
  for (const [index, item] of items.entries()) {
    if (found.has(item[key])) refuse(`${path}[${index}].${key}`, `${JSON.stringify(item[key])} is there twice`);
    found.set(item[key], item);
  }
  return found;
}
