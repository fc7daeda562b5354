import {
  FlagProviderError,
  type LocalFlag,
  LocalFlagProvider,
  type LocalFlags,
} from '@lighthouse-compat/flag-provider';
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { provideFlags } from './provide.js';

afterEach(() => OpenFeature.clearProviders());

const cyclic: Record<string, unknown> = {};
cyclic['self'] = [cyclic];
const nested = (depth: number): unknown => (depth === 0 ? [] : [nested(depth - 1)]);

const faults: readonly (readonly [string, unknown, string, string])[] = [
  ['a percentage over 100', { percent: 101 }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['a percentage under 0', { percent: -1 }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['a fraction of a percent', { percent: 1.5 }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['a percentage in words', { percent: '10' }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['a percentage that is no number', { percent: Number.NaN }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['an infinite percentage', { percent: Number.POSITIVE_INFINITY }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['a null percentage', { percent: null }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['an undefined percentage', { percent: undefined }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['a bigint percentage', { percent: 10n }, 'INVALID_PERCENT', 'flags.flag.percent'],
  ['an empty group', { percent: 10, groupId: '' }, 'INVALID_FLAG', 'flags.flag.groupId'],
  ['a numeric group', { percent: 10, groupId: 7 }, 'INVALID_FLAG', 'flags.flag.groupId'],
  ['an undefined group', { percent: 10, groupId: undefined }, 'INVALID_FLAG', 'flags.flag.groupId'],
  ['a group without a percentage', { value: 'x', groupId: 'g' }, 'INVALID_FLAG', 'flags.flag.groupId'],
  ['an undefined value', { percent: 10, value: undefined }, 'INVALID_FLAG', 'flags.flag.value'],
  ['a null value', { percent: 10, value: null }, 'INVALID_FLAG', 'flags.flag.value'],
  ['a null constant', { value: null }, 'INVALID_FLAG', 'flags.flag.value'],
  ['a rule of nothing', {}, 'INVALID_FLAG', 'flags.flag.value'],
  ['an unknown key', { percent: 10, precent: 20 }, 'INVALID_FLAG', 'flags.flag.precent'],
  ['an unknown key that is no identifier', { 'a b': 1, value: 1 }, 'INVALID_FLAG', 'flags.flag["a b"]'],
  ['an own __proto__', JSON.parse('{"value": 1, "__proto__": 2}'), 'INVALID_FLAG', 'flags.flag.__proto__'],
  ['a flag that is not a number', Number.NaN, 'INVALID_FLAG', 'flags.flag'],
  ['an infinite flag', Number.NEGATIVE_INFINITY, 'INVALID_FLAG', 'flags.flag'],
  ['a bigint', 1n, 'INVALID_FLAG', 'flags.flag'],
  ['a symbol', Symbol('on'), 'INVALID_FLAG', 'flags.flag'],
  ['a function', () => true, 'INVALID_FLAG', 'flags.flag'],
  ['an undefined flag', undefined, 'INVALID_FLAG', 'flags.flag'],
  ['a null flag', null, 'INVALID_FLAG', 'flags.flag'],
  ['a bare array', [true], 'INVALID_FLAG', 'flags.flag'],
  ['an instance of a class', new Map([['percent', 10]]), 'INVALID_FLAG', 'flags.flag'],
  ['inherited members', Object.create({ percent: 10 }), 'INVALID_FLAG', 'flags.flag'],
  ['a function inside', { value: { a: [1, () => 1] } }, 'INVALID_FLAG', 'flags.flag.value.a[1]'],
  ['an undefined inside', { value: { a: undefined } }, 'INVALID_FLAG', 'flags.flag.value.a'],
  ['an infinity inside', { percent: 1, value: { 'a-b': [Infinity] } }, 'INVALID_FLAG', 'flags.flag.value["a-b"][0]'],
  ['a date inside', { value: [new Date(0)] }, 'INVALID_FLAG', 'flags.flag.value[0]'],
  ['a hole in an array', { value: new Array(1) }, 'INVALID_FLAG', 'flags.flag.value[0]'],
  ['a cycle', { value: cyclic }, 'INVALID_FLAG', 'flags.flag.value.self[0]'],
  ['a value nested without end', { value: nested(2000) }, 'INVALID_FLAG', expect.any(String) as never],
];

const caught = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('validation', () => {
  test.each(faults)('refuses %s when a provider is made', (_, flag, code, path) => {
    const error = caught(() => new LocalFlagProvider({ flags: { good: true, flag: flag as LocalFlag } }));
    expect(error).toBeInstanceOf(FlagProviderError);
    expect(error).toMatchObject({ name: 'FlagProviderError', code, path });
    expect((error as FlagProviderError).message).toContain(`${(error as FlagProviderError).path}: `);
  });

  test.each(faults)('refuses a whole set that holds %s, and changes nothing', async (_, flag, code, path) => {
    const { provider, client } = await provideFlags({ kept: 'before', flag: true });
    const changed = vi.fn();
    client.addHandler(ProviderEvents.ConfigurationChanged, changed);

    const error = caught(() => provider.set({ kept: 'after', added: true, flag: flag as LocalFlag, late: 1 }));

    expect(error).toMatchObject({ name: 'FlagProviderError', code, path });
    expect(await client.getStringValue('kept', '')).toBe('before');
    expect(await client.getBooleanValue('flag', false)).toBe(true);
    expect(await client.getBooleanDetails('added', false)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    expect(await client.getNumberDetails('late', 0)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    expect(changed).not.toHaveBeenCalled();
  });

  test.each([undefined, null, 'flags', 7, [], new Map(), () => ({})])('refuses %s as the flags themselves', (flags) => {
    const error = caught(() => new LocalFlagProvider({ flags: flags as unknown as LocalFlags }));
    expect(error).toMatchObject({ name: 'FlagProviderError', code: 'INVALID_FLAG', path: 'flags' });
  });

  test.each([
    ['lighthouse_v5_primary', 'flags.lighthouse_v5_primary.percent'],
    ['with space', 'flags["with space"].percent'],
    ['say "hi"', 'flags["say \\"hi\\""].percent'],
    ['__proto__', 'flags.__proto__.percent'],
  ])('names the flag %j in the path', (key, path) => {
    const flags = Object.fromEntries([[key, { percent: 200 }]]);
    expect(caught(() => new LocalFlagProvider({ flags }))).toMatchObject({ code: 'INVALID_PERCENT', path });
  });

  test('takes exactly the integers from 0 to 100 as percentages', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -300, max: 300 }), fc.double()), (percent) => {
        const valid = Number.isInteger(percent) && percent >= 0 && percent <= 100;
        expect(caught(() => new LocalFlagProvider({ flags: { flag: { percent } } })) === undefined).toBe(valid);
      }),
    );
  });

  test('takes objects without a prototype', async () => {
    const value = Object.assign(Object.create(null) as object, { a: 1 }) as { a: number };
    const { client } = await provideFlags(Object.assign(Object.create(null) as object, { flag: { value } }));
    expect(await client.getObjectValue('flag', {})).toEqual({ a: 1 });
  });
});

describe('what was given', () => {
  test('may change later without changing a flag', async () => {
    const value = { list: [1, { deep: 'before' }] as [number, { deep: string }] };
    const rule = { percent: 100, value };
    const flags: Record<string, LocalFlag> = { flag: rule };
    const { client } = await provideFlags(flags);

    value.list[1].deep = 'after';
    value.list[0] = 2;
    rule.percent = 0;
    flags['added'] = true;

    expect(await client.getObjectValue('flag', {})).toEqual({ list: [1, { deep: 'before' }] });
    expect(await client.getBooleanDetails('added', false)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
  });

  test('is not frozen, but what is answered is, all the way down', async () => {
    const value = { list: [{ deep: 1 }] };
    const { client } = await provideFlags({ flag: { value } });
    const answer = await client.getObjectValue<typeof value>('flag', { list: [] });
    expect(Object.isFrozen(value)).toBe(false);
    expect([answer, answer.list, answer.list[0]].every(Object.isFrozen)).toBe(true);
    expect(() => answer.list.push({ deep: 2 })).toThrow(TypeError);
  });

  test('comes back equal, whatever JSON object or array it is', async () => {
    const { provider, client } = await provideFlags({});
    // JSON has no negative zero: what is given is what a document can hold.
    const json = fc
      .jsonValue({ maxDepth: 4 })
      .map((value): unknown => JSON.parse(JSON.stringify(value)))
      .filter((value) => typeof value === 'object' && value !== null);
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        provider.set({ flag: { value: value as object as never } });
        expect(await client.getObjectValue('flag', { is: 'default' })).toEqual(value);
      }),
    );
  });

  test('keeps an own __proto__ inside an object as an ordinary member', async () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, never>;
    const { client } = await provideFlags({ flag: { value } });
    const answer = await client.getObjectValue<Record<string, never>>('flag', {});
    expect(Object.keys(answer)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(answer)).toBe(Object.prototype);
    expect('polluted' in answer).toBe(false);
  });
});
