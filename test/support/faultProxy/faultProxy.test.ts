import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Fault, type FaultProxy, startFaultProxy } from '../faultProxy.js';

const host = '127.0.0.1';

/** A proxy in front of a TCP target that hands its connections to the test. */
async function openTcp(): Promise<{ proxy: FaultProxy; sockets: Socket[]; taken(count?: number): Promise<Socket> }> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => {}));
  });
  await once(server.listen(0, host), 'listening');
  const proxy = await startFaultProxy({ host, port: (server.address() as AddressInfo).port });
  onTestFinished(async () => {
    await proxy.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const taken = (count = 1): Promise<Socket> =>
    vi.waitFor(
      () => {
        expect(sockets).toHaveLength(count);
        return sockets[count - 1] as Socket;
      },
      { timeout: 20_000 },
    );
  return { proxy, sockets, taken };
}

/** A proxy in front of an HTTP target. */
async function openHttp(
  answer: RequestListener = (_, response) => response.end('answer'),
): Promise<{ proxy: FaultProxy; get(): Promise<string> }> {
  const server = createHttpServer(answer);
  await once(server.listen(0, host), 'listening');
  const proxy = await startFaultProxy(new URL(`http://${host}:${(server.address() as AddressInfo).port}`));
  onTestFinished(async () => {
    await proxy.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const get = async (): Promise<string> => (await fetch(proxy.url, { signal: AbortSignal.timeout(5_000) })).text();
  return { proxy, get };
}

async function open(proxy: FaultProxy): Promise<Socket> {
  const client = connect({ host, port: proxy.port, allowHalfOpen: true });
  client.on('error', () => {});
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  return client;
}

/** Everything that comes until the end. */
async function allOf(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece) => pieces.push(piece));
  await once(socket, 'end');
  return Buffer.concat(pieces);
}

/** How a connection ends: the code of its error, or null for a clean end; it is read meanwhile. */
const endOf = (socket: Socket): Promise<string | null> =>
  new Promise((resolve) => {
    socket.resume();
    socket.once('end', () => resolve(null)).once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });

/** Resolves when a socket is gone, however it went. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

/** What it comes to when a request fails. */
const codeOf = (request: Promise<unknown>): Promise<string | undefined> =>
  request.then(
    () => 'no error',
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.name,
  );

/** The next bytes that come. */
const piece = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

/** The same numbers at every run. */
const random = (): (() => number) => {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
};

test('without a fault bytes and both ends pass, and are counted', async () => {
  const { proxy, taken } = await openTcp();
  const client = await open(proxy);
  const target = await taken();
  const [sent, answered] = [randomBytes(300_000), randomBytes(200_000)];
  client.end(sent);
  expect((await allOf(target)).equals(sent)).toBe(true);
  target.end(answered);
  expect((await allOf(client)).equals(answered)).toBe(true);
  expect(proxy.counts).toEqual({ connections: 1, requestBytes: 300_000, responseBytes: 200_000 });
});

test('a delay holds back the direction it is for, the connection being open before', async () => {
  const { proxy, taken } = await openTcp();
  const client = await open(proxy);
  const target = await taken();
  await proxy.set({ kind: 'delay', delayMs: 60, direction: 'response' });
  client.write('question');
  target.write('answer');
  const passed: string[] = [];
  const startMs = performance.now();
  await Promise.all([
    piece(target).then((bytes) => passed.push(bytes)),
    piece(client).then((bytes) => passed.push(bytes)),
  ]);
  expect(passed).toEqual(['question', 'answer']);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(58);
});

test('a delay without a direction is one for each, on new connections too, and clear lets pass what waits', async () => {
  const { proxy, get } = await openHttp();
  await proxy.set({ kind: 'delay', delayMs: 40 });
  const startMs = performance.now();
  expect(await get()).toBe('answer');
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(78);

  await proxy.set({ kind: 'delay', delayMs: 3_600_000 });
  const answer = get();
  await expect.poll(() => proxy.counts.connections).toBeGreaterThan(0);
  await proxy.clear();
  expect(await answer).toBe('answer');
});

test.each<[string, Fault]>([
  ['jitter', { kind: 'jitter', minMs: 0, maxMs: 15, random: random() }],
  ['a delay', { kind: 'delay', delayMs: 5 }],
  ['a throttle', { kind: 'throttle', bytesPerSecond: 2_500_000 }],
])('the order of 1 MB of random bytes is kept under %s, both ways at once', async (_what, fault) => {
  const { proxy, taken } = await openTcp();
  await proxy.set(fault);
  const client = await open(proxy);
  const target = await taken();
  const [sent, answered] = [randomBytes(1_000_000), randomBytes(1_000_000)];
  const write = (socket: Socket, bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; at += 20_011) socket.write(bytes.subarray(at, at + 20_011));
    socket.end();
  };
  write(client, sent);
  write(target, answered);
  const [atTarget, atClient] = await Promise.all([allOf(target), allOf(client)]);
  expect(atTarget.equals(sent)).toBe(true);
  expect(atClient.equals(answered)).toBe(true);
});

test('the order is kept while one fault follows another, and each direction has its own', async () => {
  const { proxy, taken } = await openTcp();
  const client = await open(proxy);
  const target = await taken();
  const sent = randomBytes(200_000);
  const received = allOf(target);
  const faults: readonly Fault[] = [
    { kind: 'jitter', minMs: 0, maxMs: 50, random: random(), direction: 'request' },
    { kind: 'drop', direction: 'response' },
    { kind: 'throttle', bytesPerSecond: 1_000_000, direction: 'request' },
    { kind: 'delay', delayMs: 10, direction: 'request' },
  ];
  for (let at = 0; at < sent.length; at += 10_000) {
    client.write(sent.subarray(at, at + 10_000));
    await proxy.set(faults[(at / 10_000) % faults.length] as Fault);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.end();
  await proxy.clear();
  expect((await received).equals(sent)).toBe(true);
});

test('a throttle keeps to its bytes per second', async () => {
  const { proxy, get } = await openHttp((_, response) => response.end('x'.repeat(20_000)));
  await proxy.set({ kind: 'throttle', bytesPerSecond: 100_000, direction: 'response' });
  const startMs = performance.now();
  expect(await get()).toHaveLength(20_000);
  // The first step is free.
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(175);
});

test('a drop swallows bytes of one direction and leaves the connection open', async () => {
  const { proxy, taken } = await openTcp();
  const client = await open(proxy);
  const target = await taken();
  await proxy.set({ kind: 'drop', direction: 'request' });
  client.write('lost');
  target.write('answer');
  expect(await piece(client)).toBe('answer');
  await expect.poll(() => client.writableLength).toBe(0);
  // Its second answer comes after the lost question, which has been read by then.
  target.write('another');
  await piece(client);
  await proxy.clear();
  client.write('found');
  expect(await piece(target)).toBe('found');
  expect(proxy.counts).toEqual({ connections: 1, requestBytes: 5, responseBytes: 13 });
});

test('a dropped request or response leaves an HTTP call without an answer', async () => {
  for (const direction of ['request', 'response'] as const) {
    let requests = 0;
    const { proxy, get } = await openHttp((_, response) => {
      requests += 1;
      response.end('answer');
    });
    await proxy.set({ kind: 'drop', direction });
    expect(await codeOf(fetch(proxy.url, { signal: AbortSignal.timeout(150) }))).toBe('TimeoutError');
    expect(requests).toBe(direction === 'request' ? 0 : 1);
    await proxy.clear();
    expect(await get()).toBe('answer');
  }
});

test('a reset at once is ECONNRESET for connections that are open and for new ones, on both sides', async () => {
  const { proxy, taken } = await openTcp();
  const client = await open(proxy);
  const target = await taken();
  const ends = [endOf(client), endOf(target)];
  await proxy.set({ kind: 'resetNow' });
  expect(await Promise.all(ends)).toEqual(['ECONNRESET', 'ECONNRESET']);

  const another = connect({ host, port: proxy.port });
  expect(await endOf(another)).toBe('ECONNRESET');
  expect(proxy.counts.connections).toBe(2);
  expect(await codeOf(fetch(proxy.url))).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
});

test.each(['request', 'response'] as const)('a reset of the %s lets so many bytes pass first', async (direction) => {
  const { proxy, taken } = await openTcp();
  await proxy.set({ kind: 'reset', direction, afterBytes: 5 });
  const client = await open(proxy);
  const target = await taken();
  const [from, to] = direction === 'request' ? [client, target] : [target, client];
  const end = endOf(from);
  from.write('12345');
  expect(await piece(to)).toBe('12345');
  const pieces: string[] = [];
  to.on('data', (bytes) => pieces.push(String(bytes)));
  const farEnd = endOf(to);
  from.write('6789');
  expect([await end, await farEnd]).toEqual(['ECONNRESET', 'ECONNRESET']);
  expect(pieces).toEqual([]);
  expect(proxy.counts[`${direction}Bytes`]).toBe(5);
});

test('a reset within the body of an HTTP answer is ECONNRESET', async () => {
  const { proxy, get } = await openHttp((_, response) => response.end('x'.repeat(10_000)));
  await proxy.set({ kind: 'reset', direction: 'response', afterBytes: 1_000 });
  expect(await codeOf(get())).toBe('ECONNRESET');
  await proxy.clear();
  expect(await get()).toHaveLength(10_000);
});

test.each(['content-length', 'chunked'])(
  'a truncated answer is a clean end of the connection, and an error within an HTTP body (%s)',
  async (framing) => {
    const { proxy, get } = await openHttp((_, response) => {
      response.setHeader('content-type', 'text/plain');
      if (framing === 'chunked') response.write('x'.repeat(5_000));
      response.end('x'.repeat(5_000));
    });
    await proxy.set({ kind: 'truncate', afterBytes: 1_000 });
    expect(await codeOf(get())).toBe('UND_ERR_SOCKET');
    expect(proxy.counts.responseBytes).toBe(1_000);
    await proxy.clear();
    expect((await get()).length).toBeGreaterThanOrEqual(5_000);
  },
);

test('a truncated connection has exactly the bytes that may pass, and its end', async () => {
  const { proxy, taken } = await openTcp();
  const client = await open(proxy);
  const target = await taken();
  await proxy.set({ kind: 'truncate', afterBytes: 300 });
  const sent = randomBytes(1_000);
  const received = allOf(client);
  target.write(sent);
  expect((await received).equals(sent.subarray(0, 300))).toBe(true);
});

test('half open: connections are taken, nothing passes, not even an end, and new ones work once it is cleared', async () => {
  const { proxy, sockets, taken } = await openTcp();
  const before = await open(proxy);
  const target = await taken();
  await proxy.set({ kind: 'halfOpen' });
  const during = await open(proxy);
  const heard: string[] = [];
  target.on('data', (bytes) => heard.push(String(bytes))).on('end', () => heard.push('end'));
  for (const client of [before, during])
    client.on('data', () => heard.push('answer')).on('end', () => heard.push('end'));
  before.end('question');
  during.write('question');
  target.write('answer');
  await expect.poll(() => proxy.counts.connections).toBe(2);
  // A connection to the target itself has made its way there and back by then.
  const direct = connect({ host, port: target.localPort as number });
  const other = await taken(2);
  other.end('direct');
  expect((await allOf(direct)).toString()).toBe('direct');
  expect(heard).toEqual([]);

  const ended = once(target, 'end');
  await proxy.clear();
  await ended;
  const after = await open(proxy);
  after.write('question');
  expect(await piece(await taken(3))).toBe('question');
  expect(sockets).toHaveLength(3);
  const gone = closed(during);
  during.end();
  await gone;
});

test('refuse is ECONNREFUSED, a reset for what is open, and clear listens on the same port', async () => {
  const { proxy, get } = await openHttp();
  const client = await open(proxy);
  const { port } = proxy;
  const end = endOf(client);
  await proxy.set({ kind: 'refuse' });
  expect(await end).toBe('ECONNRESET');
  expect(await codeOf(get())).toBe('ECONNREFUSED');
  await proxy.set({ kind: 'refuse' });
  expect(await codeOf(get())).toBe('ECONNREFUSED');
  await Promise.all([proxy.clear(), proxy.set({ kind: 'refuse' }), proxy.clear()]);
  expect(await get()).toBe('answer');
  expect(proxy.port).toBe(port);
});

test('another fault in place of refuse listens again', async () => {
  const { proxy, get } = await openHttp();
  await proxy.set({ kind: 'refuse' });
  await proxy.set({ kind: 'resetNow' });
  expect(await codeOf(get())).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
});

test('a client that goes away is told to the target, and a target that goes away to the client', async () => {
  const { proxy, taken } = await openTcp();
  const client = await open(proxy);
  const target = await taken();
  const end = endOf(target);
  client.resetAndDestroy();
  expect(await end).toBe('ECONNRESET');

  const another = await open(proxy);
  const anotherEnd = endOf(another);
  (await taken(2)).resetAndDestroy();
  expect(await anotherEnd).toBe('ECONNRESET');
});

test('a target that refuses is a reset', async () => {
  const server = createServer();
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const proxy = await startFaultProxy({ host, port });
  onTestFinished(() => proxy.close());
  expect(await endOf(connect({ host, port: proxy.port }))).toBe('ECONNRESET');
});

test.each<Fault>([
  { kind: 'delay', delayMs: 3_600_000 },
  { kind: 'jitter', minMs: 3_600_000, maxMs: 3_600_001, random: Math.random },
  { kind: 'throttle', bytesPerSecond: 0.001 },
  { kind: 'drop' },
  { kind: 'halfOpen' },
  { kind: 'refuse' },
  // A timer of the test runner's own may come or go meanwhile: not three times in a row, as what is left behind does.
])('close leaves no socket and no timer behind under $kind, as often as one likes', { retry: 2 }, async (fault) => {
  const resources = () =>
    process
      .getActiveResourcesInfo()
      .filter((name) => /^(TCP|Timeout)/.test(name))
      .sort();
  const target = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}).on('data', () => {});
    socket.write('from the target');
    target.once('stop', () => socket.destroy());
  });
  // Without vi.waitFor, which has timers of its own.
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const before = resources();
  await once(target.listen(0, host), 'listening');
  const proxy = await startFaultProxy({ host, port: (target.address() as AddressInfo).port });
  const client = connect({ host, port: proxy.port }).on('error', () => {});
  client.on('data', () => {});
  await once(client, 'connect');
  while (proxy.counts.responseBytes < 15) await turn();
  await proxy.set(fault);
  client.write('to the target');
  const gone = closed(client);

  await Promise.all([proxy.close(), proxy.close()]);
  await proxy.close();

  await gone;
  target.emit('stop');
  await new Promise((resolve) => target.close(resolve));
  await turn();
  expect(resources()).toEqual(before);
  await expect(proxy.clear()).rejects.toThrow('the proxy has been closed');
});
