import { createServer } from 'node:net';
import { createLighthouseCompat, systemClock } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';
import type { FakeEngine } from '../support/fakeEngine.js';
import { RpcError } from '../support/fakeEngine.js';
import { capellaPayload, forks, hash } from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';

const method = 'engine_newPayloadV2';
const executionPayload = capellaPayload(5);
const where = { engine: 'v4', method };

const answer =
  (text: string, status = 200) =>
  (engine: FakeEngine) =>
    engine.onRaw(method, (response) => response.writeHead(status).end(text));
const result = (value: unknown) => (engine: FakeEngine) => engine.on(method, () => value);
const envelope = (members: object) => (engine: FakeEngine) =>
  engine.onRaw(method, (response, { id }) => response.end(JSON.stringify({ jsonrpc: '2.0', id, ...members })));

test.each<[string, (engine: FakeEngine) => void, object]>([
  ['is not JSON', answer('<html>'), { code: 'RESPONSE_NOT_JSON' }],
  ['is empty', answer(''), { code: 'RESPONSE_NOT_JSON' }],
  ['is JSON but no JSON-RPC', answer('{"status":"VALID"}'), { code: 'RESPONSE_NOT_JSON_RPC' }],
  ['is a list', answer('[]'), { code: 'RESPONSE_NOT_JSON_RPC' }],
  ['has neither result nor error', envelope({}), { code: 'RESPONSE_NOT_JSON_RPC' }],
  ['has an error that is none', envelope({ error: 'no' }), { code: 'RESPONSE_NOT_JSON_RPC' }],
  ['is of JSON-RPC 1.0', answer('{"id":2,"result":null}'), { code: 'RESPONSE_NOT_JSON_RPC' }],
  ['carries another id', envelope({ id: 999_999, result: null }), { code: 'RESPONSE_ID_MISMATCH' }],
  ['carries its id as a text', envelope({ id: '2', result: null }), { code: 'RESPONSE_ID_MISMATCH' }],
  [
    'carries an error for another id',
    envelope({ id: 999_999, error: { code: -32000, message: '' } }),
    { code: 'RESPONSE_ID_MISMATCH' },
  ],
  [
    'carries an error without an id',
    envelope({ id: null, error: { code: -32600, message: '' } }),
    { code: 'INVALID_REQUEST', rpcCode: -32600 },
  ],
  ['has an unknown status', result({ status: 'MAYBE' }), { code: 'MALFORMED_RESULT', path: 'payloadStatus.status' }],
  ['has no status', result({}), { code: 'MALFORMED_RESULT', path: 'payloadStatus.status' }],
  ['is null', result(null), { code: 'MALFORMED_RESULT', path: 'payloadStatus' }],
  [
    'has a hash of 31 bytes',
    result({ status: 'VALID', latestValidHash: `0x${'00'.repeat(31)}` }),
    { code: 'MALFORMED_RESULT', path: 'payloadStatus.latestValidHash' },
  ],
  ['is over the size bound', answer(JSON.stringify('x'.repeat(100_000))), { code: 'RESPONSE_TOO_LARGE' }],
  ['is HTTP 500', answer('{"jsonrpc":"2.0","id":2,"result":null}', 500), { code: 'HTTP_ERROR', httpStatus: 500 }],
  ['is HTTP 401', answer('stale token', 401), { code: 'UNAUTHORIZED', httpStatus: 401 }],
  ['is HTTP 403', answer('', 403), { code: 'UNAUTHORIZED', httpStatus: 403 }],
  [
    'is cut off',
    (engine) =>
      engine.onRaw(method, (response) => void response.writeHead(200).write('{"js', () => response.destroy())),
    { code: 'CONNECTION_LOST' },
  ],
  [
    'never begins',
    (engine) => engine.onRaw(method, (response) => void response.destroy()),
    { code: 'CONNECTION_LOST' },
  ],
])('an answer that %s is one typed error that names method and engine', async (_what, script, expected) => {
  const { compat, v4 } = await openTwoEngines({ maxResponseBytes: 50_000 });
  script(v4);
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({
    name: 'CompatError',
    ...where,
    ...expected,
  });
});

test.each([
  [-32700, 'PARSE_ERROR'],
  [-32600, 'INVALID_REQUEST'],
  [-32601, 'METHOD_NOT_FOUND'],
  [-32602, 'INVALID_PARAMS'],
  [-32603, 'INTERNAL_ERROR'],
  [-32000, 'SERVER_ERROR'],
  [-32001, 'UNKNOWN_PAYLOAD'],
  [-38001, 'UNKNOWN_PAYLOAD'],
  [-38002, 'INVALID_FORKCHOICE_STATE'],
  [-38003, 'INVALID_PAYLOAD_ATTRIBUTES'],
  [-38004, 'TOO_LARGE_REQUEST'],
  [-38005, 'ENGINE_UNSUPPORTED_FORK'],
  [-38006, 'TOO_DEEP_REORG'],
  [-39999, 'RPC_ERROR'],
])('the JSON-RPC error %i is %s', async (rpcCode, code) => {
  const { compat, v4 } = await openTwoEngines();
  v4.on(method, () => {
    throw new RpcError(rpcCode);
  });
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({ code, rpcCode, ...where });
});

test('an engine that nobody runs is a failed connection', async () => {
  const { compat, v4 } = await openTwoEngines();
  await v4.stop();
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    engine: 'v4',
  });
});

test('a wrong secret is UNAUTHORIZED, and the secret is not told', async () => {
  const { v4, v5 } = await openTwoEngines();
  const wrong = 'ab'.repeat(32);
  const compat = await createLighthouseCompat({
    v4: { url: v4.url, jwtSecret: wrong },
    v5: { url: v5.url, jwtSecret: v5.secret },
    forks,
  });
  onTestFinished(() => compat.close());
  const error = await compat.newPayload({ executionPayload }).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: 'UNAUTHORIZED', engine: 'v4', httpStatus: 401 });
  expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain(wrong);
});

test('an engine that accepts a connection and says nothing is a TIMEOUT, and the connection is destroyed', async () => {
  let closed!: () => void;
  const connectionClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const silent = createServer((socket) => {
    socket.on('close', closed).on('error', () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => silent.close(() => resolve())));
  const address = silent.address() as { port: number };
  const compat = await createLighthouseCompat({
    v4: { url: `http://127.0.0.1:${address.port}`, jwtSecret: new Uint8Array(32) },
    v5: { url: 'http://127.0.0.1:9', jwtSecret: new Uint8Array(32) },
    forks,
    timeouts: { factor: 0.05 },
  });
  onTestFinished(() => compat.close());
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({
    code: 'TIMEOUT',
    engine: 'v4',
    method: 'engine_exchangeCapabilities',
  });
  await connectionClosed;
});

test('a method that the engine does not offer is not sent', async () => {
  const { compat, v4 } = await openTwoEngines();
  v4.offer(['engine_newPayloadV1']);
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({ code: 'METHOD_NOT_OFFERED', ...where });
  expect(v4.methods()).toEqual([]);
});

test('capabilities are asked once, and again after a failure', async () => {
  const { compat, v4 } = await openTwoEngines();
  const exchanges = () => v4.calls.filter((call) => call.method === 'engine_exchangeCapabilities').length;
  await compat.newPayload({ executionPayload });
  await compat.newPayload({ executionPayload });
  expect(exchanges()).toBe(1);
  v4.onRaw(method, (response) => void response.destroy());
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  v4.on(method, () => ({ status: 'VALID', latestValidHash: hash(5) }));
  await compat.newPayload({ executionPayload });
  expect(exchanges()).toBe(2);
});

test('a capability answer that is no list of names is malformed', async () => {
  const { compat, v4 } = await openTwoEngines();
  v4.on('engine_exchangeCapabilities', () => ['engine_newPayloadV2', 7]);
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({
    code: 'MALFORMED_RESULT',
    path: 'capabilities',
  });
});

test('connections are kept alive, and each carries a token of its own second', async () => {
  const { compat, v4 } = await openTwoEngines();
  const before = Math.floor(Date.now() / 1000);
  for (let n = 1; n <= 5; n += 1) await compat.newPayload({ executionPayload: capellaPayload(n) });
  const after = Math.floor(Date.now() / 1000);
  // The next request may come a moment before the last connection is known to be free.
  expect(v4.connections).toBeLessThanOrEqual(2);
  expect(v4.calls.length).toBe(6);
  for (const { iat } of v4.calls) {
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(iat).toBeLessThanOrEqual(after);
  }
});

test('each request is signed anew: the second of its own token is that of the clock', async () => {
  let nowMs = Date.now();
  const clock = { ...systemClock, nowMs: () => nowMs };
  const { compat, v4 } = await openTwoEngines({ clock });
  await compat.newPayload({ executionPayload });
  nowMs += 5_000;
  await compat.newPayload({ executionPayload: capellaPayload(6) });
  expect(v4.calls.map(({ iat }) => iat - Math.floor(nowMs / 1000))).toEqual([-5, -5, 0]);
});

test('capabilities are asked again after 15 minutes, and when a method was not offered or not found', async () => {
  let monotonicMs = 0;
  const { compat, v4 } = await openTwoEngines({ clock: { ...systemClock, monotonicMs: () => monotonicMs } });
  const exchanges = () => v4.calls.filter((call) => call.method === 'engine_exchangeCapabilities').length;
  await compat.newPayload({ executionPayload });
  monotonicMs += 15 * 60 * 1000 - 1;
  await compat.newPayload({ executionPayload });
  expect(exchanges()).toBe(1);
  monotonicMs += 1;
  v4.offer([]);
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({ code: 'METHOD_NOT_OFFERED' });
  v4.offer([method]);
  await compat.newPayload({ executionPayload });
  expect(exchanges()).toBe(3);
  v4.on(method, () => {
    throw new RpcError(-32601);
  });
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({ code: 'METHOD_NOT_FOUND' });
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({ code: 'METHOD_NOT_FOUND' });
  expect(exchanges()).toBe(4);
});

test('an error whose body never ends is told at once', async () => {
  const { compat, v4 } = await openTwoEngines();
  v4.onRaw(method, (response) => void response.writeHead(500).write('{'));
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({ code: 'HTTP_ERROR', httpStatus: 500 });
});

test('TLS where there is none is a failed connection: nothing was sent', async () => {
  const { v4 } = await openTwoEngines();
  const engine = { url: v4.url.replace('http:', 'https:'), jwtSecret: v4.secret };
  const compat = await createLighthouseCompat({ v4: engine, v5: engine, forks });
  onTestFinished(() => compat.close());
  await expect(compat.newPayload({ executionPayload })).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
});
