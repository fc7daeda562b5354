import { FlagProviderError, flagKeys } from '@lighthouse-compat/flag-provider';
import { type FlagAdmin, type PeerLatch, unleashActuator } from '@lighthouse-compat/operator';
import type { Latch, MigrationMode } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { createManualClock } from '../../sdk/migration/observations.js';
import { createMemoryAdmin } from './memoryAdmin.js';

const master = flagKeys.lighthouseV5;
const primary = flagKeys.lighthouseV5Primary;

/** What an actuator needs of an instance of the SDK. */
function instance() {
  let latch: Latch | null = null;
  let mode: MigrationMode = { kind: 'v4_only' };
  return {
    get latch() {
      return latch;
    },
    get migrationMode() {
      return mode;
    },
    set migrationMode(to) {
      mode = to;
    },
    async rollback(reason: string) {
      latch = { reason, sinceMs: 0 };
    },
    async clearLatch() {
      latch = null;
    },
  };
}

/** An actuator whose master switch is on, and that has set a canary. */
async function atCanary(
  options: { admin?: (inner: FlagAdmin) => FlagAdmin; peers?: readonly PeerLatch[] } = {},
  percent = 10,
) {
  const memory = createMemoryAdmin();
  memory.change(master, { enabled: true });
  const clock = createManualClock();
  const compat = instance();
  const actuator = unleashActuator({
    admin: options.admin?.(memory.admin) ?? memory.admin,
    project: 'default',
    environment: 'development',
    compat,
    clock,
    peers: options.peers ?? [],
  });
  await actuator.apply({ kind: 'canary', percent });
  return { ...memory, actuator, compat, clock, isOn: (flagKey: string) => memory.stateOf(flagKey).enabled };
}

const failed = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Lets whatever waits for nothing but promises go on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await null;
};

function peer(name: string, latch: () => Promise<void> = async () => {}) {
  const told: string[] = [];
  const made: PeerLatch & { readonly told: string[]; latchNow: () => Promise<void> } = {
    name,
    told,
    latchNow: latch,
    async latch(reason) {
      await made.latchNow();
      told.push(`latch ${reason}`);
    },
    async unlatch({ by }) {
      await made.latchNow();
      told.push(`unlatch by ${by}`);
    },
  };
  return made;
}

test('a rollback latches this process before it returns, then switches the master off and tells every peer', async () => {
  const [b, c] = [peer('b'), peer('c')];
  const { actuator, compat, isOn } = await atCanary({ peers: [b, c] });
  const told = actuator.latch('test');
  expect(compat.latch?.reason).toBe('test');
  await told;
  expect(isOn(master)).toBe(false);
  expect([b.told, c.told]).toEqual([['latch test'], ['latch test']]);
  // The rest follows, as a controller asks for it.
  expect(isOn(primary)).toBe(true);
  await actuator.apply({ kind: 'v4_only' });
  expect(isOn(primary)).toBe(false);
  expect(await actuator.inspect()).toEqual({ unknown: null, drift: null });
  // Nobody is told twice.
  expect(b.told).toHaveLength(1);
});

test('a process that is latched already keeps its reason, and everybody else is told all the same', async () => {
  const b = peer('b');
  const { actuator, compat, isOn } = await atCanary({ peers: [b] });
  await compat.rollback('by hand');
  await actuator.latch('test');
  expect(compat.latch?.reason).toBe('by hand');
  expect(isOn(master)).toBe(false);
  expect(b.told).toEqual(['latch test']);
});

test('the master is switched off whatever a person has changed, and nothing else is written', async () => {
  const { actuator, change, isOn } = await atCanary();
  change(primary, { enabled: true, strategies: [] });
  await actuator.latch('test');
  expect(isOn(master)).toBe(false);
  await expect(actuator.apply({ kind: 'v4_only' })).rejects.toMatchObject({ code: 'DRIFT' });
  expect(isOn(primary)).toBe(true);
});

test('who cannot be told is named, and told by the next act; the latch waits for nobody', async () => {
  const hung = new Promise<never>(() => {});
  const [b, c] = [peer('b', () => Promise.reject(new Error('HTTP 500'))), peer('c', () => hung)];
  const { actuator, compat, clock } = await atCanary({ peers: [b, c] });
  const error = failed(actuator.latch('test'));
  expect(compat.latch).not.toBeNull();
  await settle();
  clock.advance(10_000);
  expect(await error).toMatchObject({
    code: 'NOT_TOLD',
    message: 'not told of the rollback: b (HTTP 500); c (no answer within 10000 ms)',
  });
  b.latchNow = async () => {};
  const second = failed(actuator.apply({ kind: 'v4_only' }));
  await settle();
  clock.advance(10_000);
  expect(await second).toMatchObject({ code: 'NOT_TOLD', message: expect.not.stringContaining('b (') });
  c.latchNow = async () => {};
  await actuator.apply({ kind: 'v4_only' });
  expect([b.told, c.told]).toEqual([['latch test'], ['latch test']]);
});

test('Unleash is told again and again while it does not answer, at most for so long', async () => {
  let isAway = true;
  let attempts = 0;
  const { actuator, clock, isOn } = await atCanary({
    admin: (inner) => ({
      ...inner,
      async switchFlag(place, to) {
        if (place.flagKey === master) attempts += 1;
        if (isAway && place.flagKey === master) throw new FlagProviderError('CONNECTION_FAILED', 'POST /', 'refused');
        await inner.switchFlag(place, to);
      },
    }),
  });
  const error = failed(actuator.latch('test'));
  for (let second = 0; second < 10; second += 1) {
    await settle();
    clock.advance(1_000);
  }
  expect(await error).toMatchObject({ code: 'NOT_TOLD', message: expect.stringContaining('Unleash (') });
  expect(attempts).toBeGreaterThanOrEqual(4);
  expect(attempts).toBeLessThanOrEqual(8);
  // What is not told yet is no drift.
  expect(await actuator.inspect()).toEqual({ unknown: null, drift: null });
  isAway = false;
  await actuator.apply({ kind: 'v4_only' });
  expect(isOn(master)).toBe(false);
  expect(clock.timers).toBe(0);
});

test('a token without the right is told at once', async () => {
  const refused = new FlagProviderError('FORBIDDEN', 'POST /', 'status 403');
  const { actuator, clock } = await atCanary({
    admin: (inner) => ({
      ...inner,
      switchFlag: (place, to) => (place.flagKey === master ? Promise.reject(refused) : inner.switchFlag(place, to)),
    }),
  });
  expect(await failed(actuator.latch('test'))).toMatchObject({ code: 'NOT_TOLD', cause: refused });
  expect(clock.timers).toBe(0);
});

test('a switch that goes on again at once is not told', async () => {
  const { actuator, clock } = await atCanary({
    admin: (inner) => ({
      ...inner,
      switchFlag: async (place, to) => (place.flagKey === master ? undefined : inner.switchFlag(place, to)),
    }),
  });
  const error = failed(actuator.latch('test'));
  for (let second = 0; second < 10; second += 1) {
    await settle();
    clock.advance(1_000);
  }
  expect(await error).toMatchObject({ message: expect.stringContaining('lighthouse_v5 is still on') });
});

test('a master that is not there is off', async () => {
  const { actuator, flags } = await atCanary();
  flags.delete(master);
  await actuator.latch('test');
});

test('a latch file that cannot be written is told beside who else could not be', async () => {
  const b = peer('b', () => Promise.reject(new Error('HTTP 500')));
  const { actuator, compat } = await atCanary({ peers: [b] });
  compat.rollback = () => Promise.reject(new Error('the disk is full'));
  expect(await failed(actuator.latch('test'))).toMatchObject({
    code: 'NOT_TOLD',
    message: 'the disk is full; not told of the rollback: b (HTTP 500)',
  });
});

test('a rollback ends the act that is under way before its next write', async () => {
  let latch = (): void => {};
  const { actuator, isOn, stateOf } = await atCanary({
    admin: (inner) => ({
      ...inner,
      async setRollout(place, strategy, percent) {
        const set = await inner.setRollout(place, strategy, percent);
        latch();
        return set;
      },
    }),
  });
  await actuator.apply({ kind: 'v4_only' });
  let told: Promise<void> | undefined;
  latch = () => {
    told = actuator.latch('test');
  };
  expect(await failed(actuator.apply({ kind: 'canary', percent: 15 }))).toMatchObject({ code: 'SUPERSEDED' });
  await told;
  expect(isOn(primary)).toBe(false);
  latch = () => {};
  await actuator.apply({ kind: 'v4_only' });
  expect(stateOf(primary)).toMatchObject({ enabled: false, strategies: [{ parameters: { rollout: '0' } }] });
});

test('clearing leaves v4 the flags first, lifts the latch here and at every peer, and the master to a person', async () => {
  const b = peer('b');
  const { actuator, compat, isOn } = await atCanary({ peers: [b] });
  await actuator.latch('test');
  await actuator.unlatch({ by: 'ada', reason: 'mended' });
  expect(compat.latch).toBeNull();
  expect(b.told).toEqual(['latch test', 'unlatch by ada']);
  expect(isOn(primary)).toBe(false);
  expect(isOn(master)).toBe(false);
  expect(await actuator.inspect()).toMatchObject({ drift: 'lighthouse_v5 is off, so that v4 answers everything' });
});

test('a latch stays as long as the flags would give v5 something without it', async () => {
  let isAway = false;
  const { actuator, compat, change, isOn } = await atCanary({
    admin: (inner) => ({
      ...inner,
      readFlag: (place) =>
        isAway ? Promise.reject(new FlagProviderError('TIMEOUT', 'GET /', 'late')) : inner.readFlag(place),
    }),
  });
  await actuator.latch('test');
  isAway = true;
  const cleared = { by: 'ada', reason: 'mended' };
  await expect(actuator.unlatch(cleared)).rejects.toMatchObject({ code: 'TIMEOUT' });
  isAway = false;
  change(primary, { strategies: [] });
  change(master, { enabled: true });
  await expect(actuator.unlatch(cleared)).rejects.toMatchObject({ code: 'DRIFT' });
  expect(await actuator.inspect()).toMatchObject({ drift: expect.stringContaining('has not been cleared') });
  expect(compat.latch).not.toBeNull();
  // With the master off a person's change may stay.
  change(master, { enabled: false });
  await actuator.unlatch(cleared);
  expect(compat.latch).toBeNull();
  expect(isOn(primary)).toBe(true);
});

test('a rollback that comes while an earlier one is being cleared stays', async () => {
  const b = peer('b');
  const { actuator, compat, isOn } = await atCanary({ peers: [b] });
  await actuator.latch('test');
  const clearing = failed(actuator.unlatch({ by: 'ada', reason: 'mended' }));
  await actuator.latch('again');
  expect(await clearing).toMatchObject({ code: 'SUPERSEDED' });
  expect(compat.latch).not.toBeNull();
  expect(isOn(master)).toBe(false);
  expect(b.told).toEqual(['latch test', 'latch again']);
});

test('a peer that cannot be told that a rollback is cleared is named, and told when it is said again', async () => {
  const b = peer('b');
  const { actuator, compat } = await atCanary({ peers: [b] });
  await actuator.latch('test');
  b.latchNow = () => Promise.reject(new Error('HTTP 500'));
  const cleared = { by: 'ada', reason: 'mended' };
  expect(await failed(actuator.unlatch(cleared))).toMatchObject({
    code: 'NOT_TOLD',
    message: 'not told that the rollback has been cleared: b (HTTP 500)',
  });
  expect(compat.latch).toBeNull();
  b.latchNow = async () => {};
  await actuator.unlatch(cleared);
  expect(b.told).toEqual(['latch test', 'unlatch by ada']);
});

test('what decides before the flags of a migration, or beside them, is drift', async () => {
  const { actuator, change, compat } = await atCanary();
  change(flagKeys.newPayloadV5Only, { enabled: true });
  expect(await actuator.inspect()).toMatchObject({ drift: 'new_payload_v5_only is on' });
  change(flagKeys.newPayloadV5Only, { enabled: false });
  compat.migrationMode = { kind: 'parallel' };
  expect(await actuator.inspect()).toMatchObject({ drift: 'the configured mode is parallel in place of v4_only' });
  compat.migrationMode = { kind: 'v4_only' };
  expect(await actuator.inspect()).toEqual({ unknown: null, drift: null });
});

test('flags that cannot be read are unknown', async () => {
  const { actuator, flags } = await atCanary();
  flags.delete(primary);
  expect(await actuator.inspect()).toEqual({
    unknown: 'lighthouse_v5_primary is not in the project: set the flags up',
    drift: null,
  });
});

test.each([
  ['project', { project: '' }],
  ['environment', { environment: 7 as never }],
  ['tellWithinMs', { tellWithinMs: 0 }],
  ['peers', { peers: [peer('b'), peer('b')] }],
])('%s is refused where it cannot be used', (path, wrong) => {
  const { admin } = createMemoryAdmin();
  const options = { admin, project: 'default', environment: 'development', compat: instance() };
  expect(() => unleashActuator({ ...options, ...wrong })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', path }),
  );
});
