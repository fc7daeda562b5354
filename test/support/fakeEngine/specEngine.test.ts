import { UnsecuredJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { gate } from '../gate.js';
import { forks, hash } from '../samples.js';
import type { JsonObject } from './params.js';
import { rawCall, rawPost, tokenFor } from './rawCall.js';
import {
  attributesJson,
  beaconRoot,
  buildRaw,
  insertRaw,
  payloadIdOf,
  resealed,
  rooted,
  stateJson,
  updateRaw,
} from './rawChain.js';
import { type SpecEngine, startSpecEngine } from './specEngine.js';
import type { SpecOptions } from './specMethods.js';

const genesisHash = hash(0xabc);
const root = beaconRoot;
const zero = hash(0);

async function open(options: Partial<SpecOptions> & { readonly headsFirst?: boolean } = {}): Promise<SpecEngine> {
  const engine = await startSpecEngine({ forks, genesis: { hash: genesisHash, timestamp: 110n }, ...options });
  onTestFinished(() => engine.stop());
  return engine;
}

const shanghaiTime = 160;
const cancunTime = 260;
const refused = (code: number) => ({ error: { code } });
const status = (value: string, latestValidHash: unknown) => ({ result: { status: value, latestValidHash } });

const parisGenesis = { genesis: { hash: genesisHash, timestamp: 10n } };
const parisTime = 60;
/** A head, a version, its attributes: what each fork is built with. */
const ofFork = [
  ['Paris', 1, attributesJson(parisTime, {})],
  ['Paris', 2, attributesJson(parisTime, {})],
  ['Shanghai', 2, attributesJson(shanghaiTime)],
  ['Cancun', 3, attributesJson(cancunTime, rooted)],
] as const;

test.each(ofFork)('a payload of %s is built, judged and made the head by V%i', async (_fork, version, attrs) => {
  const engine = await open({ ...parisGenesis, checkBlockHashes: true });
  const { payload } = await buildRaw(engine, version, attrs);
  expect(payload).toMatchObject({ parentHash: genesisHash, timestamp: attrs['timestamp'], transactions: [] });
  const valid = status('VALID', payload['blockHash']);
  expect(await insertRaw(engine, version, payload)).toMatchObject(valid);
  expect(await insertRaw(engine, version, payload)).toMatchObject(valid);
  expect(await updateRaw(engine, version, null, payload['blockHash'])).toMatchObject({
    result: { payloadStatus: valid.result, payloadId: null },
  });
  expect(engine.chain.forkchoice.head).toBe(payload['blockHash']);
  expect(engine.breaches).toEqual([]);
});

test.each(ofFork)(
  'a payload of %s by V%i is -32602 with any field missing, null, malformed or unknown',
  async (_fork, version, attrs) => {
    const engine = await open(parisGenesis);
    const { payload } = await buildRaw(engine, version, attrs);
    const wrong: JsonObject[] = [
      { ...payload, slotNumber: '0x1' },
      { ...payload, justifiedBlockHash: null },
    ];
    for (const key of Object.keys(payload)) {
      const { [key]: value, ...without } = payload;
      wrong.push(
        without,
        { ...payload, [key]: null },
        { ...payload, [key]: 7 },
        { ...payload, [key]: `${String(value)}g` },
      );
    }
    for (const key of ['blockNumber', 'gasLimit', 'gasUsed', 'timestamp', 'baseFeePerGas']) {
      wrong.push({ ...payload, [key]: '0x00a' }, { ...payload, [key]: '0x' }, { ...payload, [key]: '10' });
    }
    wrong.push({ ...payload, gasLimit: `0x1${'0'.repeat(16)}` }, { ...payload, baseFeePerGas: `0x1${'0'.repeat(64)}` });
    wrong.push({ ...payload, extraData: `0x${'00'.repeat(33)}` }, { ...payload, transactions: ['0x0'] });
    wrong.push({ ...payload, feeRecipient: `0x${'00'.repeat(19)}` });
    if (version > 1) wrong.push({ ...payload, withdrawals: [{}] });
    for (const each of wrong)
      expect(await insertRaw(engine, version, each), JSON.stringify(each)).toMatchObject(refused(-32602));
    expect(await rawCall(engine, `engine_newPayloadV${version}`, [payload, [], root, []])).toMatchObject(
      refused(-32602),
    );
    expect(await rawCall(engine, `engine_newPayloadV${version}`, [])).toMatchObject(refused(-32602));
  },
);

test.each(ofFork)(
  'attributes of %s by V%i are -38003 with any field missing, null, malformed or unknown',
  async (_fork, version, attrs) => {
    const engine = await open(parisGenesis);
    const wrong: JsonObject[] = [{ ...attrs, slotNumber: '0x1' }];
    for (const key of Object.keys(attrs)) {
      const { [key]: _value, ...without } = attrs;
      wrong.push(without, { ...attrs, [key]: null }, { ...attrs, [key]: '0x0g' });
    }
    for (const each of wrong)
      expect(await updateRaw(engine, version, each), JSON.stringify(each)).toMatchObject(refused(-38003));
  },
);

test.each([1, 2, 3])('a forkchoice state that is not exactly its three hashes is -32602 by V%i', async (version) => {
  const engine = await open(parisGenesis);
  const right = stateJson(genesisHash);
  const { safeBlockHash: _safe, ...without } = right;
  for (const each of [
    null,
    [],
    without,
    { ...right, safeBlockHash: null },
    { ...right, justifiedBlockHash: zero },
    stateJson('0x00'),
  ]) {
    expect(await rawCall(engine, `engine_forkchoiceUpdatedV${version}`, [each, null])).toMatchObject(refused(-32602));
  }
});

test.each([
  ['newPayloadV2 of Paris with withdrawals', 2, attributesJson(parisTime, {}), { withdrawals: [] }, -32602],
  [
    'newPayloadV2 of Shanghai with blob fields',
    2,
    attributesJson(shanghaiTime),
    { blobGasUsed: '0x0', excessBlobGas: '0x0' },
    -32602,
  ],
  ['newPayloadV2 of Cancun', 2, attributesJson(shanghaiTime), { timestamp: '0x104' }, -38005],
  ['newPayloadV1 of Shanghai', 1, attributesJson(parisTime, {}), { timestamp: '0xa0' }, -38005],
])('%s is refused', async (_what, version, attrs, changes, code) => {
  const engine = await open(parisGenesis);
  const { payload } = await buildRaw(engine, version, attrs);
  expect(await insertRaw(engine, version, resealed(payload, changes))).toMatchObject(refused(code));
});

test.each([
  ['V1 attributes of Shanghai', 1, attributesJson(shanghaiTime, {}), -38005],
  ['V2 attributes without withdrawals of Shanghai', 2, attributesJson(shanghaiTime, {}), -38003],
  ['V2 attributes with withdrawals of Paris', 2, attributesJson(parisTime), -38003],
  ['attributes as old as the head', 2, attributesJson(10, {}), -38003],
  ['attributes older than the head', 2, attributesJson(9, {}), -38003],
])('forkchoiceUpdated with %s by V%i is refused', async (_what, version, attrs, code) => {
  expect(await updateRaw(await open(parisGenesis), version, attrs)).toMatchObject(refused(code));
});

test('attributes of Prague are V3 still, and what is built with them no version up to V3 gives out', async () => {
  const engine = await open();
  const payloadId = payloadIdOf(await updateRaw(engine, 3, attributesJson(310, rooted)));
  for (const version of [1, 2, 3]) {
    expect(await rawCall(engine, `engine_getPayloadV${version}`, [payloadId])).toMatchObject(refused(-38005));
  }
});

test.each([1, 2, 3])(
  'getPayloadV%i of an id that was never issued is -38001, of what is no id -32602',
  async (version) => {
    const engine = await open();
    const ask = (payloadId: unknown) => rawCall(engine, `engine_getPayloadV${version}`, [payloadId]);
    expect(await ask('0x0102030405060708')).toMatchObject(refused(-38001));
    for (const id of ['0x01', 1, null]) expect(await ask(id)).toMatchObject(refused(-32602));
  },
);

test('safe and finalized blocks must be on the chain of the head', async () => {
  const engine = await open();
  const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime));
  const side = resealed(payload, { extraData: '0x77' });
  await insertRaw(engine, 2, payload);
  await insertRaw(engine, 2, side);
  const set = (safe: unknown, finalized: unknown) =>
    rawCall(engine, 'engine_forkchoiceUpdatedV2', [stateJson(payload['blockHash'], safe, finalized), null]);
  for (const [safe, finalized] of [
    [hash(5), zero],
    [genesisHash, hash(5)],
    [side['blockHash'], genesisHash],
    [zero, genesisHash],
  ]) {
    expect(await set(safe, finalized)).toMatchObject(refused(-38002));
    expect(engine.chain.forkchoice.head).toBe(genesisHash);
  }
  expect(await set(payload['blockHash'], genesisHash)).toMatchObject({
    result: { payloadStatus: { status: 'VALID' } },
  });
  expect(engine.chain.forkchoice).toEqual({
    head: payload['blockHash'],
    safe: payload['blockHash'],
    finalized: genesisHash,
  });
});

test('a step back to an ancestor is VALID, and nothing is built on it', async () => {
  const engine = await open();
  const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime));
  await insertRaw(engine, 2, payload);
  await updateRaw(engine, 2, null, payload['blockHash']);
  expect(await updateRaw(engine, 2, attributesJson(shanghaiTime + 5))).toMatchObject({
    result: { payloadStatus: { status: 'VALID', latestValidHash: genesisHash }, payloadId: null },
  });
});

test('what cannot be known is SYNCING, until its parent has come', async () => {
  const engine = await open({ headsFirst: true });
  const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime));
  const child = resealed(payload, { parentHash: payload['blockHash'], timestamp: '0xa5' });
  expect(await insertRaw(engine, 2, child)).toMatchObject(status('SYNCING', null));
  expect(await updateRaw(engine, 2, attributesJson(170), child['blockHash'])).toMatchObject({
    result: { payloadStatus: { status: 'SYNCING', latestValidHash: null }, payloadId: null },
  });
  await insertRaw(engine, 2, payload);
  expect(await insertRaw(engine, 2, child)).toMatchObject(status('VALID', child['blockHash']));
});

test.each<[string, string | null | undefined, unknown]>([
  ['the parent', undefined, genesisHash],
  ['nothing', null, null],
  ['the terminal block', zero, zero],
])('an INVALID block names %s, and so do its descendants and a forkchoice to either', async (_what, told, named) => {
  const engine = await open();
  const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime));
  engine.chain.markInvalid(payload['blockHash'] as string, told);
  const child = resealed(payload, { parentHash: payload['blockHash'], timestamp: '0xa5' });
  const grandchild = resealed(child, { parentHash: child['blockHash'], timestamp: '0xa6' });
  for (const each of [payload, payload, child, grandchild]) {
    expect(await insertRaw(engine, 2, each)).toMatchObject(status('INVALID', named));
  }
  for (const each of [payload, grandchild]) {
    expect(await updateRaw(engine, 2, attributesJson(170), each['blockHash'])).toMatchObject({
      result: { payloadStatus: { status: 'INVALID', latestValidHash: named }, payloadId: null },
    });
  }
  expect(engine.chain.forkchoice.head).toBe(genesisHash);
});

test.each(ofFork)(
  'a block of %s by V%i whose hash is not its own is told apart, also while the engine syncs',
  async (_fork, version, attrs) => {
    const told = status(version === 1 ? 'INVALID_BLOCK_HASH' : 'INVALID', null);
    const checking = await open({ ...parisGenesis, checkBlockHashes: true });
    const { payload } = await buildRaw(checking, version, attrs);
    expect(await insertRaw(checking, version, { ...payload, gasUsed: '0x1' })).toMatchObject(told);
    expect(await insertRaw(checking, version, { ...payload, parentHash: hash(0xdead) })).toMatchObject(told);
    if (version === 3) expect(await insertRaw(checking, 3, payload, [], hash(78))).toMatchObject(told);

    const trusting = await open(parisGenesis);
    await insertRaw(trusting, version, payload);
    expect(await insertRaw(trusting, version, { ...payload, gasUsed: '0x1' })).toMatchObject(told);
    const scripted = await open(parisGenesis);
    scripted.chain.tamper(payload['blockHash'] as string);
    expect(await insertRaw(scripted, version, payload)).toMatchObject(told);
  },
);

test('an empty transaction is INVALID without an ancestor', async () => {
  const engine = await open();
  const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime));
  expect(await insertRaw(engine, 2, resealed(payload, { transactions: ['0x'] }))).toMatchObject(
    status('INVALID', null),
  );
});

test('capabilities are what is offered, and what is not offered does not exist', async () => {
  const engine = await open();
  const exchange = (names: unknown) => rawCall(engine, 'engine_exchangeCapabilities', [names]);
  expect((await exchange(['engine_newPayloadV2'])).result).toHaveLength(9);
  engine.offer(['engine_newPayloadV2']);
  expect(await exchange([])).toMatchObject({ result: ['engine_newPayloadV2'] });
  expect(await exchange('engine_newPayloadV2')).toMatchObject(refused(-32602));
  expect(await updateRaw(engine, 2)).toMatchObject(refused(-32601));
  expect(await rawCall(engine, 'engine_newPayloadV9', [])).toMatchObject(refused(-32601));
  expect(engine.breaches).toEqual([]);
  await exchange(['engine_exchangeCapabilities']);
  expect(engine.breaches).toHaveLength(1);
});

test('what is no JSON-RPC request is an error without an id', async () => {
  const engine = await open();
  const token = await tokenFor(engine.secret);
  const answer = async (body: string) => (await rawPost(engine, body, { token })).json();
  expect(await answer('{')).toMatchObject({ id: null, error: { code: -32700 } });
  expect(await answer('[]')).toMatchObject({ id: null, error: { code: -32600 } });
  expect(await answer('{"id":1,"method":"engine_getPayloadV1"}')).toMatchObject({
    id: null,
    error: { code: -32600 },
  });
});

test.each<[string, (secret: Uint8Array) => Promise<string> | string | undefined, number]>([
  ['of this second', (secret) => tokenFor(secret), 200],
  ['55 s old', (secret) => tokenFor(secret, -55), 200],
  ['55 s ahead', (secret) => tokenFor(secret, 55), 200],
  ['65 s old', (secret) => tokenFor(secret, -65), 401],
  ['65 s ahead', (secret) => tokenFor(secret, 65), 401],
  ['of another secret', () => tokenFor(new Uint8Array(32).fill(1)), 401],
  ['without a signature', () => new UnsecuredJWT().setIssuedAt().encode(), 401],
  ['that is none', () => 'none', 401],
  ['that is missing', () => undefined, 401],
])('a token %s is answered HTTP %s', async (_what, tokenOf, httpStatus) => {
  const engine = await open();
  const token = await tokenOf(engine.secret);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'engine_exchangeCapabilities', params: [[]] });
  const response = await rawPost(engine, body, token === undefined ? {} : { token });
  expect(response.status).toBe(httpStatus);
  if (httpStatus === 401) expect(response.headers.get('content-type')).toBe('text/plain');
  expect(engine.calls).toHaveLength(httpStatus === 200 ? 1 : 0);
  await response.text();
});

test('two calls at once that change state are a breach, get_payload beside them is none', async () => {
  const engine = await open();
  const slow = gate();
  engine.trouble('engine_forkchoiceUpdated', { kind: 'delay', until: slow.opened });
  const first = updateRaw(engine, 2);
  await engine.received('engine_forkchoiceUpdatedV2');
  await rawCall(engine, 'engine_getPayloadV2', ['0x0102030405060708']);
  slow.open();
  await first;
  await engine.stop();
  expect(engine.breaches).toEqual([]);

  const broken = await open();
  broken.trouble('engine_forkchoiceUpdated', { kind: 'hang' });
  const hanging = expect(updateRaw(broken, 2)).rejects.toThrow();
  await broken.received('engine_forkchoiceUpdatedV2');
  await rawCall(broken, 'engine_newPayloadV2', [null]);
  await broken.stop();
  await hanging;
  expect(broken.breaches).toEqual(['engine_newPayloadV2 while engine_forkchoiceUpdatedV2 was being answered']);
});

test('a caller that destroys the connection may call again at once', async () => {
  const engine = await open();
  engine.trouble('engine_forkchoiceUpdated', { kind: 'hang' });
  for (let n = 1; n <= 20; n += 1) {
    const abort = new AbortController();
    const hanging = rawCall(engine, 'engine_forkchoiceUpdatedV2', [stateJson(genesisHash), null], abort.signal);
    const gone = expect(hanging).rejects.toThrow();
    await engine.received('engine_forkchoiceUpdatedV2', n);
    abort.abort();
    await rawCall(engine, 'engine_newPayloadV2', [null]);
    await gone;
  }
  await engine.stop();
  expect(engine.breaches).toEqual([]);
});

test('a payload that comes after the forkchoice to it is a breach, unless that is allowed', async () => {
  for (const headsFirst of [false, true]) {
    const engine = await open({ headsFirst });
    const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime));
    await updateRaw(engine, 2, null, payload['blockHash']);
    await insertRaw(engine, 2, payload);
    await updateRaw(engine, 2, null, payload['blockHash']);
    expect(engine.breaches).toEqual(
      headsFirst ? [] : [`engine_newPayloadV2 of ${String(payload['blockHash'])} after a forkchoiceUpdated to it`],
    );
  }
});

test('forkchoiceUpdatedV1 to a head of Shanghai is a breach', async () => {
  const engine = await open();
  await updateRaw(engine, 1);
  expect(engine.breaches).toHaveLength(1);
});

test('a call that comes again is a duplicate once it has been answered, and not when it failed', async () => {
  const engine = await open();
  const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime));
  engine.trouble('engine_newPayload', { kind: 'error', code: -32603 }, { times: 1 });
  engine.trouble('engine_newPayload', { kind: 'http', status: 500, body: '{}' }, { times: 1 });
  for (let n = 1; n <= 3; n += 1) await insertRaw(engine, 2, payload);
  expect(engine.duplicates).toEqual([]);
  await insertRaw(engine, 2, payload);
  expect(engine.duplicates).toEqual([`engine_newPayloadV2 ${String(payload['blockHash'])}`]);
});

test('trouble may strike before or after the engine has done what it was asked, and for as many calls as wanted', async () => {
  const engine = await open();
  const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime));
  engine.trouble('engine_newPayload', { kind: 'error', code: -32000 }, { times: 1 });
  engine.trouble('engine_newPayload', { kind: 'error', code: -32603 }, { times: 1, applied: true });
  expect(await insertRaw(engine, 2, payload)).toMatchObject(refused(-32000));
  expect(engine.chain.has(payload['blockHash'] as string)).toBe(false);
  expect(await insertRaw(engine, 2, payload)).toMatchObject(refused(-32603));
  expect(engine.chain.has(payload['blockHash'] as string)).toBe(true);
  engine.trouble('engine_', { kind: 'error', code: -32601 });
  expect(await insertRaw(engine, 2, payload)).toMatchObject(refused(-32601));
  engine.calm();
  expect(await insertRaw(engine, 2, payload)).toMatchObject(status('VALID', payload['blockHash']));
});

test('stop ends what hangs, drips or waits for a gate', async () => {
  const engine = await open();
  engine.trouble('engine_getPayloadV1', { kind: 'hang' });
  engine.trouble('engine_getPayloadV2', { kind: 'drip', everyMs: 60_000 });
  engine.trouble('engine_getPayloadV3', { kind: 'delay', until: gate().opened });
  const calls = [1, 2, 3].map((version) => rawCall(engine, `engine_getPayloadV${version}`, ['0x0102030405060708']));
  const outcomes = Promise.allSettled(calls);
  await Promise.all([1, 2, 3].map((version) => engine.received(`engine_getPayloadV${version}`)));
  await engine.stop();
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
});
