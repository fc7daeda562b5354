import { createLighthouseCompat } from '@lighthouse-compat/sdk';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { RpcError } from '../../support/fakeEngine.js';
import { capellaAttributes, capellaPayload, forks, hash, headAt } from '../../support/samples.js';
import { scrape } from '../../support/scrape.js';
import { openTwoEngines } from '../../support/twoEngines.js';
import { wirePayload } from '../../support/wire.js';

test('a fallback counts as a failed attempt of the version that was to answer, and an answered one of that which was fed', async () => {
  const registry = new Registry();
  const { compat, v5 } = await openTwoEngines({ registry, mode: { kind: 'v5_primary' } });
  v5.on('engine_newPayloadV2', () => {
    throw new RpcError(-32603);
  });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  const series = await scrape(registry);
  const attempt = (version: string, role: string, outcome: string) =>
    series.get(`attempts_total{operation="new_payload",version="${version}",role="${role}",outcome="${outcome}"}`);
  expect(attempt('v5', 'answering', 'failed')).toBe(1);
  expect(attempt('v4', 'fed', 'answered')).toBe(1);
  expect(attempt('v5', 'answering', 'answered')).toBe(0);
  expect(series.get('fallbacks_total{operation="new_payload",cause="INTERNAL_ERROR"}')).toBe(1);
  expect(series.get('calls_total{operation="new_payload",version="v4",outcome="valid"}')).toBe(1);
  expect(series.get('comparisons_total{operation="new_payload",verdict="v5_error"}')).toBe(1);
});

test('an engine that is not there is a failed attempt, and a full lane a dropped send and none', async () => {
  const registry = new Registry();
  const { compat, v4, v5 } = await openTwoEngines({ registry });
  await v5.stop();
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  v4.trouble('engine_newPayload', { kind: 'hang' });
  const calls = Array.from({ length: 66 }, (_, n) => compat.newPayload({ executionPayload: capellaPayload(n + 2) }));
  const settled = Promise.allSettled(calls);
  await v4.received('engine_newPayloadV2', 2);
  await compat.close();
  await settled;
  const series = await scrape(registry);
  expect(
    series.get('attempts_total{operation="new_payload",version="v5",role="fed",outcome="failed"}'),
  ).toBeGreaterThan(0);
  expect(series.get('errors_total{operation="new_payload",engine="v4",code="LANE_FULL"}')).toBe(2);
  // What `close` ended is no attempt of the engine's.
  expect(series.get('attempts_total{operation="new_payload",version="v4",role="answering",outcome="failed"}')).toBe(0);
});

test('a divergence is counted, and is there as 0 before the first', async () => {
  const registry = new Registry();
  const { compat, v5 } = await openTwoEngines({ registry });
  expect((await scrape(registry)).get('divergences_total{operation="new_payload"}')).toBe(0);
  v5.on('engine_newPayloadV2', () => ({ status: 'INVALID', latestValidHash: null, validationError: 'no' }));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  expect((await scrape(registry)).get('divergences_total{operation="new_payload"}')).toBe(1);
});

test('a block that an engine built itself, and whatever a shared engine is sent, is no sample of speed', async () => {
  const registry = new Registry();
  const { compat, v4, v5 } = await openTwoEngines({ registry });
  v4.on('engine_forkchoiceUpdatedV2', () => ({
    payloadStatus: { status: 'VALID', latestValidHash: hash(1), validationError: null },
    payloadId: '0x0000000000000001',
  }));
  v4.on('engine_getPayloadV2', () => ({ executionPayload: wirePayload(2), blockValue: '0x0' }));
  const { payloadId } = await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  await compat.getPayload(payloadId ?? '0x');
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.drain();
  const count = (series: ReadonlyMap<string, number>, version: string, role: string) =>
    series.get(`attempt_duration_seconds_count{operation="new_payload",version="${version}",role="${role}"}`);
  const split = await scrape(registry);
  expect([count(split, 'v4', 'answering'), count(split, 'v5', 'fed')]).toEqual([undefined, 1]);
  expect(split.get('call_duration_seconds_count{operation="new_payload",version="v4"}')).toBe(1);

  const alone = new Registry();
  const engine = { url: v5.url, jwtSecret: v5.secret };
  const shared = await createLighthouseCompat({
    v4: engine,
    v5: engine,
    forks,
    registry: alone,
    mode: { kind: 'parallel' },
  });
  onTestFinished(() => shared.close());
  await shared.newPayload({ executionPayload: capellaPayload(3) });
  await shared.drain();
  const series = await scrape(alone);
  expect(series.get('feeds_total{operation="new_payload",engine="shared",outcome="valid"}')).toBe(1);
  expect([count(series, 'v4', 'answering'), count(series, 'v5', 'fed')]).toEqual([undefined, undefined]);
  expect(series.get('attempts_total{operation="new_payload",version="v5",role="fed",outcome="answered"}')).toBe(1);
});
