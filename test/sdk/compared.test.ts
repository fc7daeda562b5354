import { createLighthouseCompat, type Observation } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { RpcError, startFakeEngine } from '../support/fakeEngine.js';
import { gate } from '../support/gate.js';
import { capellaAttributes, capellaPayload, denebPayload, forks, hash, headAt } from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';
import { hashAsked, payloadStatus, wirePayload } from '../support/wire.js';

const kinds = ['v4_only', 'v5_only', 'parallel', 'v4_primary', 'v5_primary'] as const;

test.each(kinds)('whenever both engines answered, the answers are compared: %s', async (kind) => {
  const { compat, v5 } = await openTwoEngines({ mode: { kind } });
  const verdicts: unknown[] = [];
  compat.on('observation', ({ comparison }) => verdicts.push(comparison?.verdict));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.forkchoiceUpdated(headAt(1));
  v5.on('engine_newPayloadV2', () => payloadStatus('SYNCING'));
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.drain();
  expect(verdicts).toEqual(['match', 'match', 'pending']);
  expect(compat.stats().verdicts).toMatchObject({ match: 2, pending: 1, critical: 0 });
});

test.each([
  ['INVALID', payloadStatus('INVALID')],
  ['VALID for a foreign hash', payloadStatus('VALID', hash(99))],
])('VALID against %s is raised at once as a divergence, sampled, and fails no caller', async (_what, answer) => {
  const { compat, v5 } = await openTwoEngines();
  const divergences: Observation[] = [];
  compat.on('divergence', (observation) => divergences.push(observation));
  v5.on('engine_newPayloadV2', () => answer);
  expect(await compat.newPayload({ executionPayload: capellaPayload(1) })).toMatchObject({ status: 'VALID' });
  await compat.drain();
  expect(divergences).toMatchObject([{ operation: 'new_payload', comparison: { verdict: 'critical' } }]);
  expect(compat.stats().samples).toMatchObject([{ verdict: 'critical', targetingKey: hash(1) }]);
});

test('an answer that comes late is still compared', async () => {
  const { compat, v5 } = await openTwoEngines();
  const slow = gate();
  v5.on('engine_newPayloadV2', async () => {
    await slow.opened;
    return payloadStatus('INVALID');
  });
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  expect(seen).toEqual([]);
  slow.open();
  await compat.drain();
  expect(seen).toMatchObject([{ comparison: { verdict: 'critical' } }]);
});

test.each([
  [
    'throws',
    (): never => {
      throw new RpcError(-32603);
    },
    'v5_error',
  ],
  ['answers nonsense', () => ({ nonsense: true }), 'v5_error'],
  ['answers for another block', () => payloadStatus('INVALID', hash(98)), 'critical'],
])('an engine that is only fed and %s never reaches the caller', async (_what, answer, verdict) => {
  const { compat, v5 } = await openTwoEngines();
  v5.on('engine_newPayloadV2', answer);
  const verdicts: unknown[] = [];
  compat.on('observation', ({ comparison }) => verdicts.push(comparison?.verdict));
  expect(await compat.newPayload({ executionPayload: capellaPayload(1) })).toEqual({
    status: 'VALID',
    latestValidHash: hash(1),
  });
  await compat.drain();
  expect(verdicts).toEqual([verdict]);
});

test.each(['ACCEPTED', 'INVALID_BLOCK_HASH'])('%s is no status of a head', async (status) => {
  const { compat, v4 } = await openTwoEngines();
  v4.on('engine_forkchoiceUpdatedV2', () => ({ payloadStatus: payloadStatus(status), payloadId: null }));
  await expect(compat.forkchoiceUpdated(headAt(1))).rejects.toMatchObject({
    code: 'MALFORMED_RESULT',
    path: 'forkchoiceUpdatedResult.payloadStatus.status',
  });
});

test('VALID for another hash than the one asked about is a malformed answer', async () => {
  const { compat, v4 } = await openTwoEngines();
  v4.on('engine_newPayloadV2', () => payloadStatus('VALID', hash(99)));
  await expect(compat.newPayload({ executionPayload: capellaPayload(1) })).rejects.toMatchObject({
    code: 'FOREIGN_LATEST_VALID_HASH',
    engine: 'v4',
    path: 'payloadStatus.latestValidHash',
  });
  v4.on('engine_newPayloadV2', (params) => payloadStatus('VALID', hashAsked(params).toUpperCase().replace('0X', '0x')));
  const executionPayload = { ...capellaPayload(1), blockHash: `0x${'ab'.repeat(32)}` as const };
  expect(await compat.newPayload({ executionPayload })).toMatchObject({ status: 'VALID' });
});

const ids = { v4: '0x0102030405060708', v5: '0x0807060504030201' } as const;

async function openBuilders(kind: (typeof kinds)[number]) {
  const two = await openTwoEngines({ mode: { kind } });
  for (const version of ['v4', 'v5'] as const) {
    two[version].on('engine_forkchoiceUpdatedV2', (params) => ({
      payloadStatus: payloadStatus('VALID', hashAsked(params)),
      payloadId: params[1] === null ? null : ids[version],
    }));
    two[version].on('engine_getPayloadV2', () => ({ executionPayload: wirePayload(2), blockValue: '0x1' }));
  }
  return two;
}

test('in parallel both engines build, and what they built for one head is compared', async () => {
  const { compat, v4, v5 } = await openBuilders('parallel');
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  expect(await compat.forkchoiceUpdated(headAt(1), capellaAttributes)).toMatchObject({ payloadId: ids.v4 });
  await compat.drain();
  v5.on('engine_getPayloadV2', () => ({
    executionPayload: wirePayload(2, { feeRecipient: `0x${'11'.repeat(20)}`, gasUsed: '0x5' }),
    blockValue: '0x9',
  }));
  expect(await compat.getPayload(ids.v4)).toMatchObject({ blockValueWei: 1n });
  await compat.drain();
  expect(v4.calls.at(-1)?.params).toEqual([ids.v4]);
  expect(v5.calls.at(-1)?.params).toEqual([ids.v5]);
  expect(seen).toMatchObject([
    { operation: 'forkchoice_updated', comparison: { verdict: 'match' } },
    {
      operation: 'get_payload',
      decision: { reason: 'PIN', adapter: 'v4' },
      other: { engine: 'v5' },
      comparison: { verdict: 'mismatch', differences: [{ path: 'executionPayload.feeRecipient' }] },
    },
  ]);
});

test('in parallel an engine that does not build beside the other is a mismatch', async () => {
  const { compat, v5 } = await openBuilders('parallel');
  v5.on('engine_forkchoiceUpdatedV2', (params) => ({
    payloadStatus: payloadStatus('VALID', hashAsked(params)),
    payloadId: null,
  }));
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  await compat.drain();
  expect(seen).toMatchObject([
    { comparison: { verdict: 'mismatch', differences: [{ path: 'payloadId', v4: 'present', v5: 'absent' }] } },
  ]);
});

test.each(['v4_only', 'v5_only', 'v4_primary', 'v5_primary'] as const)(
  'in %s one engine builds, and an absent payloadId at the other is no mismatch',
  async (kind) => {
    const { compat, v4, v5 } = await openBuilders(kind);
    const seen: Observation[] = [];
    compat.on('observation', (observation) => seen.push(observation));
    const { payloadId } = await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
    await compat.drain();
    await compat.getPayload(payloadId ?? '0x');
    await compat.drain();
    expect(seen).toMatchObject([{ comparison: { verdict: 'match' } }, { other: null, comparison: null }]);
    expect([...v4.methods(), ...v5.methods()].filter((method) => method === 'engine_getPayloadV2')).toHaveLength(1);
  },
);

async function openShared(kind: (typeof kinds)[number]) {
  const engine = await startFakeEngine();
  const compat = await createLighthouseCompat({
    v4: { url: engine.url, jwtSecret: engine.secret },
    v5: { url: engine.url, jwtSecret: engine.secret },
    forks,
    mode: { kind },
  });
  onTestFinished(async () => {
    await compat.close();
    await engine.stop();
    expect(engine.breaches).toEqual([]);
  });
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  return { engine, compat, seen };
}

test('in parallel a shared engine gets every new_payload a second time, after the caller has its answer, and no forkchoice', async () => {
  const { engine, compat, seen } = await openShared('parallel');
  const slow = gate();
  let sends = 0;
  engine.on('engine_newPayloadV2', async (params) => {
    sends += 1;
    if (sends === 2) await slow.opened;
    return payloadStatus('VALID', hashAsked(params));
  });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  slow.open();
  await compat.forkchoiceUpdated(headAt(1));
  await compat.drain();
  expect(engine.methods()).toEqual(['engine_newPayloadV2', 'engine_newPayloadV2', 'engine_forkchoiceUpdatedV2']);
  expect(seen).toMatchObject([
    {
      sharedEngine: true,
      answering: { adapter: 'v4', engine: 'shared' },
      other: { adapter: 'v5', engine: 'shared' },
      comparison: { verdict: 'match' },
    },
    { sharedEngine: true, other: null, comparison: null },
  ]);
});

test('in v4_primary a shared engine gets about a tenth of the payloads a second time, the same ones each time', async () => {
  const { engine, compat, seen } = await openShared('v4_primary');
  const twice = async () => {
    seen.length = 0;
    for (let n = 1; n <= 200; n += 1) await compat.newPayload({ executionPayload: capellaPayload(n) });
    await compat.drain();
    return seen.filter(({ comparison }) => comparison !== null).map(({ decision }) => decision.targetingKey);
  };
  const sampled = await twice();
  expect(sampled.length).toBeGreaterThan(5);
  expect(sampled.length).toBeLessThan(45);
  expect(await twice()).toEqual(sampled);
  expect(engine.methods().length).toBe(400 + 2 * sampled.length);
});

test.each(['v4_only', 'v5_only', 'v5_primary'] as const)('in %s a shared engine gets each call once', async (kind) => {
  const { engine, compat } = await openShared(kind);
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.newPayload({ executionPayload: denebPayload(2), parentBeaconBlockRoot: hash(7) });
  await compat.drain();
  expect(engine.methods()).toEqual(['engine_newPayloadV2', 'engine_newPayloadV3']);
});

test('a shared engine whose lane is full is LANE_FULL, and an abort before the send takes the call out of it', async () => {
  const { engine, compat } = await openShared('v4_only');
  const slow = gate();
  engine.on('engine_newPayloadV2', async (params) => {
    await slow.opened;
    return payloadStatus('VALID', hashAsked(params));
  });
  const abort = new AbortController();
  const calls = Array.from({ length: 63 }, (_, n) => compat.newPayload({ executionPayload: capellaPayload(n + 1) }));
  const given = compat.newPayload({ executionPayload: capellaPayload(64) }, { signal: abort.signal });
  const gone = expect(given).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(compat.newPayload({ executionPayload: capellaPayload(65) })).rejects.toMatchObject({
    code: 'LANE_FULL',
    engine: 'shared',
  });
  abort.abort();
  await gone;
  slow.open();
  await Promise.all(calls);
  await compat.drain();
  expect(engine.methods()).toHaveLength(63);
});
