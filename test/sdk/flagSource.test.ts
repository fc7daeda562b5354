import type { Clock, Operation } from '@lighthouse-compat/sdk';
import type { Client } from '@openfeature/server-sdk';
import { expect, test } from 'vitest';
import { createFlagSource, type FlagSource, type Told } from '../../packages/sdk/src/selection/flagSource.js';
import { localFlags } from '../support/localFlags.js';
import { capellaPayload } from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';

/** A clock that stands still until it is told to go on. */
function manualClock(): Clock & { advance(ms: number): void } {
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly callback: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer(callback, delayMs) {
      const timer = { atMs: nowMs + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { callback } of due) callback();
    },
  };
}

/** A client whose evaluations wait until the test lets them go. */
function slowClient() {
  const waiting: ((on: boolean) => void)[] = [];
  const handlers = new Map<string, () => void>();
  const client = {
    getBooleanDetails: (flagKey: string) =>
      new Promise((resolve) => waiting.push((value) => resolve({ flagKey, value, flagMetadata: {} }))),
    getStringDetails: async (flagKey: string) => ({ flagKey, value: '', flagMetadata: {} }),
    addHandler: (event: string, handler: () => void) => handlers.set(event, handler),
    removeHandler: (event: string) => handlers.delete(event),
  };
  return { client: client as unknown as Client, waiting, handlers };
}

const context = () => ({});

const ask = (flags: FlagSource, key: string, operation: Operation = 'new_payload'): Promise<Told> =>
  new Promise((resolve) => flags.ask(operation, key, context, resolve));

test('an evaluation past its deadline is FLAG_TIMEOUT, and what it says later is kept for the next call', async () => {
  const clock = manualClock();
  const { client, waiting } = slowClient();
  const flags = createFlagSource(client, clock);
  const first = ask(flags, 'a');
  clock.advance(50);
  expect(await first).toBe('FLAG_TIMEOUT');
  expect(flags.known('new_payload', 'a')).toBeUndefined();
  waiting[0]?.(false);
  await expect.poll(() => flags.known('new_payload', 'a')).toMatchObject({ choice: { flagKey: 'lighthouse_v5' } });
  expect(waiting).toHaveLength(1);
});

test('the deadline begins with the evaluation: a later call of its key waits for the rest of it alone, and past it not at all', async () => {
  const clock = manualClock();
  const { client, waiting } = slowClient();
  const flags = createFlagSource(client, clock);
  void ask(flags, 'a');
  clock.advance(30);
  const later = ask(flags, 'a');
  clock.advance(20);
  expect(await later).toBe('FLAG_TIMEOUT');
  let told: Told | undefined;
  flags.ask('new_payload', 'a', context, (outcome) => {
    told = outcome;
  });
  expect(told).toBe('FLAG_TIMEOUT');
  expect(waiting).toHaveLength(1);
});

test('an evaluation that has not ended after a second is given up, and the flags are asked anew', async () => {
  const clock = manualClock();
  const { client, waiting } = slowClient();
  const flags = createFlagSource(client, clock);
  void ask(flags, 'a');
  clock.advance(1_000);
  const second = ask(flags, 'a');
  expect(waiting).toHaveLength(2);
  waiting[1]?.(false);
  expect(await second).toBe('known');
  expect(flags.known('new_payload', 'a')).toMatchObject({ choice: { mode: 'v4_only' } });
});

test('calls of one key share an evaluation, calls of another key or operation do not', async () => {
  const { client, waiting } = slowClient();
  const flags = createFlagSource(client, manualClock());
  void ask(flags, 'a');
  void ask(flags, 'a');
  expect(waiting).toHaveLength(1);
  void ask(flags, 'b');
  void ask(flags, 'a', 'forkchoice_updated');
  expect(waiting).toHaveLength(3);
});

test('a choice is kept for one second and no longer', async () => {
  const clock = manualClock();
  const { client, waiting } = slowClient();
  const flags = createFlagSource(client, clock);
  const first = ask(flags, 'a');
  waiting[0]?.(false);
  await first;
  clock.advance(999);
  expect(flags.known('new_payload', 'a')).toMatchObject({ choice: { mode: 'v4_only', flagKey: 'lighthouse_v5' } });
  clock.advance(1);
  expect(flags.known('new_payload', 'a')).toBeUndefined();
});

test.each(['PROVIDER_CONFIGURATION_CHANGED', 'PROVIDER_READY', 'PROVIDER_STALE', 'PROVIDER_ERROR'])(
  '%s forgets every choice, and asks anew what was on its way',
  async (event) => {
    const { client, waiting, handlers } = slowClient();
    const flags = createFlagSource(client, manualClock());
    const kept = ask(flags, 'a');
    waiting[0]?.(false);
    await kept;
    const underWay = ask(flags, 'b');
    handlers.get(event)?.();
    expect(flags.cached()).toBe(0);
    expect(flags.known('new_payload', 'a')).toBeUndefined();
    waiting[1]?.(false);
    await expect.poll(() => waiting).toHaveLength(3);
    waiting[2]?.(false);
    expect(await underWay).toBe('known');
    expect(flags.cached()).toBe(1);
    flags.close();
    expect(handlers.size).toBe(0);
  },
);

test('flags that change with every evaluation are asked a bounded number of times', async () => {
  const { client, handlers } = slowClient();
  let asked = 0;
  const restless = {
    ...client,
    getBooleanDetails: async (flagKey: string) => {
      asked += 1;
      handlers.get('PROVIDER_CONFIGURATION_CHANGED')?.();
      return { flagKey, value: false, flagMetadata: {} };
    },
  } as unknown as Client;
  const flags = createFlagSource(restless, manualClock());
  expect(await ask(flags, 'a')).toBe('known');
  expect(asked).toBe(10);
});

test('a provider that never answers leaves the call to v4, reason FLAG_TIMEOUT', async () => {
  const { client } = slowClient();
  const { compat, v4 } = await openTwoEngines({ flags: client, mode: { kind: 'v5_only' } });
  const seen: string[] = [];
  compat.on('observation', ({ decision }) => seen.push(`${decision.reason} ${decision.adapter}`));
  expect(await compat.newPayload({ executionPayload: capellaPayload(1) })).toMatchObject({ status: 'VALID' });
  await compat.drain();
  expect(seen).toEqual(['FLAG_TIMEOUT v4']);
  expect(v4.methods()).toEqual(['engine_newPayloadV2']);
});

test('a toggled flag counts from the next decision on, however often the key was seen', async () => {
  const { client, provider } = await localFlags({ lighthouse_v5: true });
  const { compat } = await openTwoEngines({ flags: client });
  const call = { executionPayload: capellaPayload(1) };
  expect(await compat.decide('new_payload', call)).toMatchObject({ adapter: 'v4', reason: 'CONFIGURED' });
  provider.set({ lighthouse_v5_primary: true });
  expect(await compat.decide('new_payload', call)).toMatchObject({ adapter: 'v5', reason: 'FLAG' });
  provider.set({ lighthouse_v5_primary: { percent: 0 } });
  expect(await compat.decide('new_payload', call)).toMatchObject({ adapter: 'v4', bucket: expect.any(Number) });
  compat.setMigrationMode({ kind: 'v5_only' });
  expect(await compat.decide('new_payload', call)).toMatchObject({ adapter: 'v5', reason: 'CONFIGURED' });
});

test('decide makes no call, and refuses what the call would refuse', async () => {
  const { client } = await localFlags({ lighthouse_v5: true, lighthouse_v5_primary: { percent: 100 } });
  const { compat, v4, v5 } = await openTwoEngines({ flags: client });
  const decision = await compat.decide('new_payload', { executionPayload: capellaPayload(1) }, { sessionId: 'me' });
  expect(decision).toMatchObject({ adapter: 'v5', flagKey: 'lighthouse_v5_primary', targetingKey: 'me' });
  expect(Object.isFrozen(decision)).toBe(true);
  await expect(compat.decide('new_payload', {} as never)).rejects.toMatchObject({ path: 'executionPayload' });
  await expect(compat.decide('forkchoice_updated', { state: {} } as never)).rejects.toMatchObject({
    path: 'call.state',
  });
  await expect(compat.decide('get_payload', { payloadId: '0x00' })).rejects.toMatchObject({ path: 'payloadId' });
  await compat.drain();
  expect([...v4.calls, ...v5.calls]).toEqual([]);
  expect(compat.stats()).toMatchObject({ answered: { v4: 0, v5: 0 }, cachedDecisions: 1 });
});
