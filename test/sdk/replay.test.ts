import type { ExecutionPayload } from '@lighthouse-compat/conversions';
import type { EngineState, LighthouseCompat, LighthouseCompatOptions, Observation } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { createReplayBuffer } from '../../packages/sdk/src/replay/replayBuffer.js';
import { hashAsked } from '../support/fakeEngine/params.js';
import type { SpecEngine } from '../support/fakeEngine/specEngine.js';
import { openTwoSpecEngines } from '../support/fakeEngine/twoSpecEngines.js';
import { gate } from '../support/gate.js';
import { capellaPayload, hash } from '../support/samples.js';

const block = (number: number): ExecutionPayload => ({ ...capellaPayload(number), timestamp: 110n + BigInt(number) });

describe('the buffer', () => {
  const request = (number: number) => ({ fork: 'shanghai' as const, executionPayload: capellaPayload(number) });
  const numbers = (requests: readonly { readonly executionPayload: ExecutionPayload }[]): readonly number[] =>
    requests.map(({ executionPayload }) => Number(executionPayload.blockNumber));

  test('gives the way to a head, oldest first, from the oldest that is kept or the finalized block on', () => {
    const buffer = createReplayBuffer({ maxPayloads: 5, maxBytes: 1_000 });
    for (let number = 1; number <= 8; number += 1) buffer.add(request(number), 10);
    expect(numbers(buffer.chainTo(hash(7), hash(0)))).toEqual([4, 5, 6, 7]);
    expect(numbers(buffer.chainTo(hash(7), hash(6)))).toEqual([6, 7]);
    expect(numbers(buffer.chainTo(hash(99), hash(0)))).toEqual([]);
    expect(numbers(buffer.newerThan(hash(6)))).toEqual([7, 8]);
    expect(numbers(buffer.newerThan(hash(99)))).toEqual([]);
  });

  test('keeps within both bounds, whatever is added, and always the newest that fits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(120)), { maxLength: 80 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 200 }),
        (added, maxPayloads, maxBytes) => {
          const buffer = createReplayBuffer({ maxPayloads, maxBytes });
          const sizes = new Map<number, number>();
          for (const [number, bytes] of added) {
            buffer.add(request(number), bytes);
            sizes.delete(number);
            if (bytes <= maxBytes) sizes.set(number, bytes);
            let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
            for (const [oldest, size] of sizes) {
              if (sizes.size <= maxPayloads && total <= maxBytes) break;
              sizes.delete(oldest);
              total -= size;
            }
            expect([buffer.payloads(), buffer.bytes()]).toEqual([sizes.size, total]);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('a chain that leads in a circle ends', () => {
    const buffer = createReplayBuffer({ maxPayloads: 5, maxBytes: 1_000 });
    buffer.add({ fork: 'shanghai', executionPayload: { ...capellaPayload(1), parentHash: hash(2) } }, 1);
    buffer.add({ fork: 'shanghai', executionPayload: { ...capellaPayload(2), parentHash: hash(1) } }, 1);
    expect(buffer.chainTo(hash(2), hash(0))).toHaveLength(2);
  });
});

async function open(options: Partial<LighthouseCompatOptions> = {}) {
  const two = await openTwoSpecEngines({
    engines: { genesis: { hash: hash(0), timestamp: 110n }, checkBlockHashes: false },
    ...options,
  });
  const states: string[] = [];
  two.compat.on('standby', ({ engine, state }: EngineState) => states.push(`${engine} ${state}`));
  return { ...two, states };
}

const head = (number: number, finalized = 0) => ({
  headBlockHash: hash(number),
  safeBlockHash: hash(finalized),
  finalizedBlockHash: hash(finalized),
});

async function importBlocks(compat: LighthouseCompat, from: number, to: number, finalized = 0): Promise<void> {
  for (let number = from; number <= to; number += 1) {
    expect(await compat.newPayload({ executionPayload: block(number) })).toMatchObject({ status: 'VALID' });
    expect(await compat.forkchoiceUpdated(head(number, finalized))).toMatchObject({
      payloadStatus: { status: 'VALID' },
    });
  }
  await compat.drain();
}

const down = (engine: SpecEngine): void => engine.trouble('engine_', { kind: 'http', status: 503 });

/** What an engine was given since, as `payload 3` and `head 3`. */
const given = (engine: SpecEngine, since: number): readonly string[] =>
  engine.calls
    .slice(since)
    .filter(({ method }) => method !== 'engine_exchangeCapabilities')
    .map(({ method, params }) => {
      const number = Number(BigInt(hashAsked(params) ?? '0x0'));
      return `${method.startsWith('engine_newPayload') ? 'payload' : 'head'} ${number}`;
    });

test('an engine that was away comes back by itself with the next block, by payload and forkchoice in order', async () => {
  const registry = new Registry();
  const { compat, v5, states } = await open({ registry });
  await importBlocks(compat, 1, 3);
  down(v5);
  await importBlocks(compat, 4, 8);
  v5.calm();
  const since = v5.calls.length;
  const before = compat.stats().replays.v5;
  await importBlocks(compat, 9, 9);
  expect(compat.standby().v5).toMatchObject({ state: 'in_step', because: 'replayed' });
  expect(v5.chain.forkchoice.head).toBe(hash(9));
  expect(states.slice(-2)).toEqual(['v5 out_of_step', 'v5 in_step']);
  // Its own calls, the questions what it has, and what it had missed.
  const [ownPayload, ownHead, ...replay] = given(v5, since);
  expect([ownPayload, ownHead]).toEqual(['payload 9', 'head 9']);
  expect(replay.slice(0, 5)).toEqual(['payload 9', 'payload 1', 'payload 5', 'payload 3', 'payload 4']);
  // To be asked for 4, standing on 3, was to be given it.
  expect(replay.slice(5)).toEqual(['head 4', ...[5, 6, 7, 8, 9].flatMap((n) => [`payload ${n}`, `head ${n}`])]);
  const { attempts, payloads } = compat.stats().replays.v5;
  expect([attempts - before.attempts, payloads - before.payloads]).toEqual([1, 10]);
  const text = await registry.metrics();
  expect(text).toContain(`lighthouse_compat_replayed_payloads_total{engine="v5"} ${payloads}\n`);
  expect(text).toContain('lighthouse_compat_replays_total{engine="v5",outcome="in_step"} 1\n');
  await importBlocks(compat, 10, 11);
  expect(compat.standby().v5.state).toBe('in_step');
});

test('v4 comes back too while v5 answers in its place', async () => {
  const { compat, v4 } = await open({ mode: { kind: 'v5_primary' } });
  await importBlocks(compat, 1, 2);
  down(v4);
  await importBlocks(compat, 3, 6);
  v4.calm();
  await importBlocks(compat, 7, 7);
  expect(compat.standby()).toMatchObject({ v4: { state: 'in_step' }, v5: { state: 'in_step' } });
  expect(v4.chain.forkchoice.head).toBe(hash(7));
});

test('calls that come while an engine is brought back wait their turn there, and the caller does not', async () => {
  const { compat, v5 } = await open();
  const seen: Observation[] = [];
  await importBlocks(compat, 1, 2);
  down(v5);
  await importBlocks(compat, 3, 6);
  v5.calm();
  const slow = gate();
  await compat.newPayload({ executionPayload: block(7) });
  await compat.drain();
  const since = v5.calls.length;
  v5.trouble('engine_newPayload', { kind: 'delay', until: slow.opened }, { times: 1 });
  await compat.forkchoiceUpdated(head(7));
  // The replay has begun: it asks for the head first.
  await expect.poll(() => given(v5, since)).toEqual(['head 7', 'payload 7']);
  compat.on('observation', (observation) => seen.push(observation));
  expect(await compat.newPayload({ executionPayload: block(8) })).toMatchObject({ status: 'VALID' });
  expect(await compat.forkchoiceUpdated(head(8))).toMatchObject({ payloadStatus: { status: 'VALID' } });
  expect(seen).toEqual([]);
  slow.open();
  await compat.drain();
  expect(given(v5, since).slice(-2)).toEqual(['payload 8', 'head 8']);
  expect(compat.standby().v5.state).toBe('in_step');
  expect(seen.map(({ comparison }) => comparison?.verdict)).toEqual(['match', 'match']);
});

test('a replay that is cut off is begun again with the next block', async () => {
  const { compat, v5 } = await open();
  await importBlocks(compat, 1, 2);
  down(v5);
  await importBlocks(compat, 3, 8);
  v5.calm();
  await compat.newPayload({ executionPayload: block(9) });
  await compat.drain();
  const since = v5.calls.length;
  const slow = gate();
  v5.trouble('engine_newPayload', { kind: 'delay', until: slow.opened }, { times: 1 });
  await compat.forkchoiceUpdated(head(9));
  await expect.poll(() => given(v5, since)).toEqual(['head 9', 'payload 9']);
  down(v5);
  slow.open();
  await compat.drain();
  expect(compat.standby().v5.state).toBe('out_of_step');
  v5.calm();
  await importBlocks(compat, 10, 10);
  expect(v5.chain.forkchoice.head).toBe(hash(10));
  expect(compat.standby().v5.state).toBe('in_step');
  expect(compat.stats().replays.v5.attempts).toBeGreaterThanOrEqual(2);
});

test('an engine that has missed more than is kept is lost, is nothing to fall back on, and leaves that state once it is in step', async () => {
  const errors: string[] = [];
  const logger = { info: () => {}, warn: () => {}, error: (text: string) => void errors.push(text) };
  const { compat, v4, v5, states } = await open({ mode: { kind: 'v5_primary' }, replay: { maxPayloads: 3 }, logger });
  await importBlocks(compat, 1, 2);
  down(v4);
  await importBlocks(compat, 3, 8);
  v4.calm();
  await importBlocks(compat, 9, 9);
  expect(compat.standby().v4).toMatchObject({ state: 'lost', because: 'gap' });
  expect(errors.join()).toContain('engine v4 is lost');
  v5.trouble('engine_newPayload', { kind: 'http', status: 503 }, { times: 1 });
  await expect(compat.newPayload({ executionPayload: block(10) })).rejects.toMatchObject({ engine: 'v5' });
  await importBlocks(compat, 10, 10);
  expect(compat.standby().v4.state).toBe('lost');
  // It finds its own way: as from its peers, past the SDK.
  const { rawCall } = await import('../support/fakeEngine/rawCall.js');
  const { engineJson } = await import('@lighthouse-compat/conversions');
  for (let number = 3; number <= 10; number += 1) {
    await rawCall(v4, 'engine_newPayloadV2', [engineJson.serializeExecutionPayload(block(number))]);
  }
  await importBlocks(compat, 11, 11);
  expect(compat.standby().v4.state).toBe('in_step');
  expect(states.filter((state) => state.startsWith('v4'))).toEqual([
    'v4 in_step',
    'v4 out_of_step',
    'v4 lost',
    'v4 in_step',
  ]);
});

test('nothing below the finalized block is given again', async () => {
  const { compat, v5 } = await open();
  await importBlocks(compat, 1, 6);
  down(v5);
  await importBlocks(compat, 7, 9, 5);
  v5.calm();
  const since = v5.calls.length;
  await importBlocks(compat, 10, 10, 5);
  expect(compat.standby().v5.state).toBe('in_step');
  for (const call of given(v5, since)) expect(Number(call.split(' ')[1])).toBeGreaterThanOrEqual(5);
});

test('with nothing kept nothing is replayed', async () => {
  const { compat, v5 } = await open({ replay: { maxPayloads: 0 } });
  await importBlocks(compat, 1, 2);
  down(v5);
  await importBlocks(compat, 3, 3);
  v5.calm();
  await importBlocks(compat, 4, 4);
  expect(compat.standby().v5.state).toBe('out_of_step');
  expect(compat.stats().replays.v5).toEqual({ attempts: 0, payloads: 0 });
});

describe('the verification of a rollback', () => {
  test('asks v4 for the last known head, and is done', async () => {
    const { compat, v4 } = await open({ mode: { kind: 'v5_only' } });
    await importBlocks(compat, 1, 5);
    const since = v4.calls.length;
    await compat.rollback('a test');
    expect(await compat.verifyRollback()).toMatchObject({
      verified: true,
      head: hash(5),
      reason: null,
      payloadsReplayed: 0,
    });
    expect(given(v4, since)).toEqual(['head 5']);
  });

  test('brings v4 back first where it is behind', async () => {
    const { compat, v4 } = await open({ mode: { kind: 'v5_only' } });
    await importBlocks(compat, 1, 2);
    down(v4);
    await importBlocks(compat, 3, 6);
    v4.calm();
    await compat.rollback('a test');
    expect(await compat.verifyRollback()).toMatchObject({ verified: true, head: hash(6), payloadsReplayed: 6 });
    expect(v4.chain.forkchoice.head).toBe(hash(6));
    expect(await compat.newPayload({ executionPayload: block(7) })).toMatchObject({ status: 'VALID' });
  });

  test('tries again while v4 is away, and says so when the time is over; the latch stays', async () => {
    const { compat, v4 } = await open({ mode: { kind: 'v5_only' } });
    await importBlocks(compat, 1, 2);
    down(v4);
    await importBlocks(compat, 3, 3);
    await compat.rollback('a test');
    expect(await compat.verifyRollback({ deadlineMs: 50 })).toMatchObject({ verified: false, reason: 'DEADLINE' });
    expect(compat.latch).toMatchObject({ reason: 'a test' });
    const verification = compat.verifyRollback();
    const since = v4.calls.length;
    await expect.poll(() => v4.calls.length).toBeGreaterThan(since);
    v4.calm();
    expect(await verification).toMatchObject({ verified: true, head: hash(3) });
  });

  test('an engine that hangs does not hold the result past its deadline', async () => {
    const { compat, v4 } = await open();
    await importBlocks(compat, 1, 1);
    v4.trouble('engine_forkchoiceUpdated', { kind: 'hang' });
    expect(await compat.verifyRollback({ deadlineMs: 50 })).toMatchObject({ verified: false, reason: 'DEADLINE' });
  });

  test('knows of nothing to verify before there was a head, and ends when the instance is closed', async () => {
    const { compat, v4 } = await open({ mode: { kind: 'v5_only' } });
    expect(await compat.verifyRollback()).toMatchObject({ verified: false, head: null, reason: 'NO_HEAD' });
    await importBlocks(compat, 1, 1);
    down(v4);
    const since = v4.calls.length;
    const verification = compat.verifyRollback();
    await expect.poll(() => v4.calls.length).toBeGreaterThan(since);
    await compat.close();
    expect(await verification).toMatchObject({ verified: false, reason: 'CLOSED' });
  });
});
