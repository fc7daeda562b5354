import { once } from 'node:events';
import { createServer, get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StatusAnswer } from '@lighthouse-compat/operator';
import type { DrillResult } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEventStream } from '../../../packages/operator/src/control/eventStream.js';
import { createManualClock } from '../../sdk/migration/observations.js';
import { bodies, by, openControl } from './control.js';

type Told = { readonly id: string | null; readonly event: string; readonly data: Record<string, unknown> };

/** Reads server-sent events by the rules of a browser: fields, and an empty line at the end of each. */
function parseEvents(text: string): readonly Told[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
      );
      return {
        id: fields.get('id') ?? null,
        event: fields.get('event') ?? 'message',
        data: JSON.parse(fields.get('data') ?? 'null') as Record<string, unknown>,
      };
    });
}

/** Listens until the end of the test, or of the connection. */
async function listen(url: string, headers: Record<string, string> = {}) {
  const request = httpGet(`${url}/events`, { headers });
  request.on('error', () => {});
  onTestFinished(() => void request.destroy());
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  let isOver = false;
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => {});
  response.on('close', () => {
    isOver = true;
  });
  const events = () => parseEvents(text);
  return {
    response,
    events,
    named: (name: string) => events().filter(({ event }) => event === name),
    until: (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 }),
    isOver: () => isOver,
    stop: () => request.destroy(),
  };
}

test('a listener is told the status at once, and then every transition, check, refusal, alarm and drill', async () => {
  const { url, post, blocks, controller } = await openControl();
  const heard = await listen(url);
  expect(heard.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  await heard.until(() => expect(heard.events().map(({ event }) => event)).toEqual(['opened', 'status']));
  expect(heard.events()[0]?.data).toEqual({ version: 1, resumed: false, heartbeatMs: 5_000 });
  await blocks(2);
  await post('/actions/start', { by });
  await controller.check();
  await post('/actions/resume', { by });
  await post('/actions/drill', { by });
  await post('/actions/rollback', { by, reason: 'enough' });
  await heard.until(() => {
    for (const name of ['transition', 'check', 'refused', 'drill'])
      expect(heard.named(name).length, name).toBeGreaterThan(0);
  });
  expect(heard.named('transition')[0]?.data).toMatchObject({
    event: { type: 'start', by },
    state: { kind: 'parallel_testing' },
  });
  const numbers = heard.events().flatMap(({ id }) => (id === null ? [] : [Number(id.split('-')[1])]));
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  await heard.until(() => expect(heard.named('status').at(-1)?.data).toMatchObject({ latch: { reason: 'enough' } }));
});

test('whoever comes back is given what was missed, in order and once; and is told where that is not known', async () => {
  const { url, post, blocks } = await openControl();
  const first = await listen(url);
  await blocks(2);
  await post('/actions/start', { by });
  await first.until(() => expect(first.named('transition')).toHaveLength(1));
  const lastId = first.events().findLast(({ id }) => id !== null)?.id as string;
  first.stop();
  await post('/actions/hold', bodies.hold);
  await post('/actions/release', { by });
  const types = (heard: Awaited<ReturnType<typeof listen>>) =>
    heard.named('transition').map(({ data }) => (data['event'] as { type: string }).type);

  const second = await listen(url, { 'last-event-id': lastId });
  await second.until(() => expect(types(second)).toEqual(['hold', 'release']));
  expect(second.events()[0]?.data).toEqual({ version: 1, resumed: true, heartbeatMs: 5_000 });
  const newest = second.events().findLast(({ id }) => id !== null)?.id as string;
  const third = await listen(url, { 'last-event-id': newest });
  await third.until(() => expect(third.events()).toHaveLength(2));
  expect(third.events()[0]?.data).toEqual({ version: 1, resumed: true, heartbeatMs: 5_000 });
  for (const unknown of ['another-1', `${newest}0`, 'x', '']) {
    const lost = await listen(url, { 'last-event-id': unknown });
    await lost.until(() => expect(lost.events().map(({ event }) => event)).toEqual(['opened', 'status']));
    expect(lost.events()[0]?.data, unknown).toEqual({ version: 1, resumed: false, heartbeatMs: 5_000 });
  }
});

test('the status is told again with every beat of the clock, and no timer is left without a listener', async () => {
  const { url, clock } = await openControl({ heartbeatMs: 1_000 });
  const before = clock.timers;
  const heard = await listen(url);
  await heard.until(() => expect(heard.named('status')).toHaveLength(1));
  clock.advance(3_000);
  await heard.until(() => expect(heard.named('status')).toHaveLength(4));
  heard.stop();
  await expect.poll(() => clock.timers).toBe(before);
});

test('no more listen at a time than may, and the place of one who leaves is free', async () => {
  const { url, get } = await openControl({ maximumListeners: 2 });
  const [one] = [await listen(url), await listen(url)];
  const third = await get('/events');
  expect([third.status, third.body.error.code, third.headers.get('retry-after')]).toEqual([
    429,
    'TOO_MANY_CLIENTS',
    '10',
  ]);
  one.stop();
  await expect.poll(async () => (await listen(url)).response.statusCode).toBe(200);
});

/** A stream on a server of its own, and what has been told so far. */
async function openStream() {
  const clock = createManualClock();
  const failures: unknown[] = [];
  let isBroken = false;
  const stream = createEventStream({
    clock,
    run: 'run1',
    status: () => {
      if (isBroken) throw new Error('no status');
      return { version: 1 } as StatusAnswer;
    },
    heartbeatMs: 1_000,
    maximumClients: 8,
    failed: (error) => failures.push(error),
  });
  const server = createServer((_, response) => void stream.open(response, null));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    stream.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const breakStatus = () => {
    isBroken = true;
  };
  return { clock, stream, failures, breakStatus, url: `http://127.0.0.1:${port}` };
}

const alarm = { level: 'warning', code: 'HELD', message: 'look' } as const;
/** A drill of about so many characters, as no text may be that long. */
const drillOf = (characters: number) =>
  ({ problems: Array.from({ length: characters / 1_000 }, () => 'x'.repeat(1_000)) }) as unknown as DrillResult;

test('a listener that does not read is dropped once too much waits for it, and the others are told everything', async () => {
  const { stream, url } = await openStream();
  const slow = await listen(url);
  slow.response.pause();
  const heard = await listen(url);
  let made = 0;
  // What the network itself holds comes first.
  while (stream.clients === 2 && made < 100) {
    stream.publish('drill', drillOf(1_000_000));
    made += 1;
    await heard.until(() => expect(heard.named('drill')).toHaveLength(made));
  }
  expect(stream.clients).toBe(1);
  expect(made).toBeGreaterThan(4);
}, 120_000);

test('a listener that has read nothing from one beat to the next is dropped, and one that reads is not', async () => {
  const { stream, url, clock } = await openStream();
  const slow = await listen(url);
  slow.response.pause();
  const heard = await listen(url);
  let made = 0;
  while (stream.clients === 2 && made < 60) {
    stream.publish('drill', drillOf(500_000));
    made += 1;
    await heard.until(() => expect(heard.named('drill')).toHaveLength(made));
    for (let beats = 1; beats <= 2; beats += 1) {
      clock.advance(1_000);
      await heard.until(() => expect(heard.named('status')).toHaveLength(2 * made - 1 + beats));
    }
  }
  expect(stream.clients).toBe(1);
  expect(heard.isOver()).toBe(false);
  heard.stop();
  await expect.poll(() => clock.timers).toBe(0);
}, 120_000);

test('a status that cannot be read is told to the service, and harms neither it nor who listens', async () => {
  const { stream, url, clock, failures, breakStatus } = await openStream();
  const heard = await listen(url);
  breakStatus();
  clock.advance(1_000);
  stream.publish('alarm', alarm);
  await heard.until(() => expect(heard.named('alarm')).toHaveLength(1));
  expect(failures).toEqual([new Error('no status')]);
});

test('what is kept for whoever comes back is bounded, so that it never drops them', async () => {
  const { url, controller, blocks } = await openControl();
  await blocks(2);
  await controller.start({ by });
  for (let made = 0; made < 1_100; made += 1) {
    await controller.hold({ by, why: 'x'.repeat(1_000) });
    await controller.release({ by });
  }
  const first = await listen(url);
  await first.until(() => expect(first.named('status')).toHaveLength(1));
  const { id } = (await (async () => {
    await controller.hold({ by, why: 'last' });
    await first.until(() => expect(first.named('transition')).toHaveLength(1));
    return first.named('transition')[0];
  })()) as Told;
  const [run, number] = (id as string).split('-') as [string, string];
  const back = await listen(url, { 'last-event-id': `${run}-${Number(number) - 300}` });
  await back.until(() => expect(back.named('transition')).toHaveLength(300));
  const late = await listen(url, { 'last-event-id': `${run}-1` });
  await late.until(() => expect(late.events()[0]?.data).toEqual({ version: 1, resumed: false, heartbeatMs: 5_000 }));
});

test('when the handler is closed every stream ends, and no other begins', async () => {
  const { url, handler, get } = await openControl();
  const heard = await listen(url);
  handler.close();
  await heard.until(() => expect(heard.isOver()).toBe(true));
  expect((await get('/events')).body.error.code).toBe('CLOSED');
});
