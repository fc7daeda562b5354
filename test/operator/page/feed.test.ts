import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createApi } from '../../../packages/operator/src/page/browser/feed/api.js';
import type { Connection } from '../../../packages/operator/src/page/browser/feed/connection.js';
import { createEventParser, type SentEvent } from '../../../packages/operator/src/page/browser/feed/eventParser.js';
import { listen } from '../../../packages/operator/src/page/browser/feed/listen.js';
import { createManualClock } from '../../sdk/migration/observations.js';

test('events are the same however the stream is cut', () => {
  const text =
    'retry: 2000\n\n: a comment\nid: r-1\nevent: transition\ndata: {"a":1}\n\ndata: one\ndata: two\n\nevent: x\n\nid: r-2\r\ndata\r\n\r\n';
  const whole: SentEvent[] = [];
  createEventParser((event) => whole.push(event))(text);
  expect(whole).toEqual([
    { event: 'transition', data: '{"a":1}', id: 'r-1' },
    { event: 'message', data: 'one\ntwo', id: null },
    { event: 'message', data: '', id: 'r-2' },
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const events: SentEvent[] = [];
      const parse = createEventParser((event) => events.push(event));
      let from = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
        parse(text.slice(from, cut));
        from = cut;
      }
      expect(events).toEqual(whole);
    }),
  );
});

async function serve(answer: (response: ServerResponse, lastEventId: string | undefined) => void) {
  const server: Server = createServer((request, response) =>
    answer(response, request.headers['last-event-id'] as string),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function listenTo(base: string) {
  let silenceMs = 15_000;
  const clock = createManualClock(1_000);
  const told: Connection[] = [];
  const events: SentEvent[] = [];
  const api = createApi(base, fetch);
  const listening = listen({
    ask: api.events,
    onEvent: (event) => events.push(event),
    onConnection: (connection) => told.push(connection),
    clock,
    silenceMs: () => silenceMs,
  });
  onTestFinished(() => listening.close());
  const allowSilence = (ms: number): void => {
    silenceMs = ms;
  };
  return {
    api,
    clock,
    told,
    allowSilence,
    events,
    listening,
    until: (check: () => void) => vi.waitFor(check, { timeout: 10_000 }),
  };
}

test('a stream that ends is opened again after its last event, later each time it fails, and says since when it is lost', async () => {
  const asked: (string | undefined)[] = [];
  let isWell = true;
  const base = await serve((response, lastEventId) => {
    asked.push(lastEventId);
    if (!isWell) response.writeHead(503).end();
    else response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: r-7\ndata: 1\n\n');
  });
  const { clock, told, events, until } = listenTo(base);
  await until(() => expect(told.map(({ kind }) => kind)).toEqual(['connecting', 'open', 'lost']));
  expect(events).toHaveLength(1);
  expect(told.at(-1)).toEqual({ kind: 'lost', sinceMs: 1_000, why: 'the service has ended the connection' });
  isWell = false;
  for (const [delayMs, tries] of [
    [1_000, 2],
    [2_000, 3],
    [4_000, 4],
    [8_000, 5],
    [10_000, 6],
    [10_000, 7],
  ] as const) {
    clock.advance(delayMs - 1);
    expect(asked).toHaveLength(tries - 1);
    clock.advance(1);
    await until(() => expect(told).toHaveLength(tries + 2));
    expect(asked).toHaveLength(tries);
  }
  expect(told.at(-1)).toEqual({ kind: 'lost', sinceMs: 1_000, why: 'the service answers with status 503' });
  expect(asked.slice(1).every((id) => id === 'r-7')).toBe(true);
  isWell = true;
  clock.advance(10_000);
  await until(() => expect(told.at(-2)?.kind).toBe('open'));
});

test('a stream on which nothing comes is given up and opened again', async () => {
  let opened = 0;
  const base = await serve((response) => {
    opened += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
  });
  const { clock, told, events, until, listening } = listenTo(base);
  await until(() => expect(events).toHaveLength(1));
  clock.advance(15_000);
  await until(() => expect(told.at(-1)).toMatchObject({ kind: 'lost', sinceMs: 16_000, why: 'the service is silent' }));
  clock.advance(1_000);
  await until(() => expect(events).toHaveLength(2));
  listening.close();
  expect(opened).toBe(2);
  // What is closed waits for nothing more.
  await until(() => expect(clock.timers).toBe(0));
  expect(told.at(-1)?.kind).toBe('open');
});

test('a stream may be silent for as long as what came on it allows', async () => {
  let send: (text: string) => void = () => {};
  const base = await serve((response) => {
    send = (text) => response.write(text);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
  });
  const { clock, told, events, until, allowSilence } = listenTo(base);
  await until(() => expect(events).toHaveLength(1));
  allowSilence(60_000);
  send('data: 2\n\n');
  await until(() => expect(events).toHaveLength(2));
  clock.advance(59_999);
  expect(told.at(-1)?.kind).toBe('open');
  clock.advance(1);
  await until(() => expect(told.at(-1)).toMatchObject({ kind: 'lost', why: 'the service is silent' }));
});

test('why a stream is not opened is told in the words of who refuses it', async () => {
  const error = { code: 'CONTROL_UNREACHABLE', message: 'connect ECONNREFUSED' };
  const base = await serve((response) => response.writeHead(502).end(JSON.stringify({ version: 1, error })));
  const { told, until } = listenTo(base);
  await until(() => expect(told.at(-1)).toMatchObject({ why: 'CONTROL_UNREACHABLE: connect ECONNREFUSED' }));
});

test('a token that is needed or wrong is told, and tried again only when it was given', async () => {
  let status = 401;
  const base = await serve((response) => {
    if (status === 200) response.writeHead(200).write('data: 1\n\n');
    else response.writeHead(status).end();
  });
  const { told, events, until, listening, clock } = listenTo(base);
  await until(() => expect(told.at(-1)).toEqual({ kind: 'needs_token', isWrong: false }));
  await until(() => expect(clock.timers).toBe(0));
  status = 403;
  listening.retry();
  await until(() => expect(told.at(-1)).toEqual({ kind: 'needs_token', isWrong: true }));
  status = 200;
  listening.retry();
  await until(() => expect(events).toHaveLength(1));
});

test('the API says the code and everything that is wrong, and that a service was not heard', async () => {
  const problems = [{ code: 'MISSING_FIELD', path: 'body.by', message: 'it is missing' }];
  const base = await serve((response) =>
    response
      .writeHead(400)
      .end(JSON.stringify({ version: 1, error: { code: 'INVALID_FIELD', message: 'wrong', problems } })),
  );
  const api = createApi(base, fetch);
  expect(api.hasToken).toBe(false);
  api.setToken(' a-token \n');
  expect(api.hasToken).toBe(true);
  expect(await api.act('hold', { by: 'ada', reason: 'x' })).toEqual({
    ok: false,
    code: 'INVALID_FIELD',
    message: 'INVALID_FIELD: wrong (MISSING_FIELD: it is missing)',
  });
  const odd = await serve((response) => response.writeHead(502).end('{}'));
  expect(await createApi(odd, fetch).report()).toMatchObject({ ok: false, code: null });
  const noJson = await serve((response) => response.end('<p>'));
  expect(await createApi(noJson, fetch).journal(1, 1)).toEqual({
    ok: false,
    code: null,
    message: 'the service gave no answer',
  });
});
