import type { EngineState, Observation } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { RpcError } from '../support/fakeEngine.js';
import { gate } from '../support/gate.js';
import { localFlags } from '../support/localFlags.js';
import {
  capellaAttributes,
  capellaPayload,
  denebAttributes,
  denebPayload,
  hash,
  headAt,
  parisPayload,
} from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';
import { hashAsked, wirePayload } from '../support/wire.js';

const payloadId = '0x0102030405060708';
const building = { payloadStatus: { status: 'VALID', latestValidHash: hash(1), validationError: null }, payloadId };

const observationsOf = (compat: {
  on(event: 'observation', listener: (o: Observation) => void): unknown;
}): Observation[] => {
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  return seen;
};

test.each([
  ['v4', { kind: 'v4_only' }],
  ['v5', { kind: 'v5_only' }],
  ['v5', { kind: 'v5_primary' }],
  ['v4', { kind: 'v4_primary' }],
  ['v4', { kind: 'parallel' }],
] as const)(
  'the caller gets the answer of %s in the mode $kind, and both engines get the call',
  async (version, mode) => {
    const { compat, v4, v5 } = await openTwoEngines({ mode });
    const answering = version === 'v4' ? v4 : v5;
    answering.on('engine_newPayloadV2', () => ({
      status: 'INVALID',
      latestValidHash: hash(3),
      validationError: 'bad root',
    }));
    expect(await compat.newPayload({ executionPayload: capellaPayload(4) })).toEqual({
      status: 'INVALID',
      latestValidHash: hash(3),
      validationError: 'bad root',
    });
    await compat.drain();
    expect(v4.methods()).toEqual(['engine_newPayloadV2']);
    expect(v5.methods()).toEqual(['engine_newPayloadV2']);
  },
);

test('only the answering engine gets the attributes, the other the same forkchoice without them', async () => {
  const { compat, v4, v5 } = await openTwoEngines({ mode: { kind: 'v5_only' } });
  v5.on('engine_forkchoiceUpdatedV2', () => building);
  expect(await compat.forkchoiceUpdated(headAt(1), capellaAttributes)).toMatchObject({ payloadId });
  await compat.drain();
  expect(v5.calls.at(-1)?.params[1]).toMatchObject({ timestamp: '0xa0' });
  expect(v4.calls.at(-1)).toMatchObject({ method: 'engine_forkchoiceUpdatedV2', params: [headAt(1), null] });
});

test('get_payload goes to the engine that issued the id, whatever the mode has become, and only there', async () => {
  const { compat, v4, v5 } = await openTwoEngines({ mode: { kind: 'v5_only' } });
  v5.on('engine_forkchoiceUpdatedV2', () => building);
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  compat.setMigrationMode({ kind: 'v4_only' });
  await expect(compat.getPayload(payloadId)).rejects.toMatchObject({ code: 'UNKNOWN_PAYLOAD', engine: 'v5' });
  expect(v5.methods().at(-1)).toBe('engine_getPayloadV2');
  expect(v4.methods()).not.toContain('engine_getPayloadV2');
});

test('an id that two engines issued goes to the last of them', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  v4.on('engine_forkchoiceUpdatedV2', () => building);
  v5.on('engine_forkchoiceUpdatedV2', () => building);
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  compat.setMigrationMode({ kind: 'v5_only' });
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  await expect(compat.getPayload(payloadId)).rejects.toMatchObject({ engine: 'v5' });
});

test.each([-38001, -32001])('an id that nobody issued goes on to the other engine on %i alone', async (code) => {
  const { compat, v4, v5 } = await openTwoEngines();
  v4.on('engine_getPayloadV2', () => {
    throw new RpcError(code);
  });
  const { executionPayload, ...built } = { executionPayload: wirePayload(9), blockValue: '0x7' };
  v5.on('engine_getPayloadV2', () => ({ executionPayload, ...built }));
  expect(await compat.getPayload(payloadId)).toMatchObject({ blockValueWei: 7n, executionPayload: capellaPayload(9) });

  v4.on('engine_getPayloadV2', () => {
    throw new RpcError(-32603);
  });
  await expect(compat.getPayload(payloadId)).rejects.toMatchObject({ code: 'INTERNAL_ERROR', engine: 'v4' });
});

test('each engine gets the calls in the order in which the caller made them, without waiting for answers', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const slow = gate();
  v4.on('engine_newPayloadV2', async ([payload]) => {
    const { blockHash } = payload as { blockHash: string };
    if (blockHash === hash(1)) await slow.opened;
    return { status: 'VALID', latestValidHash: blockHash };
  });
  const calls: Promise<unknown>[] = [];
  for (let n = 1; n <= 8; n += 1) {
    // The mode turns between the calls: order is the engine's, not the adapter's.
    compat.setMigrationMode({ kind: n % 2 === 0 ? 'v5_only' : 'v4_only' });
    calls.push(compat.newPayload({ executionPayload: capellaPayload(n) }), compat.forkchoiceUpdated(headAt(n)));
  }
  slow.open();
  await Promise.all(calls);
  await compat.drain();
  const expected = Array.from({ length: 8 }, (_, n) => [hash(n + 1), hash(n + 1)]).flat();
  for (const engine of [v4, v5]) {
    const order = engine.calls
      .filter(({ method }) => method !== 'engine_exchangeCapabilities')
      .map(
        ({ params: [first] }) =>
          (first as { blockHash?: string; headBlockHash?: string }).blockHash ??
          (first as { headBlockHash: string }).headBlockHash,
      );
    expect(order).toEqual(expected);
  }
});

test('an engine that is only fed neither delays nor fails the caller', async () => {
  const { compat, v5 } = await openTwoEngines();
  const seen = observationsOf(compat);
  const slow = gate();
  v5.on('engine_newPayloadV2', async () => {
    await slow.opened;
    throw new RpcError(-32603);
  });
  expect(await compat.newPayload({ executionPayload: capellaPayload(1) })).toMatchObject({ status: 'VALID' });
  expect(seen).toEqual([]);
  slow.open();
  await compat.drain();
  expect(seen).toMatchObject([
    {
      answering: { outcome: { kind: 'answered', status: 'VALID' } },
      other: { engine: 'v5', outcome: { kind: 'failed', code: 'INTERNAL_ERROR' } },
    },
  ]);
});

test('an engine whose lane is full is out of step: the feed is dropped and told, and the other engine answers', async () => {
  const { compat, v5 } = await openTwoEngines();
  const seen = observationsOf(compat);
  const slow = gate();
  v5.on('engine_forkchoiceUpdatedV2', async ([state]) => {
    await slow.opened;
    return {
      payloadStatus: { status: 'VALID', latestValidHash: (state as { headBlockHash: string }).headBlockHash },
      payloadId: null,
    };
  });
  // 64 wait for the engine, the 65th finds no room.
  for (let n = 1; n <= 65; n += 1) await compat.forkchoiceUpdated(headAt(n));
  expect(compat.standby().v5).toEqual({ engine: 'v5', state: 'out_of_step', because: 'overflow' });
  compat.setMigrationMode({ kind: 'v5_only' });
  await compat.forkchoiceUpdated(headAt(66));
  slow.open();
  await compat.drain();
  expect(seen.filter(({ other }) => other?.outcome.kind === 'dropped')).toMatchObject([
    { other: { durationMs: null, outcome: { reason: 'LANE_FULL' } }, comparison: { verdict: 'not_compared' } },
    { decision: { reason: 'OUT_OF_STEP', adapter: 'v4' }, answering: { engine: 'v4' } },
  ]);
  expect(compat.standby().v5.state).toBe('in_step');
});

test('a call whose answering engine has no room, while the other is not in step either, is LANE_FULL, and the other is fed all the same', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const slow = gate();
  v4.on('engine_newPayloadV2', async ([payload]) => {
    await slow.opened;
    return { status: 'VALID', latestValidHash: (payload as { blockHash: string }).blockHash };
  });
  const waiting = Array.from({ length: 64 }, (_, n) => compat.newPayload({ executionPayload: capellaPayload(n + 1) }));
  await v5.received('engine_newPayloadV2', 64);
  await expect(compat.newPayload({ executionPayload: capellaPayload(65) })).rejects.toMatchObject({
    code: 'LANE_FULL',
    engine: 'v4',
  });
  slow.open();
  await Promise.all(waiting);
  await compat.drain();
  expect(v5.calls.some(({ params: [payload] }) => (payload as { blockHash?: string }).blockHash === hash(65))).toBe(
    true,
  );
});

test('an abort before the send takes the call out of the order of both engines', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const slow = gate();
  for (const engine of [v4, v5]) {
    engine.on('engine_newPayloadV2', async ([payload]) => {
      await slow.opened;
      return { status: 'VALID', latestValidHash: (payload as { blockHash: string }).blockHash };
    });
  }
  const first = compat.newPayload({ executionPayload: capellaPayload(1) });
  const abort = new AbortController();
  const second = compat.newPayload({ executionPayload: capellaPayload(2) }, { signal: abort.signal });
  const third = compat.newPayload({ executionPayload: capellaPayload(3) });
  await Promise.all([v4.received('engine_newPayloadV2'), v5.received('engine_newPayloadV2')]);
  abort.abort();
  await expect(second).rejects.toMatchObject({ code: 'ABORTED' });
  slow.open();
  await Promise.all([first, third]);
  await compat.drain();
  for (const engine of [v4, v5]) {
    expect(engine.calls.slice(1).map(({ params: [payload] }) => (payload as { blockHash: string }).blockHash)).toEqual([
      hash(1),
      hash(3),
    ]);
  }
});

test('an abort after the send ends the wait of the caller alone', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const seen = observationsOf(compat);
  const slow = gate();
  v4.on('engine_newPayloadV2', async () => {
    await slow.opened;
    return { status: 'VALID', latestValidHash: hash(1) };
  });
  const abort = new AbortController();
  const call = compat.newPayload({ executionPayload: capellaPayload(1) }, { signal: abort.signal });
  await v4.received('engine_newPayloadV2');
  abort.abort();
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  slow.open();
  await compat.drain();
  expect(v5.methods()).toEqual(['engine_newPayloadV2']);
  expect(seen).toMatchObject([
    { answering: { outcome: { kind: 'answered' } }, other: { outcome: { kind: 'answered' } } },
  ]);
});

test('a call that was aborted before it was made is never sent', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const signal = AbortSignal.abort();
  await expect(compat.newPayload({ executionPayload: capellaPayload(1) }, { signal })).rejects.toMatchObject({
    code: 'ABORTED',
  });
  await expect(compat.getPayload(payloadId, { signal })).rejects.toMatchObject({ code: 'ABORTED' });
  await compat.drain();
  expect([...v4.methods(), ...v5.methods()]).not.toContain('engine_newPayloadV2');
});

test('Cancun goes to v5 whatever the flags say, and the end of the feed of v4 is said once', async () => {
  const { client } = await localFlags({ lighthouse_v5: false });
  const warnings: string[] = [];
  const logger = { info: () => {}, warn: (message: string) => warnings.push(message), error: () => {} };
  const { compat, v4, v5 } = await openTwoEngines({ flags: client, logger });
  const seen = observationsOf(compat);
  const standby: EngineState[] = [];
  compat.on('standby', (change) => standby.push(change));
  v5.on('engine_forkchoiceUpdatedV3', ([state, attributes]) => ({
    payloadStatus: { status: 'VALID', latestValidHash: (state as { headBlockHash: string }).headBlockHash },
    payloadId: attributes === null ? null : payloadId,
  }));

  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.forkchoiceUpdated(headAt(1), denebAttributes);
  await expect(compat.getPayload(payloadId)).rejects.toMatchObject({ engine: 'v5', method: 'engine_getPayloadV3' });
  for (const n of [2, 3]) {
    await compat.newPayload({ executionPayload: denebPayload(n), parentBeaconBlockRoot: hash(71) });
    await compat.forkchoiceUpdated(headAt(n));
  }
  // A reorg to Shanghai: v4's engine has not seen what came between.
  await compat.newPayload({ executionPayload: capellaPayload(4) });
  await compat.drain();

  expect(v4.methods()).toEqual(['engine_newPayloadV2', 'engine_forkchoiceUpdatedV2']);
  expect(v4.calls.at(-1)?.params).toEqual([headAt(1), null]);
  expect(v5.methods()).toEqual([
    'engine_newPayloadV2',
    'engine_forkchoiceUpdatedV3',
    'engine_getPayloadV3',
    'engine_newPayloadV3',
    'engine_forkchoiceUpdatedV3',
    'engine_newPayloadV3',
    'engine_forkchoiceUpdatedV3',
    'engine_newPayloadV2',
  ]);
  expect(seen.map(({ decision }) => decision.reason)).toEqual([
    'FLAG',
    'FORK',
    'PIN',
    'FORK',
    'FORK',
    'FORK',
    'FORK',
    'FORK',
  ]);
  expect(standby.filter(({ state }) => state === 'unfed')).toEqual([{ engine: 'v4', state: 'unfed', because: 'fork' }]);
  expect(warnings.filter((text) => text.includes('no longer fed'))).toHaveLength(1);
});

test("what the answering adapter refuses to lose reaches no engine, and v5's justified hash does not stop the feed of v4", async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const { headBlockHash, safeBlockHash, finalizedBlockHash } = headAt(3);
  const state = { headBlockHash, safeBlockHash, finalizedBlockHash, justifiedBlockHash: hash(2) };
  await expect(compat.forkchoiceUpdated(state)).rejects.toMatchObject({
    code: 'INCOMPATIBLE_FEATURE',
    feature: 'justifiedBlockHash',
  });
  await compat.drain();
  expect([...v4.calls, ...v5.calls]).toEqual([]);

  compat.setMigrationMode({ kind: 'v5_only' });
  await compat.forkchoiceUpdated(state);
  await compat.drain();
  expect(v4.calls.at(-1)?.params).toEqual([headAt(3), null]);
  expect(v5.calls.at(-1)?.params).toEqual([headAt(3), null]);
});

test('one shared engine gets each call once, by the adapter that was chosen', async () => {
  const { v4: engine } = await openTwoEngines();
  const { createLighthouseCompat } = await import('@lighthouse-compat/sdk');
  const compat = await createLighthouseCompat({
    v4: { url: engine.url, jwtSecret: engine.secret },
    v5: { url: engine.url, jwtSecret: engine.secret },
    forks: { shanghaiTime: 100, cancunTime: 200 },
  });
  const seen = observationsOf(compat);
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  compat.setMigrationMode({ kind: 'v5_only' });
  await compat.forkchoiceUpdated(headAt(1));
  await compat.newPayload({ executionPayload: denebPayload(2), parentBeaconBlockRoot: hash(71) });
  await compat.close();
  expect(engine.methods()).toEqual(['engine_newPayloadV2', 'engine_forkchoiceUpdatedV2', 'engine_newPayloadV3']);
  expect(seen).toMatchObject([
    { answering: { adapter: 'v4', engine: 'shared' }, other: null },
    { answering: { adapter: 'v5', engine: 'shared' }, other: null },
    { answering: { adapter: 'v5', engine: 'shared' }, other: null },
  ]);
});

test('a block that the answering engine built itself is marked in what is observed', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const seen = observationsOf(compat);
  v4.on('engine_forkchoiceUpdatedV2', () => building);
  v4.on('engine_getPayloadV2', () => ({ executionPayload: wirePayload(2), blockValue: '0x0' }));
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  const { executionPayload } = await compat.getPayload(payloadId);
  await compat.newPayload({ executionPayload });
  await compat.drain();
  expect(v5.methods()).toContain('engine_newPayloadV2');
  expect(seen.at(-1)).toMatchObject({
    answering: { engine: 'v4', outcome: { builtHere: true } },
    other: { engine: 'v5', outcome: { builtHere: false } },
  });
});

test('a closed instance refuses every call, closing again does nothing, and what was on its way has ended', async () => {
  const { compat, v4 } = await openTwoEngines();
  v4.onRaw('engine_newPayloadV2', () => {});
  const hanging = compat.newPayload({ executionPayload: capellaPayload(1) });
  const outcome = expect(hanging).rejects.toMatchObject({ code: 'CLOSED' });
  const waiting = expect(compat.newPayload({ executionPayload: capellaPayload(2) })).rejects.toMatchObject({
    code: 'CLOSED',
  });
  await v4.received('engine_newPayloadV2');
  await Promise.all([compat.close(), compat.close()]);
  await Promise.all([outcome, waiting]);
  await expect(compat.newPayload({ executionPayload: capellaPayload(2) })).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(compat.forkchoiceUpdated(headAt(1))).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(compat.getPayload(payloadId)).rejects.toMatchObject({ code: 'CLOSED' });
});

test('a chain that is in Cancun from its beginning is driven by v5 alone', async () => {
  const { compat, v4, v5 } = await openTwoEngines({ forks: { shanghaiTime: 0, cancunTime: 0 } });
  const attributes = { ...denebAttributes, timestamp: 1n };
  expect(await compat.forkchoiceUpdated(headAt(0), attributes)).toMatchObject({ payloadStatus: { status: 'VALID' } });
  await compat.newPayload({ executionPayload: denebPayload(1), parentBeaconBlockRoot: hash(71) });
  await compat.drain();
  expect(v4.methods()).toEqual([]);
  expect(v5.methods()).toEqual(['engine_forkchoiceUpdatedV3', 'engine_newPayloadV3']);
  expect(compat.standby().v4).toEqual({ engine: 'v4', state: 'unfed', because: 'fork' });
});

test('a Cancun payload that never became a head does not cut v4 off from the Shanghai blocks that follow', async () => {
  const { compat, v4, v5 } = await openTwoEngines({ mode: { kind: 'v5_only' } });
  v5.on('engine_newPayloadV3', () => ({ status: 'INVALID', latestValidHash: null, validationError: 'no' }));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.forkchoiceUpdated(headAt(1));
  await compat.newPayload({ executionPayload: denebPayload(2), parentBeaconBlockRoot: hash(71) });
  await compat.newPayload({ executionPayload: capellaPayload(3) });
  await compat.forkchoiceUpdated(headAt(3));
  await compat.rollback('v5 is wrong');
  expect(await compat.newPayload({ executionPayload: capellaPayload(4) })).toMatchObject({ status: 'VALID' });
  await compat.drain();
  expect(v4.calls.slice(1).map(({ params }) => hashAsked(params))).toEqual([
    hash(1),
    hash(1),
    hash(3),
    hash(3),
    hash(4),
  ]);
});

test('a Cancun payload that was given up before its send ends nothing', async () => {
  const { compat } = await openTwoEngines();
  const call = compat.newPayload(
    { executionPayload: denebPayload(2), parentBeaconBlockRoot: hash(71) },
    { signal: AbortSignal.abort() },
  );
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  await compat.drain();
  expect(compat.standby().v4.state).toBe('unproven');
});

test('an id that nobody issued is asked once of a shared engine, and at an engine that is down makes it no better known', async () => {
  const shared = await openTwoEngines();
  const { createLighthouseCompat } = await import('@lighthouse-compat/sdk');
  const one = await createLighthouseCompat({
    v4: { url: shared.v4.url, jwtSecret: shared.v4.secret },
    v5: { url: shared.v4.url, jwtSecret: shared.v4.secret },
    forks: { shanghaiTime: 100 },
  });
  await expect(one.getPayload(payloadId)).rejects.toMatchObject({ code: 'UNKNOWN_PAYLOAD' });
  await one.close();
  expect(shared.v4.methods()).toEqual(['engine_getPayloadV2']);

  const { compat, v5 } = await openTwoEngines();
  const seen = observationsOf(compat);
  await v5.stop();
  await expect(compat.getPayload(payloadId)).rejects.toMatchObject({ code: 'UNKNOWN_PAYLOAD', engine: 'v4' });
  expect(seen).toMatchObject([
    { answering: { engine: 'v4' }, other: { engine: 'v5', outcome: { code: 'CONNECTION_FAILED' } } },
  ]);
});

test('drain waits for a get_payload too', async () => {
  const { compat, v4 } = await openTwoEngines();
  const slow = gate();
  v4.on('engine_getPayloadV2', async () => {
    await slow.opened;
    return { executionPayload: wirePayload(2), blockValue: '0x0' };
  });
  const fetched = compat.getPayload(payloadId);
  await v4.received('engine_getPayloadV2');
  expect(await compat.drain({ deadlineMs: 10 })).toEqual({ drained: false, left: { v4: 0, v5: 0, detached: 1 } });
  slow.open();
  expect(await compat.drain()).toMatchObject({ drained: true });
  await fetched;
});

test('a block is known by its hash whatever its case', async () => {
  const { compat, v4 } = await openTwoEngines();
  const seen = observationsOf(compat);
  const upper = `0x${'AB'.repeat(32)}` as const;
  await compat.newPayload({ executionPayload: { ...parisPayload(1), blockHash: upper } });
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.forkchoiceUpdated({ ...headAt(1), headBlockHash: `0x${'ab'.repeat(32)}` as const });
  await compat.drain();
  expect(seen.map(({ decision }) => decision.targetingKey)).toEqual([
    `0x${'ab'.repeat(32)}`,
    hash(2),
    `0x${'ab'.repeat(32)}`,
  ]);
  // The head is of Paris, though the newest payload is of Shanghai.
  expect(v4.methods().at(-1)).toBe('engine_forkchoiceUpdatedV1');
});
