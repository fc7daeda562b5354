import { readFile } from 'node:fs/promises';
import { systemClock } from '@lighthouse-compat/sdk';
import { OpenFeatureEventEmitter, type Provider, ProviderEvents } from '@openfeature/server-sdk';
import { Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { sdkVersion } from '../../../packages/sdk/src/version.js';
import { gate } from '../../support/gate.js';
import { clientOf, localFlags } from '../../support/localFlags.js';
import { capellaAttributes, capellaPayload, hash, headAt } from '../../support/samples.js';
import { scrape } from '../../support/scrape.js';
import { openTwoEngines } from '../../support/twoEngines.js';

test('a lane tells its calls, their bytes and the age of the oldest, at the scrape', async () => {
  const registry = new Registry();
  let monotonicMs = 1_000;
  const { compat, v5 } = await openTwoEngines({ registry, clock: { ...systemClock, monotonicMs: () => monotonicMs } });
  const held = gate();
  v5.trouble('engine_newPayload', { kind: 'delay', until: held.opened });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  monotonicMs = 2_500;
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  monotonicMs = 4_000;
  const waiting = await scrape(registry);
  expect(waiting.get('lane_calls{engine="v4"}')).toBe(0);
  expect(waiting.get('lane_oldest_age_seconds{engine="v4"}')).toBe(0);
  expect(waiting.get('lane_calls{engine="v5"}')).toBe(2);
  expect(waiting.get('lane_bytes{engine="v5"}')).toBe(2 * 2048);
  expect(waiting.get('lane_oldest_age_seconds{engine="v5"}')).toBe(3);
  held.open();
  await compat.drain();
  expect((await scrape(registry)).get('lane_calls{engine="v5"}')).toBe(0);
});

test('the state of each engine, the mode, the latch and what is remembered are told as they are', async () => {
  const registry = new Registry();
  let nowMs = Date.now();
  const { client } = await localFlags({ lighthouse_v5: false });
  const { compat, v4, v5 } = await openTwoEngines({
    registry,
    flags: client,
    clock: { ...systemClock, nowMs: () => nowMs },
  });
  const before = await scrape(registry);
  expect(before.get('standby_state{engine="v5",state="unproven"}')).toBe(1);
  expect(before.get('latch_set')).toBe(0);
  expect(before.has('latch_set_timestamp_seconds')).toBe(false);
  expect(before.get(`build_info{version="${sdkVersion}"}`)).toBe(1);

  v4.on('engine_forkchoiceUpdatedV2', () => ({
    payloadStatus: { status: 'VALID', latestValidHash: hash(1), validationError: null },
    payloadId: '0x0000000000000001',
  }));
  v5.on('engine_newPayloadV2', () => ({ status: 'SYNCING' }));
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.drain();
  compat.setMigrationMode({ kind: 'canary', percent: 10 });
  nowMs += 60_500;
  await compat.rollback('a test');

  const after = await scrape(registry);
  expect(after.get('standby_state{engine="v4",state="in_step"}')).toBe(1);
  expect(after.get('standby_state{engine="v5",state="in_step"}')).toBe(0);
  expect(after.get('standby_state{engine="v5",state="out_of_step"}')).toBe(1);
  expect(after.get('configured_mode{mode="canary"}')).toBe(1);
  expect(after.get('configured_mode{mode="v4_only"}')).toBe(0);
  expect(after.get('latch_set')).toBe(1);
  expect(after.get('latch_set_timestamp_seconds')).toBe(nowMs / 1000);
  expect(after.get('payload_pins')).toBe(1);
  expect(after.get('replay_buffer_payloads')).toBe(1);
  expect(after.get('replay_buffer_bytes')).toBe(2048);
  expect(after.get('detached_sends')).toBe(0);
});

test('the keys whose decision is known are told while it is', async () => {
  const registry = new Registry();
  const { client } = await localFlags({ lighthouse_v5: false });
  const { compat } = await openTwoEngines({ registry, flags: client });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  expect((await scrape(registry)).get('cached_decisions')).toBe(1);
  compat.setMigrationMode({ kind: 'v5_only' });
  expect((await scrape(registry)).get('cached_decisions')).toBe(0);
});

test('one shared engine has one lane and no standby', async () => {
  const registry = new Registry();
  const { v4 } = await openTwoEngines();
  const engine = { url: v4.url, jwtSecret: v4.secret };
  await openTwoEngines({ registry, v4: engine, v5: engine });
  const series = await scrape(registry);
  expect([...series.keys()].filter((name) => name.startsWith('lane_calls'))).toEqual(['lane_calls{engine="shared"}']);
  expect([...series.keys()].filter((name) => name.startsWith('standby_state'))).toEqual([]);
});

class TroubledProvider implements Provider {
  readonly metadata = { name: 'troubled' };
  readonly runsOn = 'server';
  readonly events = new OpenFeatureEventEmitter();
  async resolveBooleanEvaluation() {
    return { value: false };
  }
  async resolveStringEvaluation() {
    return { value: '' };
  }
  async resolveNumberEvaluation() {
    return { value: 0 };
  }
  async resolveObjectEvaluation<T>(_key: string, value: T) {
    return { value };
  }
}

test('the status of the flag provider is told, and since when', async () => {
  const registry = new Registry();
  let nowMs = 5_000_000;
  const provider = new TroubledProvider();
  const flags = await clientOf(provider);
  const { compat } = await openTwoEngines({ registry, flags, clock: { ...systemClock, nowMs: () => nowMs } });
  const told = async () => {
    const series = await scrape(registry);
    const on = [...series].filter(([name, value]) => name.startsWith('flag_provider_status{') && value === 1);
    return [on.map(([name]) => name), series.get('flag_provider_status_timestamp_seconds')];
  };
  expect(await told()).toEqual([['flag_provider_status{status="ready"}'], 5_000]);
  for (const [event, status] of [
    [ProviderEvents.Stale, 'stale'],
    [ProviderEvents.Error, 'error'],
    [ProviderEvents.Ready, 'ready'],
  ] as const) {
    nowMs += 60_000;
    provider.events.emit(event, { message: status });
    await expect.poll(async () => (await told())[0]).toEqual([`flag_provider_status{status="${status}"}`]);
    const sinceSeconds = nowMs / 1000;
    nowMs += 60_000;
    provider.events.emit(event, { message: `${status} again` });
    expect((await told())[1]).toBe(sinceSeconds);
  }
  await compat.close();
  expect(await told()).toEqual([[], undefined]);
});

test('without flags nothing is told of a provider', async () => {
  const registry = new Registry();
  await openTwoEngines({ registry });
  expect([...(await scrape(registry)).keys()].filter((name) => name.startsWith('flag_provider'))).toEqual([]);
});

test('two instances on one registry are told together, and one that is closed no more, while its counts stay', async () => {
  const registry = new Registry();
  const one = await openTwoEngines({ registry });
  const two = await openTwoEngines({ registry });
  await one.compat.rollback('a test');
  for (const { compat } of [one, two]) await compat.newPayload({ executionPayload: capellaPayload(1) });
  await Promise.all([one.compat.drain(), two.compat.drain()]);
  const both = await scrape(registry);
  expect(both.get('latch_set')).toBe(1);
  expect(both.get('standby_state{engine="v4",state="unproven"}')).toBe(2);
  expect(both.get('replay_buffer_payloads')).toBe(2);
  expect(both.get(`build_info{version="${sdkVersion}"}`)).toBe(1);
  await one.compat.close();
  const left = await scrape(registry);
  expect(left.get('latch_set')).toBe(0);
  expect(left.get('replay_buffer_payloads')).toBe(1);
  expect(left.get('calls_total{operation="new_payload",version="v4",outcome="valid"}')).toBe(2);
});

test("a name that is somebody else's on the registry is refused, and nothing of ours is registered", async () => {
  const registry = new Registry();
  new Gauge({ name: 'lighthouse_compat_latch_set', help: 'not ours', registers: [registry] });
  await expect(openTwoEngines({ registry })).rejects.toMatchObject({ code: 'INVALID_OPTION', path: 'registry' });
  expect(registry.getMetricsAsArray()).toHaveLength(1);
});

test('the version that is told is that of the package', async () => {
  const file = new URL('../../../packages/sdk/package.json', import.meta.url);
  expect(sdkVersion).toBe(JSON.parse(await readFile(file, 'utf8')).version);
});
