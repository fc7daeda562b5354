import { defaultGroupId, type LocalFlags, normalizedValue } from '@lighthouse-compat/flag-provider';
import { type MigrationMode, type Operation, systemClock } from '@lighthouse-compat/sdk';
import type { Client } from '@openfeature/server-sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChainView } from '../../packages/sdk/src/selection/chainView.js';
import { createFlagSource } from '../../packages/sdk/src/selection/flagSource.js';
import { createPayloadPins } from '../../packages/sdk/src/selection/payloadPins.js';
import { type Decision, type SelectionInput, whenSelected } from '../../packages/sdk/src/selection/select.js';
import { targetingKeyOf } from '../../packages/sdk/src/selection/targetingKey.js';
import { clientOf, localFlags } from '../support/localFlags.js';
import { forks, hash } from '../support/samples.js';

const input: SelectionInput = {
  operation: 'new_payload',
  fork: 'shanghai',
  payloadId: null,
  targetingKey: hash(1),
  sessionId: null,
};

type Options = {
  input?: Partial<SelectionInput>;
  flags?: Client | undefined;
  mode?: MigrationMode;
  chain?: ReturnType<typeof createChainView>;
  pins?: ReturnType<typeof createPayloadPins>;
  latched?: boolean;
  standby?: 'warm' | 'cold';
};

const choose = async (options: Options): Promise<Decision> => {
  const flags = options.flags === undefined ? undefined : createFlagSource(options.flags, systemClock);
  try {
    const sources = {
      chain: options.chain ?? createChainView(forks),
      pins: options.pins ?? createPayloadPins(),
      flags,
      nodeId: null,
      standby: options.standby ?? 'warm',
      isLatched: () => options.latched ?? false,
      mode: () => options.mode ?? { kind: 'v4_only' as const },
    };
    return await new Promise((resolve) => whenSelected({ ...input, ...options.input }, sources, resolve));
  } finally {
    flags?.close();
  }
};

const on = { lighthouse_v5: true };

test.each<[string, LocalFlags, Partial<Record<Operation, string>>]>([
  ['nothing', {}, { new_payload: 'v4 v4_only FLAG lighthouse_v5' }],
  [
    'everything but the master switch',
    { lighthouse_v5: false, lighthouse_v5_primary: true, new_payload_v5_only: true },
    { new_payload: 'v4 v4_only FLAG lighthouse_v5' },
  ],
  ['the master switch alone', on, { new_payload: 'v4 v4_only CONFIGURED null' }],
  [
    'new_payload_v5_only',
    { ...on, new_payload_v5_only: true },
    { new_payload: 'v5 v5_only FLAG new_payload_v5_only', forkchoice_updated: 'v4 v4_only CONFIGURED null' },
  ],
  [
    'forkchoice_v5_only',
    { ...on, forkchoice_v5_only: true },
    { forkchoice_updated: 'v5 v5_only FLAG forkchoice_v5_only', get_payload: 'v4 v4_only CONFIGURED null' },
  ],
  [
    'get_payload_v5_only',
    { ...on, get_payload_v5_only: true },
    { get_payload: 'v5 v5_only FLAG get_payload_v5_only', new_payload: 'v4 v4_only CONFIGURED null' },
  ],
  [
    'an operation flag over parallel mode',
    { ...on, new_payload_v5_only: true, lighthouse_parallel_mode: true },
    { new_payload: 'v5 v5_only FLAG new_payload_v5_only', get_payload: 'v4 parallel FLAG lighthouse_parallel_mode' },
  ],
  [
    'parallel mode over primary',
    { ...on, lighthouse_parallel_mode: true, lighthouse_v5_primary: true },
    { new_payload: 'v4 parallel FLAG lighthouse_parallel_mode' },
  ],
  [
    'primary over the named mode',
    { ...on, lighthouse_v5_primary: true, lighthouse_migration_mode: 'v4_only' },
    { new_payload: 'v5 v5_primary FLAG lighthouse_v5_primary' },
  ],
  ...(['v4_only', 'v5_only', 'parallel', 'v4_primary', 'v5_primary'] as const).map(
    (mode): [string, LocalFlags, Partial<Record<Operation, string>>] => [
      `the named mode ${mode}`,
      { ...on, lighthouse_migration_mode: mode },
      { new_payload: `${mode.startsWith('v5') ? 'v5' : 'v4'} ${mode} FLAG lighthouse_migration_mode` },
    ],
  ),
])('with %s on, each operation is decided by the first rule that applies', async (_what, flags, expected) => {
  const { client } = await localFlags(flags);
  for (const [operation, text] of Object.entries(expected)) {
    const { adapter, mode, reason, flagKey } = await choose({
      input: { operation: operation as Operation },
      flags: client,
    });
    expect(`${adapter} ${mode} ${reason} ${flagKey}`).toBe(text);
  }
});

test('with the master switch on and no flag set, the configured mode decides', async () => {
  const { client } = await localFlags(on);
  expect(await choose({ flags: client, mode: { kind: 'v5_only' } })).toMatchObject({
    adapter: 'v5',
    reason: 'CONFIGURED',
  });
  const off = await localFlags({});
  expect(await choose({ flags: off.client, mode: { kind: 'v5_only' } })).toMatchObject({
    adapter: 'v4',
    reason: 'FLAG',
  });
});

test('without a flags client the configured mode decides', async () => {
  expect(await choose({ mode: { kind: 'v5_primary' } })).toMatchObject({
    adapter: 'v5',
    mode: 'v5_primary',
    reason: 'CONFIGURED',
  });
});

test('a canary is v5_primary for exactly the keys of its bucket, by flag and by mode alike', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 100 }),
      fc.string({ minLength: 1, unit: 'binary' }),
      async (percent, targetingKey) => {
        const bucket = normalizedValue(targetingKey, defaultGroupId);
        const expected =
          bucket <= percent
            ? { adapter: 'v5', mode: 'v5_primary', bucket }
            : { adapter: 'v4', mode: 'v4_only', bucket };
        const { client } = await localFlags({ ...on, lighthouse_v5_primary: { percent } });
        expect(await choose({ input: { targetingKey }, flags: client })).toMatchObject(expected);
        expect(await choose({ input: { targetingKey }, mode: { kind: 'canary', percent } })).toMatchObject(expected);
      },
    ),
    { numRuns: 100 },
  );
});

test('a canary without a key is v4, save at 100 %', async () => {
  const keyless = { input: { targetingKey: null } };
  expect(await choose({ ...keyless, mode: { kind: 'canary', percent: 99 } })).toMatchObject({
    adapter: 'v4',
    bucket: null,
  });
  expect(await choose({ ...keyless, mode: { kind: 'canary', percent: 100 } })).toMatchObject({ adapter: 'v5' });
});

test('what v4 cannot serve goes to v5 whatever flags and mode say', async () => {
  const { client } = await localFlags({});
  expect(await choose({ input: { fork: 'cancun' }, flags: client })).toMatchObject({ adapter: 'v5', reason: 'FORK' });
});

test('once a Cancun head was VALID everything goes to v5, a reorg to Shanghai included', async () => {
  const chain = createChainView(forks);
  chain.seePayload(hash(1), 'shanghai');
  chain.seeValidHead(hash(1));
  expect(await choose({ chain })).toMatchObject({ adapter: 'v4' });
  chain.seePayload(hash(2), 'cancun');
  expect(await choose({ chain })).toMatchObject({ adapter: 'v4' });
  chain.seeValidHead(hash(2).toUpperCase().replace('0X', '0x') as typeof input.targetingKey & `0x${string}`);
  expect(await choose({ chain, input: { fork: 'shanghai' } })).toMatchObject({ adapter: 'v5', reason: 'FORK' });
});

test('a pin comes before everything', async () => {
  const payloadId = '0x0102030405060708' as const;
  const { client } = await localFlags({ ...on, lighthouse_v5_primary: true });
  const pins = createPayloadPins();
  pins.issue({ payloadId, engine: 'v4', adapter: 'v4', fork: 'shanghai', mode: 'v4_only' });
  expect(await choose({ input: { operation: 'get_payload', payloadId }, pins, flags: client })).toMatchObject({
    adapter: 'v4',
    mode: 'v4_only',
    reason: 'PIN',
  });
});

test('of two issues of one payloadId the last wins, and the oldest pin goes when there are too many', () => {
  const pins = createPayloadPins(2);
  const pin = (payloadId: `0x${string}`, adapter: 'v4' | 'v5') =>
    ({ payloadId, engine: adapter, adapter, fork: 'shanghai', mode: 'v4_only' }) as const;
  pins.issue(pin('0xaa', 'v4'));
  pins.issue(pin('0xbb', 'v4'));
  pins.issue(pin('0xAA', 'v5'));
  expect(pins.find('0xaa')).toMatchObject({ adapter: 'v5' });
  pins.issue(pin('0xcc', 'v4'));
  expect(pins.find('0xbb')).toBeUndefined();
  expect(pins.find('0xaa')).toBeDefined();
});

test.each([
  ['a text that is no mode', { lighthouse_migration_mode: 'v6_only' }, 'lighthouse_migration_mode', 'UNKNOWN_MODE'],
  ['a number for a text', { lighthouse_migration_mode: 7 }, 'lighthouse_migration_mode', 'TYPE_MISMATCH'],
  ['a text for a switch', { lighthouse_v5_primary: 'yes' }, 'lighthouse_v5_primary', 'TYPE_MISMATCH'],
] as const)('%s counts as off and is shown', async (_what, flags, flagKey, problem) => {
  const { client } = await localFlags({ ...on, ...flags });
  expect(await choose({ flags: client })).toMatchObject({
    adapter: 'v4',
    reason: 'CONFIGURED',
    unusableFlags: [{ flagKey, problem }],
  });
});

test('a master switch that cannot be used is off', async () => {
  const { client } = await localFlags({ lighthouse_v5: 'true' });
  expect(await choose({ flags: client, mode: { kind: 'v5_only' } })).toMatchObject({
    adapter: 'v4',
    unusableFlags: [{ flagKey: 'lighthouse_v5', problem: 'TYPE_MISMATCH' }],
  });
});

test('a percentage without a key counts as off and is shown', async () => {
  const { client } = await localFlags({ ...on, lighthouse_v5_primary: { percent: 50 } });
  expect(await choose({ input: { targetingKey: null }, flags: client })).toMatchObject({
    adapter: 'v4',
    unusableFlags: [{ flagKey: 'lighthouse_v5_primary', problem: 'TARGETING_KEY_MISSING' }],
  });
});

test('a provider that throws, or gives another type than was asked for, counts as off and never fails the call', async () => {
  const resolve = () => Promise.reject(new Error('the flag server is on fire'));
  const throwing = await clientOf({
    metadata: { name: 'throwing' },
    runsOn: 'server',
    resolveBooleanEvaluation: resolve,
    resolveStringEvaluation: resolve,
    resolveNumberEvaluation: resolve,
    resolveObjectEvaluation: resolve,
  });
  expect(await choose({ flags: throwing })).toMatchObject({
    adapter: 'v4',
    unusableFlags: [{ flagKey: 'lighthouse_v5', problem: 'GENERAL' }],
  });

  const lying = await clientOf({
    metadata: { name: 'lying' },
    runsOn: 'server',
    resolveBooleanEvaluation: async () => ({ value: 'true' as unknown as boolean }),
    resolveStringEvaluation: resolve,
    resolveNumberEvaluation: resolve,
    resolveObjectEvaluation: resolve,
  });
  expect(await choose({ flags: lying })).toMatchObject({
    adapter: 'v4',
    unusableFlags: [{ problem: 'TYPE_MISMATCH' }],
  });

  const broken = {
    getBooleanDetails: () => Promise.reject(new Error('no')),
    addHandler: () => {},
    removeHandler: () => {},
  } as unknown as Client;
  expect(await choose({ flags: broken })).toMatchObject({
    adapter: 'v4',
    unusableFlags: [{ problem: 'PROVIDER_THREW' }],
  });
});

const call = { operation: 'new_payload', blockHash: hash(1), payloadId: null, sessionId: null } as const;

test('the key is the block, the node, the session, or what a function gives', () => {
  expect(targetingKeyOf(call, 'block', null)).toBe(hash(1));
  expect(targetingKeyOf(call, 'node', 'node-7')).toBe('node-7');
  expect(targetingKeyOf({ ...call, sessionId: 's' }, 'block', null)).toBe('s');
  expect(targetingKeyOf({ ...call, sessionId: 's' }, 'node', 'node-7')).toBe('s');
  expect(targetingKeyOf(call, ({ operation }) => `by ${operation}`, null)).toBe('by new_payload');
  expect(targetingKeyOf({ ...call, operation: 'get_payload', blockHash: null, payloadId: '0xab' }, 'block', null)).toBe(
    '0xab',
  );
});

test('a stickiness function that throws or gives no text leaves the call without a key', () => {
  const throwing = () => {
    throw new Error('no');
  };
  expect(targetingKeyOf(call, throwing, null)).toBeNull();
  expect(targetingKeyOf(call, () => '', null)).toBeNull();
  expect(targetingKeyOf(call, () => 7 as unknown as string, null)).toBeNull();
});
