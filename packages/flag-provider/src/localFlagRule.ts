import { isDeepStrictEqual } from 'node:util';
import type { FlagValueType } from '@openfeature/server-sdk';
import { defaultGroupId } from './bucketing.js';
import { FlagProviderError } from './errors.js';
import { frozenJson, type JsonData, member, plainObject } from './frozenJson.js';

/** A value that a flag can have: any JSON value save a bare null, which has no flag type. */
export type LocalFlagValue = Exclude<JsonData, null>;

/** A gradual rollout: keys whose bucket is at most `percent` (an integer from 0 to 100) get `value`, by default true. */
export type LocalPercentFlag = {
  readonly percent: number;
  /** The group that the bucket is drawn in, by default {@link defaultGroupId}; flags of one group and percent choose the same keys. */
  readonly groupId?: string;
  readonly value?: LocalFlagValue;
};

/** The same value for every key; the long form that objects and arrays need. */
export type LocalConstantFlag = { readonly value: LocalFlagValue };

/** One flag: a constant, or a gradual rollout. */
export type LocalFlag = boolean | string | number | LocalPercentFlag | LocalConstantFlag;

/** Flags by their keys. */
export type LocalFlags = { readonly [flagKey: string]: LocalFlag };

/** A validated flag, with its defaults filled in. */
export type LocalFlagRule =
  | { readonly kind: 'constant'; readonly type: FlagValueType; readonly value: LocalFlagValue }
  | {
      readonly kind: 'percent';
      readonly type: FlagValueType;
      readonly value: LocalFlagValue;
      readonly percent: number;
      readonly groupId: string;
    };

/** Validated flags by their keys. */
export type LocalFlagRules = ReadonlyMap<string, LocalFlagRule>;

/** Reads flags into rules that share nothing with what was given; throws a FlagProviderError with the path of the first fault. */
export function parseLocalFlags(flags: unknown): LocalFlagRules {
  const entries = Object.entries(plainObject(flags, 'flags'));
  return new Map(entries.map(([key, flag]) => [key, parseLocalFlag(flag, member('flags', key))]));
}

/** Reads the document of a file, `{"flags": {...}}` with a `$schema` for editors or without; throws a FlagProviderError with the path of the first fault. */
export function parseLocalFlagsDocument(document: unknown): LocalFlagRules {
  const { $schema, flags, ...rest } = plainObject(document, 'the document');
  const [unknownKey] = Object.keys(rest);
  if (unknownKey !== undefined) {
    throw new FlagProviderError('INVALID_FLAG', member('', unknownKey), 'unknown key; a file has flags and $schema');
  }
  if ($schema !== undefined && typeof $schema !== 'string') {
    throw new FlagProviderError('INVALID_FLAG', '$schema', 'expected a string');
  }
  return parseLocalFlags(flags);
}

/** Names the flags whose rules differ, those that came and went included. */
export function changedRules(before: LocalFlagRules, after: LocalFlagRules): readonly string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.filter((key) => !isDeepStrictEqual(before.get(key), after.get(key)));
}

function parseLocalFlag(flag: unknown, path: string): LocalFlagRule {
  if (typeof flag !== 'object' || flag === null) return constantRule(flag, path);
  const { percent, groupId, value, ...rest } = plainObject(flag, path);
  const [unknownKey] = Object.keys(rest);
  if (unknownKey !== undefined) {
    throw new FlagProviderError(
      'INVALID_FLAG',
      member(path, unknownKey),
      'unknown key; a rule has percent, groupId and value',
    );
  }
  // Object.hasOwn tells a key that is undefined, which is a fault, from one left out.
  const given = (key: string): boolean => Object.hasOwn(flag, key);
  if (!given('percent')) {
    if (given('groupId')) {
      throw new FlagProviderError('INVALID_FLAG', `${path}.groupId`, 'only a rule with a percent has a group');
    }
    return constantRule(value, `${path}.value`);
  }
  if (typeof percent !== 'number' || !Number.isInteger(percent) || percent < 0 || percent > 100) {
    throw new FlagProviderError('INVALID_PERCENT', `${path}.percent`, 'expected an integer from 0 to 100');
  }
  const group = given('groupId') ? groupId : defaultGroupId;
  if (typeof group !== 'string' || group === '') {
    throw new FlagProviderError('INVALID_FLAG', `${path}.groupId`, 'expected a string that is not empty');
  }
  const constant = constantRule(given('value') ? value : true, `${path}.value`);
  return { ...constant, kind: 'percent', percent, groupId: group };
}

function constantRule(value: unknown, path: string): LocalFlagRule & { readonly kind: 'constant' } {
  const copy = frozenJson(value, path);
  switch (typeof copy) {
    case 'boolean':
      return { kind: 'constant', type: 'boolean', value: copy };
    case 'string':
      return { kind: 'constant', type: 'string', value: copy };
    case 'number':
      return { kind: 'constant', type: 'number', value: copy };
    case 'object':
      if (copy === null) throw new FlagProviderError('INVALID_FLAG', path, 'a flag cannot be null');
      return { kind: 'constant', type: 'object', value: copy };
  }
}
