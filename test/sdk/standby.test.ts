import type { Observation } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { RpcError } from '../support/fakeEngine.js';
import { gate } from '../support/gate.js';
import { localFlags } from '../support/localFlags.js';
import { capellaAttributes, capellaPayload, hash, headAt } from '../support/samples.js';
import { openTwoEngines, type TwoEngines } from '../support/twoEngines.js';
import { hashAsked, payloadStatus } from '../support/wire.js';

const states = ({ compat }: TwoEngines) => {
  const { v4, v5 } = compat.standby();
  return `${v4.state} ${v5.state}`;
};

const failing = () => {
  throw new RpcError(-32603);
};

test('both engines are unproven until a head is VALID there', async () => {
  const two = await openTwoEngines();
  expect(states(two)).toBe('unproven unproven');
  await two.compat.newPayload({ executionPayload: capellaPayload(1) });
  await two.compat.drain();
  expect(states(two)).toBe('unproven unproven');
  await two.compat.forkchoiceUpdated(headAt(1));
  await two.compat.drain();
  expect(states(two)).toBe('in_step in_step');
});

test.each([
  ['a payload that fails', 'engine_newPayloadV2', failing],
  ['a payload that is SYNCING', 'engine_newPayloadV2', () => payloadStatus('SYNCING')],
  ['a payload that is VALID for a foreign hash', 'engine_newPayloadV2', () => payloadStatus('VALID', hash(99))],
  ['a head that fails', 'engine_forkchoiceUpdatedV2', failing],
  [
    'a head that is SYNCING',
    'engine_forkchoiceUpdatedV2',
    () => ({ payloadStatus: payloadStatus('SYNCING'), payloadId: null }),
  ],
])('%s takes its engine out of step, and the next VALID head brings it back', async (_what, method, answer) => {
  const two = await openTwoEngines();
  const { compat, v5 } = two;
  await compat.forkchoiceUpdated(headAt(1));
  await compat.drain();
  v5.on(method, answer);
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await (method.includes('forkchoice') ? compat.forkchoiceUpdated(headAt(2)) : compat.drain());
  await compat.drain();
  expect(states(two)).toBe('in_step out_of_step');

  v5.on('engine_newPayloadV2', (params) => payloadStatus('VALID', hashAsked(params)));
  v5.on('engine_forkchoiceUpdatedV2', (params) => ({
    payloadStatus: payloadStatus('VALID', hashAsked(params)),
    payloadId: null,
  }));
  await compat.forkchoiceUpdated(headAt(2));
  await compat.drain();
  expect(states(two)).toBe('in_step in_step');
});

test.each(['INVALID', 'ACCEPTED'])('a payload that is %s says nothing against its engine', async (status) => {
  const two = await openTwoEngines();
  await two.compat.forkchoiceUpdated(headAt(1));
  two.v5.on('engine_newPayloadV2', () => payloadStatus(status));
  await two.compat.newPayload({ executionPayload: capellaPayload(2) });
  await two.compat.drain();
  expect(states(two)).toBe('in_step in_step');
});

test('a failed new_payload takes its engine out before the caller has the error, and the rest of the block goes to the other', async () => {
  const two = await openTwoEngines({ mode: { kind: 'v5_only' } });
  const { compat, v4, v5 } = two;
  await compat.forkchoiceUpdated(headAt(1));
  await compat.drain();
  v5.on('engine_newPayloadV2', failing);
  v4.on('engine_forkchoiceUpdatedV2', (params) => ({
    payloadStatus: payloadStatus('VALID', hashAsked(params)),
    payloadId: params[1] === null ? null : '0x0102030405060708',
  }));
  let stateAtError = '';
  await compat.newPayload({ executionPayload: capellaPayload(2) }).catch(() => {
    stateAtError = compat.standby().v5.state;
  });
  expect(stateAtError).toBe('out_of_step');
  await compat.drain();
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  v5.on('engine_forkchoiceUpdatedV2', () => ({ payloadStatus: payloadStatus('SYNCING'), payloadId: null }));
  expect(await compat.decide('new_payload', { executionPayload: capellaPayload(2) })).toMatchObject({
    reason: 'OUT_OF_STEP',
    adapter: 'v4',
  });
  // Whichever engine's turn comes first, the attributes reach v4.
  expect(await compat.forkchoiceUpdated(headAt(2), capellaAttributes)).toMatchObject({
    payloadId: '0x0102030405060708',
  });
  await compat.drain();
  expect(seen).toMatchObject([
    {
      decision: { reason: 'OUT_OF_STEP', mode: 'v5_only' },
      answering: { engine: 'v4' },
      comparison: { verdict: 'pending' },
    },
  ]);
});

test('v5 answers in v4_only while v4 is out of step and v5 is in step, and not under the latch', async () => {
  const { compat, v4 } = await openTwoEngines();
  await compat.forkchoiceUpdated(headAt(1));
  await compat.drain();
  v4.on('engine_newPayloadV2', failing);
  await expect(compat.newPayload({ executionPayload: capellaPayload(2) })).rejects.toMatchObject({
    code: 'INTERNAL_ERROR',
  });
  expect(await compat.newPayload({ executionPayload: capellaPayload(3) })).toMatchObject({ status: 'VALID' });
  await compat.rollback('now');
  await expect(compat.newPayload({ executionPayload: capellaPayload(4) })).rejects.toMatchObject({ engine: 'v4' });
});

test('the state of an engine is asked when its place is reached, so that a head still on its way there is waited for', async () => {
  const two = await openTwoEngines();
  const { compat, v5 } = two;
  const slow = gate();
  v5.on('engine_forkchoiceUpdatedV2', async (params) => {
    await slow.opened;
    return { payloadStatus: payloadStatus('VALID', hashAsked(params)), payloadId: null };
  });
  await compat.forkchoiceUpdated(headAt(1));
  expect(states(two)).toBe('in_step unproven');
  compat.setMigrationMode({ kind: 'v5_only' });
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  const call = compat.newPayload({ executionPayload: capellaPayload(2) });
  slow.open();
  await call;
  await compat.drain();
  expect(seen.at(-1)).toMatchObject({ decision: { reason: 'CONFIGURED', adapter: 'v5' }, answering: { engine: 'v5' } });
});

test('with a cold standby only the engine that answers gets calls, and nothing is compared', async () => {
  const { compat, v4, v5 } = await openTwoEngines({ standby: 'cold' });
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.forkchoiceUpdated(headAt(1));
  compat.setMigrationMode({ kind: 'v5_only' });
  await compat.forkchoiceUpdated(headAt(1));
  await compat.drain();
  expect(v4.methods()).toEqual(['engine_newPayloadV2', 'engine_forkchoiceUpdatedV2']);
  expect(v5.methods()).toEqual(['engine_forkchoiceUpdatedV2']);
  expect(seen.map(({ other, comparison }) => [other, comparison])).toEqual([
    [null, null],
    [null, null],
    [null, null],
  ]);
});

test('a cold standby refuses the modes that need a warm one, by configuration and by setMigrationMode', async () => {
  await expect(openTwoEngines({ standby: 'cold', mode: { kind: 'parallel' } })).rejects.toMatchObject({
    code: 'INVALID_MODE',
    path: 'mode.kind',
  });
  const { compat } = await openTwoEngines({ standby: 'cold' });
  expect(() => compat.setMigrationMode({ kind: 'canary', percent: 10 })).toThrow(
    expect.objectContaining({ code: 'INVALID_MODE' }),
  );
});

test('a cold standby decides v4_only for the modes of flags that need a warm one, reason STANDBY_COLD', async () => {
  const { client } = await localFlags({ lighthouse_v5: true, lighthouse_v5_primary: true });
  const { compat } = await openTwoEngines({ standby: 'cold', flags: client });
  expect(await compat.decide('new_payload', { executionPayload: capellaPayload(1) })).toMatchObject({
    adapter: 'v4',
    mode: 'v4_only',
    reason: 'STANDBY_COLD',
    flagKey: 'lighthouse_v5_primary',
  });
});

test('drain says what was left when its time is over', async () => {
  const { compat, v5 } = await openTwoEngines();
  const slow = gate();
  v5.on('engine_newPayloadV2', async (params) => {
    await slow.opened;
    return payloadStatus('VALID', hashAsked(params));
  });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  expect(await compat.drain({ deadlineMs: 20 })).toEqual({ drained: false, left: { v4: 0, v5: 2, detached: 0 } });
  expect(compat.stats().lanes).toMatchObject({ v4: { calls: 0, bytes: 0 }, v5: { calls: 2 } });
  slow.open();
  expect(await compat.drain()).toEqual({ drained: true, left: { v4: 0, v5: 0, detached: 0 } });
});

test('a forkchoice that an engine has just answered VALID is not fed to it again, and one that it has not is', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  await compat.forkchoiceUpdated(headAt(1));
  // Its answer is what the caller waits for, and not the fed engine's, which is what the next call is held against.
  await compat.drain();
  await compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  await compat.drain();
  expect(v5.methods()).toEqual(['engine_forkchoiceUpdatedV2']);
  expect(seen.at(-1)).toMatchObject({
    other: { engine: 'v5', durationMs: null, outcome: { kind: 'unneeded' } },
    comparison: null,
  });

  await compat.forkchoiceUpdated({ ...headAt(1), safeBlockHash: hash(1) });
  await compat.drain();
  expect(v5.methods()).toHaveLength(2);
  v5.on('engine_newPayloadV2', failing);
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.forkchoiceUpdated({ ...headAt(1), safeBlockHash: hash(1) });
  await compat.drain();
  expect(v5.methods()).toHaveLength(4);
  // What the answering engine is asked is always sent.
  expect(v4.methods()).toHaveLength(5);
});
