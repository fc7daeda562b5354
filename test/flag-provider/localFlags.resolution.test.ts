import { defaultGroupId, type LocalFlag, LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import {
  type Client,
  type EvaluationContext,
  type EvaluationDetails,
  type FlagValue,
  type JsonValue,
  MultiProvider,
  OpenFeature,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import fc from 'fast-check';
import murmurhash3js from 'murmurhash3js';
import { afterEach, describe, expect, test } from 'vitest';
import { clientOf, provideFlags } from './provide.js';

afterEach(() => OpenFeature.clearProviders());

type Type = 'boolean' | 'string' | 'number' | 'object';

const ask: Record<
  Type,
  (client: Client, key: string, context?: EvaluationContext) => Promise<EvaluationDetails<FlagValue>>
> = {
  boolean: (client, key, context) => client.getBooleanDetails(key, defaults.boolean, context),
  string: (client, key, context) => client.getStringDetails(key, defaults.string, context),
  number: (client, key, context) => client.getNumberDetails(key, defaults.number, context),
  object: (client, key, context) => client.getObjectDetails(key, defaults.object, context),
};
// The boolean default is true, so that no false of a rule can be mistaken for it.
const defaults = { boolean: true, string: 'default', number: -1, object: { is: 'default' } as JsonValue };
const types = ['boolean', 'string', 'number', 'object'] as const;

const key = '0x56a6b2fd1e2a0f0d4b4e9f9b2c0c6f9a9b1a1f4f1d0f35a4b2a3d5f8b0c7e6d9';
const bucketIn = (groupId: string): number => (murmurhash3js.x86.hash32(`${groupId}:${key}`, 0) % 100) + 1;
const bucket = bucketIn('lighthouse-compat');

const detailsOf = (expected: ResolutionDetails<FlagValue>): EvaluationDetails<FlagValue> => ({
  flagKey: 'flag',
  flagMetadata: {},
  ...expected,
});

test('the key of these tests is neither in the first nor in the last bucket', () => {
  expect(bucket).toBeGreaterThan(1);
  expect(bucket).toBeLessThan(100);
});

describe('a constant', () => {
  const object = { engine: 'v5', order: [1, { deep: null }] };
  test.each<[Type, LocalFlag, ResolutionDetails<FlagValue>]>([
    ['boolean', true, { value: true, reason: 'STATIC', variant: 'on' }],
    ['boolean', false, { value: false, reason: 'STATIC', variant: 'off' }],
    ['boolean', { value: false }, { value: false, reason: 'STATIC', variant: 'off' }],
    ['string', 'v5_primary', { value: 'v5_primary', reason: 'STATIC' }],
    ['string', '', { value: '', reason: 'STATIC' }],
    ['string', { value: 'parallel' }, { value: 'parallel', reason: 'STATIC' }],
    ['number', 42.5, { value: 42.5, reason: 'STATIC' }],
    ['number', 0, { value: 0, reason: 'STATIC' }],
    ['number', { value: -7 }, { value: -7, reason: 'STATIC' }],
    ['object', { value: object }, { value: object, reason: 'STATIC' }],
    ['object', { value: [1, 'two', false] }, { value: [1, 'two', false], reason: 'STATIC' }],
    ['object', { value: {} }, { value: {}, reason: 'STATIC' }],
  ])('of type %s, %j, resolves with reason STATIC and needs no targetingKey', async (type, flag, expected) => {
    const { client } = await provideFlags({ flag });
    expect(await ask[type](client, 'flag')).toStrictEqual(detailsOf(expected));
    expect(await ask[type](client, 'flag', { targetingKey: key })).toStrictEqual(detailsOf(expected));
  });
});

describe('a rollout', () => {
  const metadata = (percent: number): object => ({ bucket, percent, groupId: 'lighthouse-compat' });
  const values: readonly [Type, JsonValue & (boolean | string | number | object), FlagValue, string, string][] = [
    ['boolean', true, false, 'on', 'off'],
    ['string', 'v5_primary', defaults.string, 'in', 'out'],
    ['number', 42, defaults.number, 'in', 'out'],
    ['object', { engine: 'v5' }, defaults.object, 'in', 'out'],
    ['object', [1, 2], defaults.object, 'in', 'out'],
  ];

  test.each(values)('of type %s gives its value %j to keys up to its percentage', async (type, value, _, inside) => {
    const { client } = await provideFlags({ flag: { percent: bucket, value } });
    expect(await ask[type](client, 'flag', { targetingKey: key })).toStrictEqual(
      detailsOf({ value, reason: 'SPLIT', variant: inside, flagMetadata: metadata(bucket) as never }),
    );
  });

  test.each(values)(
    'of type %s, of %j, gives keys beyond its percentage %j',
    async (type, value, otherwise, _, outside) => {
      const { client } = await provideFlags({ flag: { percent: bucket - 1, value } });
      expect(await ask[type](client, 'flag', { targetingKey: key })).toStrictEqual(
        detailsOf({
          value: otherwise,
          reason: 'SPLIT',
          variant: outside,
          flagMetadata: metadata(bucket - 1) as never,
        }),
      );
    },
  );

  test.each(values)('of type %s, of %j, is static at 0 and at 100', async (type, value, otherwise, inside, outside) => {
    const { client } = await provideFlags({ none: { percent: 0, value }, all: { percent: 100, value } });
    const flags = [
      ['none', 0, otherwise, outside],
      ['all', 100, value, inside],
    ] as const;
    for (const [flagKey, percent, expected, variant] of flags) {
      const outcome = { flagKey, value: expected, reason: 'STATIC', variant };
      expect(await ask[type](client, flagKey)).toStrictEqual({
        ...outcome,
        flagMetadata: { percent, groupId: 'lighthouse-compat' },
      });
      expect(await ask[type](client, flagKey, { targetingKey: key })).toStrictEqual({
        ...outcome,
        flagMetadata: metadata(percent),
      });
    }
  });

  test('is of true unless told otherwise', async () => {
    const { client } = await provideFlags({ flag: { percent: bucket } });
    const details = await client.getBooleanDetails('flag', false, { targetingKey: key });
    expect(details).toMatchObject({ value: true, variant: 'on', reason: 'SPLIT' });
  });

  test('of false is false for every key, by value and by variant', async () => {
    const { client } = await provideFlags({ flag: { percent: bucket, value: false } });
    const details = await client.getBooleanDetails('flag', true, { targetingKey: key });
    expect(details).toMatchObject({ value: false, variant: 'off', reason: 'SPLIT' });
  });

  test('draws the bucket in its own group', async () => {
    const groupId = 'another group';
    expect(bucketIn(groupId)).not.toBe(bucket);
    const { client } = await provideFlags({ flag: { percent: 50, groupId } });
    const details = await client.getBooleanDetails('flag', false, { targetingKey: key });
    expect(details.flagMetadata).toEqual({ bucket: bucketIn(groupId), percent: 50, groupId });
    expect(details.value).toBe(bucketIn(groupId) <= 50);
  });

  test('of one percentage chooses the same keys in every flag of a group', async () => {
    const { client } = await provideFlags({ one: { percent: 50 }, two: { percent: 50, groupId: defaultGroupId } });
    for (let i = 0; i < 200; i++) {
      const context = { targetingKey: `key-${i}` };
      expect(await client.getBooleanValue('one', false, context)).toBe(
        await client.getBooleanValue('two', false, context),
      );
    }
  });

  test('takes the targetingKey of the client and of the API context as well', async () => {
    const { client } = await provideFlags({ flag: { percent: bucket } });
    client.setContext({ targetingKey: key });
    expect(await client.getBooleanDetails('flag', false)).toMatchObject({ value: true, flagMetadata: { bucket } });
  });

  test('only gains keys as its percentage rises, from none at 0 to all at 100', async () => {
    const { provider, client } = await provideFlags({ flag: { percent: 0 } });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 5 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 }),
        async (targetingKeys, between) => {
          let chosen: readonly string[] = [];
          for (const percent of [0, ...between.sort((a, b) => a - b), 100]) {
            provider.set({ flag: { percent } });
            const now: string[] = [];
            for (const targetingKey of targetingKeys) {
              if (await client.getBooleanValue('flag', percent === 0, { targetingKey })) now.push(targetingKey);
            }
            if (percent === 0) expect(now).toEqual([]);
            expect(now).toEqual(expect.arrayContaining([...chosen]));
            chosen = now;
          }
          expect(chosen).toEqual(targetingKeys);
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each<[string, unknown]>([
    ['no', undefined],
    ['an empty', ''],
    ['a numeric', 7],
    ['a null', null],
  ])(
    'answers the default with TARGETING_KEY_MISSING under %s targetingKey, and needs none at 100',
    async (_, given) => {
      const { client } = await provideFlags({ flag: { percent: 99 }, all: { percent: 100 } });
      const context = (given === undefined ? {} : { targetingKey: given }) as EvaluationContext;
      expect(await client.getBooleanDetails('flag', true, context)).toStrictEqual({
        flagKey: 'flag',
        value: true,
        reason: 'ERROR',
        errorCode: 'TARGETING_KEY_MISSING',
        errorMessage: expect.stringContaining('"flag"'),
        flagMetadata: { percent: 99, groupId: 'lighthouse-compat' },
      });
      expect(await client.getBooleanDetails('all', false, context)).toStrictEqual({
        flagKey: 'all',
        value: true,
        reason: 'STATIC',
        variant: 'on',
        flagMetadata: { percent: 100, groupId: 'lighthouse-compat' },
      });
    },
  );
});

describe('a flag of another type than asked for', () => {
  const flagsOf: Record<Type, readonly LocalFlag[]> = {
    boolean: [true, { value: false }, { percent: 100 }, { percent: 50, value: true }],
    string: ['true', '1', { value: '{}' }, { percent: 100, value: 'x' }],
    number: [1, 0, { percent: 50, value: 1 }],
    object: [{ value: {} }, { value: [] }, { percent: 100, value: { a: 1 } }, { percent: 0, value: [1] }],
  };
  const cases = types.flatMap((type) =>
    types
      .filter((asked) => asked !== type)
      .flatMap((asked) => flagsOf[type].map((flag) => [type, flag, asked] as const)),
  );
  test.each(cases)('a %s, %j, asked as a %s is the default with TYPE_MISMATCH', async (type, flag, asked) => {
    const { client } = await provideFlags({ flag });
    for (const context of [{}, { targetingKey: key }]) {
      expect(await ask[asked](client, 'flag', context)).toStrictEqual(
        detailsOf({
          value: defaults[asked],
          reason: 'ERROR',
          errorCode: 'TYPE_MISMATCH' as never,
          errorMessage: `flag "flag" is a ${type}, not a ${asked}`,
        }),
      );
    }
  });
});

describe('an unknown flag', () => {
  test.each(types)('asked as a %s is the default with FLAG_NOT_FOUND', async (type) => {
    const { client } = await provideFlags({ other: true });
    expect(await ask[type](client, 'flag', { targetingKey: key })).toStrictEqual(
      detailsOf({
        value: defaults[type],
        reason: 'ERROR',
        errorCode: 'FLAG_NOT_FOUND' as never,
        errorMessage: 'no flag "flag"',
      }),
    );
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', ''])(
    'is what %j is as long as nobody sets it',
    async (hostile) => {
      const { client } = await provideFlags({});
      for (const type of types) {
        expect(await ask[type](client, hostile)).toMatchObject({ value: defaults[type], errorCode: 'FLAG_NOT_FOUND' });
      }
      expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('percent');
    },
  );

  test.each(['__proto__', 'constructor', 'toString'])(
    'ceases to be one when %j is set, like any other',
    async (hostile) => {
      const flags = JSON.parse(`{"${hostile}": {"percent": 100}}`) as Record<string, LocalFlag>;
      const { provider, client } = await provideFlags(flags);
      expect(await client.getBooleanDetails(hostile, false)).toMatchObject({ value: true, reason: 'STATIC' });
      provider.set(JSON.parse(`{"${hostile}": "text"}`) as Record<string, LocalFlag>);
      expect(await client.getStringDetails(hostile, '')).toMatchObject({ value: 'text', reason: 'STATIC' });
      expect(({} as Record<string, unknown>)['percent']).toBeUndefined();
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    },
  );

  test('lets a MultiProvider fall through to the next provider, and a known one does not', async () => {
    const local = new LocalFlagProvider({ flags: { known: 'first', other_type: true } });
    const next = new LocalFlagProvider({ flags: { known: 'second', unknown: 'second', other_type: 'second' } });
    const client = await clientOf(
      new MultiProvider([
        { provider: local, name: 'local' },
        { provider: next, name: 'next' },
      ]),
    );
    expect(await client.getStringDetails('known', 'default')).toMatchObject({ value: 'first', reason: 'STATIC' });
    expect(await client.getStringDetails('unknown', 'default')).toMatchObject({ value: 'second', reason: 'STATIC' });
    expect(await client.getStringDetails('other_type', 'default')).toMatchObject({ value: 'default', reason: 'ERROR' });
    expect(await client.getStringDetails('neither', 'default')).toMatchObject({ value: 'default', reason: 'ERROR' });

    local.remove('known');
    expect(await client.getStringValue('known', 'default')).toBe('second');
  });
});
