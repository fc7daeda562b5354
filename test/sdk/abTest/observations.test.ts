import {
  AbTestController,
  createLighthouseCompat,
  type LighthouseCompat,
  type Observation,
} from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { RpcError } from '../../support/fakeEngine.js';
import { capellaAttributes, capellaPayload, denebPayload, forks, hash, headAt } from '../../support/samples.js';
import { openTwoEngines } from '../../support/twoEngines.js';
import { hashAsked, payloadStatus, wirePayload } from '../../support/wire.js';

/** A test that takes in everything an instance observes. */
function listenTo(compat: LighthouseCompat, v5Percent: number): AbTestController {
  const tests = new AbTestController();
  tests.createTest({ name: 'deneb', v5Percent, durationMs: 3_600_000 });
  compat.on('observation', (observation) => void tests.recordObservation('deneb', observation));
  return tests;
}

test('calls go to the arm that the split chose, once, whatever reaches the other engine', async () => {
  const { compat } = await openTwoEngines({ mode: { kind: 'canary', percent: 50 } });
  const tests = listenTo(compat, 50);
  const chosen = { v4: 0, v5: 0 };
  for (let number = 1; number <= 60; number += 1) {
    await compat.newPayload({ executionPayload: capellaPayload(number) });
    await compat.forkchoiceUpdated(headAt(number));
    chosen[(await compat.decide('new_payload', { executionPayload: capellaPayload(number) })).adapter] += 1;
  }
  await compat.drain();
  const { v4, v5, split } = tests.getTestResults('deneb');
  expect(v4).toMatchObject({ requests: 2 * chosen.v4, successRate: 1, timedRequests: 2 * chosen.v4 });
  expect(v5).toMatchObject({ requests: 2 * chosen.v5, successRate: 1, timedRequests: 2 * chosen.v5 });
  expect(Math.min(chosen.v4, chosen.v5)).toBeGreaterThan(0);
  expect(split).toMatchObject({ units: 60, v5Units: chosen.v5 });
});

test("what v5 fails is v5's failure, though v4 answers in its place, and its speed is not v4's", async () => {
  const { compat, v5 } = await openTwoEngines({ mode: { kind: 'v5_primary' } });
  const tests = listenTo(compat, 100);
  v5.on('engine_newPayloadV2', () => {
    throw new RpcError(-32603);
  });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  expect(tests.getTestResults('deneb')).toMatchObject({
    v4: { requests: 0 },
    v5: { requests: 1, successRate: 0, timedRequests: 0 },
  });
});

test.each(['INVALID', 'SYNCING'])('%s is an answer', async (status) => {
  const { compat, v4 } = await openTwoEngines();
  const tests = listenTo(compat, 0);
  v4.on('engine_newPayloadV2', () => payloadStatus(status, status === 'INVALID' ? hash(0) : null));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  expect(tests.getTestResults('deneb').v4).toMatchObject({ requests: 1, successRate: 1 });
});

test('a block that the engine built itself counts, and its latency does not; the build counts, and is no unit of the split', async () => {
  const { compat, v4 } = await openTwoEngines();
  const tests = listenTo(compat, 0);
  v4.on('engine_forkchoiceUpdatedV2', (params) => ({
    payloadStatus: payloadStatus('VALID', hashAsked(params)),
    payloadId: '0x0000000000000001',
  }));
  v4.on('engine_getPayloadV2', () => ({ executionPayload: wirePayload(2), blockValue: '0x1' }));
  const { payloadId } = await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  const { executionPayload } = await compat.getPayload(payloadId ?? '0x');
  await compat.newPayload({ executionPayload });
  await compat.drain();
  const { v4: arm, split } = tests.getTestResults('deneb');
  expect(arm).toMatchObject({ requests: 3, successRate: 1, timedRequests: 2 });
  expect(split.units).toBe(2);
});

test('a shared engine tells nothing of speed', async () => {
  const { v4 } = await openTwoEngines();
  const engine = { url: v4.url, jwtSecret: v4.secret };
  const compat = await createLighthouseCompat({ v4: engine, v5: engine, forks, mode: { kind: 'v5_only' } });
  const tests = listenTo(compat, 100);
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.close();
  expect(tests.getTestResults('deneb').v5).toMatchObject({ requests: 1, successRate: 1, timedRequests: 0 });
});

test('calls that no split chose, or that the caller ended, are counted and left out', async () => {
  const { compat, v4 } = await openTwoEngines({ mode: { kind: 'canary', percent: 50 } });
  const tests = listenTo(compat, 50);
  await compat.newPayload({ executionPayload: denebPayload(1), parentBeaconBlockRoot: hash(7) });
  await compat.rollback('a test');
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.clearLatch({ by: 'a test', reason: 'it goes on' });
  compat.setMigrationMode({ kind: 'v4_only' });
  v4.onRaw('engine_newPayloadV2', () => {});
  const abort = new AbortController();
  const arrived = v4.received('engine_newPayloadV2', 2);
  const waiting = compat.newPayload({ executionPayload: capellaPayload(3) }, { signal: abort.signal });
  await arrived;
  abort.abort();
  await expect(waiting).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }));
  await compat.close();
  expect(tests.getTestResults('deneb')).toMatchObject({ v4: { requests: 0 }, v5: { requests: 0 } });
  expect(tests.counts.unattributed).toBe(3);
});

test('operations that a test is not about, unknown names and other times are left out', async () => {
  const { compat } = await openTwoEngines();
  const seen: Observation[] = [];
  compat.on('observation', (observation) => void seen.push(observation));
  await compat.forkchoiceUpdated(headAt(1));
  await compat.drain();
  const [observation] = seen as [Observation];
  const tests = new AbTestController();
  tests.createTest({ name: 'deneb', v5Percent: 0, durationMs: 3_600_000, operations: ['new_payload'] });
  tests.createTest({ name: 'stopped', v5Percent: 0, durationMs: 3_600_000 });
  tests.stop('stopped');
  for (const name of ['deneb', 'stopped', 'unknown']) expect(tests.recordObservation(name, observation)).toBe(false);
  expect(tests.counts).toEqual({ unknownName: 1, outsideTime: 1, withoutSession: 0, unattributed: 0 });
  expect(tests.getTestResults('deneb').v4.requests).toBe(0);
});
