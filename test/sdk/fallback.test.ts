import { createLighthouseCompat, type Observation } from '@lighthouse-compat/sdk';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { type FakeEngine, RpcError, startFakeEngine } from '../support/fakeEngine.js';
import { gate } from '../support/gate.js';
import { capellaAttributes, capellaPayload, denebPayload, forks, hash, headAt } from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';
import { hashAsked, payloadStatus, wirePayload } from '../support/wire.js';

type Trouble = (engine: FakeEngine, method: string) => void;

const rpc =
  (code: number): Trouble =>
  (engine, method) =>
    engine.on(method, () => {
      throw new RpcError(code);
    });
const http =
  (status: number, body = ''): Trouble =>
  (engine, method) =>
    engine.onRaw(method, (response) => response.writeHead(status).end(body));
const answer =
  (result: object): Trouble =>
  (engine, method) =>
    engine.on(method, () => (method.includes('forkchoice') ? { payloadStatus: result, payloadId: null } : result));

const causes: readonly [string, Trouble, string][] = [
  [
    'a lost connection',
    (engine, method) => engine.onRaw(method, (response) => void response.destroy()),
    'CONNECTION_LOST',
  ],
  ['silence', (engine, method) => engine.onRaw(method, () => {}), 'TIMEOUT'],
  ['HTTP 500', http(500), 'HTTP_ERROR'],
  ['HTTP 503', http(503), 'HTTP_ERROR'],
  ['HTTP 401', http(401), 'UNAUTHORIZED'],
  ['an answer that is not JSON', http(200, '<html>'), 'RESPONSE_NOT_JSON'],
  ['an answer that is not JSON-RPC', http(200, '{}'), 'RESPONSE_NOT_JSON_RPC'],
  ['an unknown status', answer(payloadStatus('MAYBE')), 'MALFORMED_RESULT'],
  ['VALID for a foreign hash', answer(payloadStatus('VALID', hash(99))), 'FOREIGN_LATEST_VALID_HASH'],
  ['-32601', rpc(-32601), 'METHOD_NOT_FOUND'],
  ['-32603', rpc(-32603), 'INTERNAL_ERROR'],
  ['-32000', rpc(-32000), 'SERVER_ERROR'],
];

const neverErrors: readonly [string, Trouble, string][] = [
  ['HTTP 400', http(400), 'HTTP_ERROR'],
  ['-32602', rpc(-32602), 'INVALID_PARAMS'],
  ['-38001', rpc(-38001), 'UNKNOWN_PAYLOAD'],
  ['-38002', rpc(-38002), 'INVALID_FORKCHOICE_STATE'],
  ['-38003', rpc(-38003), 'INVALID_PAYLOAD_ATTRIBUTES'],
  ['-38005', rpc(-38005), 'ENGINE_UNSUPPORTED_FORK'],
  ['-38006', rpc(-38006), 'TOO_DEEP_REORG'],
];

const open = (options: Parameters<typeof openTwoEngines>[0] = {}) =>
  openTwoEngines({ mode: { kind: 'v5_primary' }, fallbackAfterMs: 200, ...options });

const watch = (compat: { on(event: 'observation', listener: (o: Observation) => void): unknown }): Observation[] => {
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  return seen;
};

const validAt = (engine: FakeEngine, payloadId: string | null = null): void =>
  engine.on('engine_forkchoiceUpdatedV2', (params) => ({
    payloadStatus: payloadStatus('VALID', hashAsked(params)),
    payloadId: params[1] === null ? null : payloadId,
  }));

test.each(causes)(
  "on %s of v5 the caller of new_payload gets v4's answer, by the send that v4 gets anyway",
  async (_what, trouble, cause) => {
    const { compat, v4, v5 } = await open();
    const seen = watch(compat);
    trouble(v5, 'engine_newPayloadV2');
    v4.on('engine_newPayloadV2', () => payloadStatus('INVALID', hash(3)));
    expect(await compat.newPayload({ executionPayload: capellaPayload(4) })).toMatchObject({
      status: 'INVALID',
      latestValidHash: hash(3),
    });
    await compat.drain();
    expect(v4.methods()).toEqual(['engine_newPayloadV2']);
    expect(v5.methods()).toEqual(['engine_newPayloadV2']);
    expect(seen).toMatchObject([
      {
        fallback: { cause },
        decision: { adapter: 'v5', mode: 'v5_primary' },
        answering: { engine: 'v4' },
        other: { engine: 'v5', outcome: { kind: 'failed', code: cause } },
      },
    ]);
    expect(compat.stats().fallbacks).toBe(1);
  },
);

test.each(causes)(
  'on %s of v5 a build begins at v4, with the attributes, and what it built is there',
  async (_what, trouble, cause) => {
    const { compat, v4, v5 } = await open();
    const seen = watch(compat);
    trouble(v5, 'engine_forkchoiceUpdatedV2');
    validAt(v4, '0x0102030405060708');
    expect(await compat.forkchoiceUpdated(headAt(1), capellaAttributes)).toMatchObject({
      payloadId: '0x0102030405060708',
    });
    await compat.drain();
    expect(seen).toMatchObject([{ fallback: { cause }, answering: { engine: 'v4' } }]);
    await expect(compat.getPayload('0x0102030405060708')).rejects.toMatchObject({ engine: 'v4' });
    expect(
      v4.calls.filter(({ params: [, attributes] }) => attributes !== null && attributes !== undefined),
    ).toHaveLength(1);
  },
);

test.each(neverErrors)("%s of v5 is the caller's to see: nothing falls back", async (_what, trouble, code) => {
  const { compat, v5 } = await open();
  const seen = watch(compat);
  trouble(v5, 'engine_newPayloadV2');
  await expect(compat.newPayload({ executionPayload: capellaPayload(1) })).rejects.toMatchObject({
    code,
    engine: 'v5',
  });
  await compat.drain();
  expect(seen).toMatchObject([{ fallback: null, answering: { engine: 'v5' } }]);
});

test.each(['INVALID', 'SYNCING', 'ACCEPTED'])('%s is an answer: nothing falls back', async (status) => {
  const { compat, v5 } = await open();
  v5.on('engine_newPayloadV2', () => payloadStatus(status));
  expect(await compat.newPayload({ executionPayload: capellaPayload(1) })).toMatchObject({ status });
  expect(compat.stats().fallbacks).toBe(0);
});

test.each(['v5_only', 'parallel', 'v4_primary', 'v4_only'] as const)('in %s nothing falls back', async (kind) => {
  const { compat, v4, v5 } = await open({ mode: { kind } });
  const failing = kind === 'v5_only' ? v5 : v4;
  rpc(-32603)(failing, 'engine_newPayloadV2');
  await expect(compat.newPayload({ executionPayload: capellaPayload(1) })).rejects.toMatchObject({
    code: 'INTERNAL_ERROR',
  });
});

test('an engine that is not there at all falls back, and so does a key in the bucket of a canary', async () => {
  const { compat, v4, v5 } = await open({ mode: { kind: 'canary', percent: 100 } });
  const seen = watch(compat);
  await v5.stop();
  expect(await compat.newPayload({ executionPayload: capellaPayload(1) })).toMatchObject({ status: 'VALID' });
  validAt(v4, '0x0102030405060708');
  // The engine is out of step by now: the rest of the block, and the next build, are v4's from the start.
  await compat.forkchoiceUpdated(headAt(1));
  expect(await compat.forkchoiceUpdated(headAt(1), capellaAttributes)).toMatchObject({
    payloadId: '0x0102030405060708',
  });
  await compat.drain();
  expect(seen.map(({ fallback, decision }) => [fallback?.cause, decision.reason])).toEqual([
    ['CONNECTION_FAILED', 'CONFIGURED'],
    ['CONNECTION_FAILED', 'CONFIGURED'],
    [undefined, 'OUT_OF_STEP'],
  ]);
});

test('v5 has fallbackAfterMs, and an answer that comes later reaches nobody', async () => {
  const { compat, v5 } = await open({ fallbackAfterMs: 50 });
  const slow = gate();
  v5.on('engine_newPayloadV2', async () => {
    await slow.opened;
    return payloadStatus('INVALID', hash(3));
  });
  expect(await compat.newPayload({ executionPayload: capellaPayload(1) })).toMatchObject({ status: 'VALID' });
  slow.open();
  await compat.drain();
  expect(compat.stats().verdicts).toMatchObject({ v5_error: 1, critical: 0 });
});

test('the whole call, fallback included, ends within the time of the operation', async () => {
  const { compat, v4, v5 } = await open({ fallbackAfterMs: 20, timeouts: { factor: 0.02 } });
  const silence = (engine: FakeEngine) => engine.onRaw('engine_newPayloadV2', () => {});
  // v4 is busy with an earlier call for as long as this one may take.
  silence(v4);
  silence(v5);
  const first = compat.newPayload({ executionPayload: capellaPayload(1) });
  const second = compat.newPayload({ executionPayload: capellaPayload(2) });
  await expect(first).rejects.toMatchObject({ code: 'TIMEOUT', engine: 'v4' });
  await expect(second).rejects.toMatchObject({ code: 'TIMEOUT', engine: 'v4' });
  await compat.drain();
});

test('attributes follow to v4 only while their forkchoice is the newest there', async () => {
  const { compat, v4, v5 } = await open();
  const slow = gate();
  v5.on('engine_forkchoiceUpdatedV2', async ([, attributes]) => {
    if (attributes !== null) await slow.opened;
    throw new RpcError(-32603);
  });
  validAt(v4, '0x0102030405060708');
  const superseded = expect(compat.forkchoiceUpdated(headAt(1), capellaAttributes)).rejects.toMatchObject({
    code: 'FORKCHOICE_SUPERSEDED',
    engine: 'v4',
  });
  await v5.received('engine_forkchoiceUpdatedV2');
  const newer = compat.forkchoiceUpdated(headAt(2));
  await v4.received('engine_forkchoiceUpdatedV2', 2);
  slow.open();
  await superseded;
  expect(await newer).toMatchObject({ payloadStatus: { status: 'VALID' } });
  await compat.drain();
  expect(v4.calls.slice(1).map(({ params }) => [hashAsked(params), params[1]])).toEqual([
    [hash(1), null],
    [hash(2), null],
  ]);
});

test('what v5 was building is lost with it: get_payload says so and asks nobody else', async () => {
  const { compat, v4, v5 } = await open();
  validAt(v5, '0x0102030405060708');
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  await v5.stop();
  await expect(compat.getPayload('0x0102030405060708')).rejects.toMatchObject({ code: 'PAYLOAD_LOST', engine: 'v5' });
  expect(v4.methods()).not.toContain('engine_getPayloadV2');
});

/** Both engines build, and v5 has answered because v4 was out of step: v5's id has a twin at v4. */
async function buildTwins(twinIsKnown: Promise<void> = Promise.resolve()) {
  const two = await open({ mode: { kind: 'parallel' } });
  const { compat, v4, v5 } = two;
  validAt(v4);
  validAt(v5, '0x0505050505050505');
  await compat.forkchoiceUpdated(headAt(1));
  await compat.drain();
  rpc(-32603)(v4, 'engine_newPayloadV2');
  await compat.newPayload({ executionPayload: capellaPayload(2) }).catch(() => {});
  await compat.drain();
  v4.on('engine_forkchoiceUpdatedV2', async (params) => {
    await twinIsKnown;
    return { payloadStatus: payloadStatus('VALID', hashAsked(params)), payloadId: '0x0404040404040404' };
  });
  v4.on('engine_getPayloadV2', () => ({ executionPayload: wirePayload(3), blockValue: '0x1' }));
  const { payloadId } = await compat.forkchoiceUpdated(headAt(2), capellaAttributes);
  expect(payloadId).toBe('0x0505050505050505');
  return two;
}

test("v4's payload is given where v5 has lost what v4 was asked to build too", async () => {
  const { compat, v4, v5 } = await buildTwins();
  await compat.drain();
  const seen = watch(compat);
  http(503)(v5, 'engine_getPayloadV2');
  const { executionPayload } = await compat.getPayload('0x0505050505050505');
  expect(executionPayload.blockNumber).toBe(3n);
  expect(v4.calls.at(-1)?.params).toEqual(['0x0404040404040404']);
  await compat.drain();
  expect(seen).toMatchObject([
    { fallback: { cause: 'HTTP_ERROR' }, answering: { engine: 'v4' }, comparison: { verdict: 'v5_error' } },
  ]);
});

test('a twin that is not known yet is not waited for', async () => {
  const known = gate();
  const { compat, v4, v5 } = await buildTwins(known.opened);
  http(503)(v5, 'engine_getPayloadV2');
  await expect(compat.getPayload('0x0505050505050505')).rejects.toMatchObject({ code: 'HTTP_ERROR', engine: 'v5' });
  expect(v4.methods()).not.toContain('engine_getPayloadV2');
  known.open();
  await compat.drain();
});

test('an id that v5 itself does not know is no loss', async () => {
  const { compat, v5 } = await open();
  validAt(v5, '0x0102030405060708');
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  await expect(compat.getPayload('0x0102030405060708')).rejects.toMatchObject({
    code: 'UNKNOWN_PAYLOAD',
    engine: 'v5',
  });
});

test('from Cancun on there is nothing to fall back on', async () => {
  const { compat, v5 } = await open();
  rpc(-32603)(v5, 'engine_newPayloadV3');
  await expect(
    compat.newPayload({ executionPayload: denebPayload(1), parentBeaconBlockRoot: hash(7) }),
  ).rejects.toMatchObject({ code: 'INTERNAL_ERROR', engine: 'v5' });
});

test("what v4 cannot express gets v5's own failure", async () => {
  const { compat, v5 } = await open();
  rpc(-32603)(v5, 'engine_forkchoiceUpdatedV2');
  const { headBlockHash, safeBlockHash, finalizedBlockHash } = headAt(1);
  const state = { headBlockHash, safeBlockHash, finalizedBlockHash, justifiedBlockHash: hash(2) };
  await expect(compat.forkchoiceUpdated(state)).rejects.toMatchObject({ code: 'INTERNAL_ERROR', engine: 'v5' });
});

test('a shared engine is asked by v4 in the same place, before the next call', async () => {
  const engine = await startFakeEngine();
  const compat = await createLighthouseCompat({
    v4: { url: engine.url, jwtSecret: engine.secret },
    v5: { url: engine.url, jwtSecret: engine.secret },
    forks,
    mode: { kind: 'v5_primary' },
    fallbackAfterMs: 100,
  });
  onTestFinished(async () => {
    await compat.close();
    await engine.stop();
    expect(engine.breaches).toEqual([]);
  });
  const seen = watch(compat);
  let sends = 0;
  engine.on('engine_newPayloadV2', (params) => {
    sends += 1;
    if (sends === 1) throw new RpcError(-32603);
    return payloadStatus('VALID', hashAsked(params));
  });
  const calls = [compat.newPayload({ executionPayload: capellaPayload(1) }), compat.forkchoiceUpdated(headAt(1))];
  await Promise.all(calls);
  await compat.drain();
  expect(engine.methods()).toEqual(['engine_newPayloadV2', 'engine_newPayloadV2', 'engine_forkchoiceUpdatedV2']);
  expect(seen).toMatchObject([
    {
      fallback: { cause: 'INTERNAL_ERROR' },
      answering: { adapter: 'v4', engine: 'shared' },
      other: { adapter: 'v5' },
      comparison: { verdict: 'v5_error' },
    },
    { fallback: null, answering: { adapter: 'v5' } },
  ]);
});

test('fallbacks are counted by cause', async () => {
  const registry = new Registry();
  const { compat, v5 } = await open({ registry });
  rpc(-32000)(v5, 'engine_newPayloadV2');
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  expect(await registry.metrics()).toContain(
    'lighthouse_compat_fallbacks_total{operation="new_payload",cause="SERVER_ERROR"} 1\n',
  );
});
