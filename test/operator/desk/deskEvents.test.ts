import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEventParser, type SentEvent } from '../../../packages/operator/src/page/browser/feed/eventParser.js';
import { createManualClock } from '../../sdk/migration/observations.js';
import { serveAnything } from '../../support/serveAnything.js';
import { by, openControl } from '../control/control.js';
import { openDesk } from './desk.js';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000 });

/** Listens to events until it is closed. */
async function hear(base: string, headers: Record<string, string> = {}) {
  const ended = new AbortController();
  onTestFinished(() => ended.abort());
  const response = await fetch(`${base}/events`, { headers, signal: ended.signal });
  const events: SentEvent[] = [];
  const parse = createEventParser((event) => events.push(event));
  const over = (async () => {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) parse(decoder.decode(piece, { stream: true }));
  })().then(
    () => 'ended',
    () => 'broken off',
  );
  return { response, events, over, close: () => ended.abort() };
}

test('events come through as they are told, and what was missed after the last one', async () => {
  const { url, blocks, controller } = await openControl();
  const { base } = await openDesk(url);
  await blocks(2);
  const first = await hear(base);
  expect(first.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(first.response.headers.get('cache-control')).toBe('no-store');
  await until(() => expect(first.events.map(({ event }) => event)).toEqual(['opened', 'status']));
  await controller.start({ by });
  await until(() => expect(first.events.some(({ event }) => event === 'transition')).toBe(true));
  const { id } = first.events.find(({ event }) => event === 'transition') ?? { id: null };
  first.close();
  await controller.hold({ by, why: 'while nobody heard' });
  const second = await hear(base, { 'last-event-id': id ?? '' });
  await until(() => expect(second.events.some(({ event }) => event === 'status')).toBe(true));
  expect(JSON.parse(second.events[0]?.data ?? '')).toMatchObject({ resumed: true });
  expect(JSON.parse(second.events[1]?.data ?? '')).toMatchObject({
    event: { type: 'hold', why: 'while nobody heard' },
  });
});

test('a stream that has begun has no time to end in', async () => {
  const { url } = await openControl();
  const clock = createManualClock();
  const { base } = await openDesk(url, { clock, timeoutMs: 5_000 });
  const heard = await hear(base);
  await until(() => expect(heard.events).toHaveLength(2));
  expect(clock.timers).toBe(0);
  clock.advance(5_000);
  expect(await Promise.race([heard.over, fetch(`${base}/status`).then(() => 'still open')])).toBe('still open');
});

test('a stream that the service has no room for is refused in its words', async () => {
  const { url } = await openControl({ maximumListeners: 0 });
  const { get } = await openDesk(url);
  const { status, body, headers } = await get('/events');
  expect([status, body.error.code, headers.get('retry-after')]).toEqual([429, 'TOO_MANY_CLIENTS', '10']);
});

test('both ends are closed together, whichever is first', async () => {
  let open = 0;
  const { url, stop } = await serveAnything((request, response) => {
    open += 1;
    request.socket.once('close', () => {
      open -= 1;
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    if (request.headers['last-event-id'] === 'end') response.end();
  });
  const { base, desk } = await openDesk(url);
  const one = await hear(base);
  const two = await hear(base);
  await until(() => expect([open, one.events.length, two.events.length]).toEqual([2, 1, 1]));
  one.close();
  await until(() => expect(open).toBe(1));
  expect(await (await hear(base, { 'last-event-id': 'end' })).over).toBe('ended');
  // The service is killed.
  await stop();
  expect(await two.over).toBe('broken off');
  await until(() => expect(open).toBe(0));
  expect(await fetch(`${base}/events`).then(({ status }) => status)).toBe(502);
  await desk.close();
});

test('whoever leaves before the service has answered is not waited for', async () => {
  let [asked, left] = [0, 0];
  const { url } = await serveAnything((request) => {
    asked += 1;
    if (request.url === '/status') request.socket.destroy();
    else
      request.socket.once('close', () => {
        left += 1;
      });
  });
  const { base, said, get } = await openDesk(url);
  expect((await get('/status')).body.error.code).toBe('CONTROL_UNREACHABLE');
  const ended = new AbortController();
  const listening = fetch(`${base}/events`, { signal: ended.signal }).catch(() => 'left');
  await until(() => expect(asked).toBe(2));
  ended.abort();
  expect(await listening).toBe('left');
  await until(() => expect(left).toBe(1));
  // Nobody has heard that the service answers again.
  expect((await get('/status')).status).toBe(502);
  expect(said).toEqual([expect.stringContaining('CONTROL_UNREACHABLE')]);
});

test('a listener that does not read holds the service back, and fills no memory here', async () => {
  const whole = 256 * 1024 * 1024;
  const piece = Buffer.alloc(256 * 1024, 'x');
  let written = 0;
  const { url } = await serveAnything((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = (): void => {
      while (written < whole) {
        written += piece.length;
        if (!response.write(piece)) return;
      }
      response.end();
    };
    response.on('drain', more);
    more();
  });
  const { desk } = await openDesk(url);
  const socket: Socket = connect(Number(new URL(desk.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.pause();
  socket.write('GET /events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  // It stands still when it is the same a while later, several times over.
  const seen: number[] = [];
  await vi.waitFor(
    () => {
      seen.push(written);
      expect(new Set(seen.slice(-5))).toEqual(new Set([written]));
      expect(seen.length).toBeGreaterThan(5);
      expect(written).toBeGreaterThan(0);
    },
    { timeout: 30_000, interval: 200 },
  );
  expect(written).toBeLessThan(whole / 4);

  let received = 0;
  socket.on('data', (bytes) => {
    received += bytes.length;
  });
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  expect(received).toBeGreaterThan(whole);
});
