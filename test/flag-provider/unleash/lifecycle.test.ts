import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, type UnleashConnectionOptions, UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import {
  type Client,
  MultiProvider,
  OpenFeature,
  ProviderEvents,
  type ServerProviderEvents,
} from '@openfeature/server-sdk';
import { afterAll, afterEach, expect, test } from 'vitest';
import { clientOf, provideFlags } from '../provide.js';
import { type Answer, FlagServer } from './flagServer.js';

const feature = (name: string, enabled = true) => ({ name, type: 'release', enabled, strategies: [], variants: [] });
const flags = (...features: object[]): Answer => ({ kind: 'flags', body: { version: 2, features } });
const on = flags(feature('flag'));

/** Time that only a test moves. */
class HeldClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
  advance(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}

const servers: FlagServer[] = [];
const printed: string[] = [];
const serve = async (answer: Answer): Promise<FlagServer> => {
  const server = await FlagServer.open(answer);
  servers.push(server);
  return server;
};

afterEach(async () => {
  await OpenFeature.clearProviders();
  await Promise.all(servers.splice(0).map((server) => server.die()));
});
afterAll(() => {
  process.stdout.write(`${['row | initialize | status | events | flag', ...printed].join('\n')}\n`);
});

function watch(domain: string): {
  client: Client;
  events: string[];
  next: (event: ServerProviderEvents) => Promise<void>;
} {
  const client = OpenFeature.getClient(domain);
  const events: string[] = [];
  const waiting: { event: string; resolve: () => void }[] = [];
  for (const event of Object.values(ProviderEvents)) {
    client.addHandler(event, (details) => {
      const changed = details && 'flagsChanged' in details && details.flagsChanged ? `(${details.flagsChanged})` : '';
      events.push(`${event.replace('PROVIDER_', '')}${changed}`);
      for (const { resolve } of waiting.filter((one) => one.event === event)) resolve();
    });
  }
  events.length = 0; // What the SDK says of the provider that stood in before.
  return { client, events, next: (event) => new Promise((resolve) => waiting.push({ event, resolve })) };
}

const base = { appName: 'lifecycle', refreshIntervalMs: 20, metricsIntervalMs: 0 } as const;

async function startedWith(options: UnleashConnectionOptions, duringStart = async (): Promise<void> => {}) {
  const domain = randomUUID();
  const watched = watch(domain);
  const provider = new UnleashProvider(options);
  const ended = OpenFeature.setProviderAndWait(domain, provider).then(
    () => 'resolved',
    (error: { code: string }) => error.code,
  );
  await duringStart();
  const outcome = await ended;
  await nextTurn();
  await nextTurn();
  return { ...watched, provider, outcome };
}

type Row = [name: string, answer: Answer, outcome: string, status: string, events: string, flag: string];
const unavailable = ['GENERAL', 'ERROR', 'ERROR', 'PROVIDER_NOT_READY'] as const;
const fatal = ['PROVIDER_FATAL', 'FATAL', 'ERROR', 'PROVIDER_FATAL'] as const;

test.each<Row>([
  ['200', on, 'resolved', 'READY', 'READY', 'true STATIC'],
  ['empty set', flags(), 'resolved', 'READY', 'READY', 'FLAG_NOT_FOUND'],
  ['401', { kind: 'status', status: 401 }, ...fatal],
  ['403', { kind: 'status', status: 403 }, ...fatal],
  ['404', { kind: 'status', status: 404 }, ...unavailable],
  ['429', { kind: 'status', status: 429 }, ...unavailable],
  ['500', { kind: 'status', status: 500 }, ...unavailable],
  ['503', { kind: 'status', status: 503 }, ...unavailable],
  ['reset mid-body', { kind: 'resetMidBody' }, ...unavailable],
  ['invalid JSON', { kind: 'text', text: '{"version":' }, ...unavailable],
  ['hanging', { kind: 'hang' }, ...unavailable],
])('a server that answers: %s', async (name, answer, outcome, status, events, flag) => {
  const server = await serve(answer);
  const clock = new HeldClock();
  const asked = server.nextAsked();
  const started = await startedWith({ ...base, url: server.url, refreshIntervalMs: 60_000, clock }, async () => {
    if (answer.kind !== 'hang') return;
    await asked;
    clock.advance(10_000);
  });
  await expectRow(name, started, [outcome, status, events, flag]);
});

async function expectRow(
  name: string,
  { outcome, client, events }: { outcome: string; client: Client; events: readonly string[] },
  expected: readonly string[],
): Promise<void> {
  const { value, reason, errorCode } = await client.getBooleanDetails('flag', false);
  const row = [outcome, client.providerStatus, events.join(','), errorCode ?? `${value} ${reason}`];
  printed.push([name, ...row].join(' | '));
  expect(row).toEqual(expected);
}

test('a server that refuses connections', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  server.close();
  await once(server, 'close');
  const started = await startedWith({ ...base, url: `http://127.0.0.1:${port}`, refreshIntervalMs: 60_000 });
  await expectRow('refused', started, unavailable);
});

test('a bootstrap beside a server that fails is READY, then STALE', async () => {
  const server = await serve({ kind: 'status', status: 404 });
  const bootstrap = { data: [feature('flag')] };
  const started = await startedWith({ ...base, url: server.url, bootstrap });
  await expectRow('bootstrap only', started, ['resolved', 'STALE', 'READY,STALE', 'true STALE']);
  const ready = started.next(ProviderEvents.Ready);
  server.answer = flags(feature('flag'), feature('another'));
  await ready;
  expect(started.client.providerStatus).toBe('READY');
  expect(started.events).toEqual(['READY', 'STALE', 'READY', 'CONFIGURATION_CHANGED(another)']);
});

test('a backup beside a server that fails is READY, then STALE', async () => {
  const server = await serve({ kind: 'status', status: 401 });
  const backupPath = await mkdtemp(join(tmpdir(), 'backup-'));
  try {
    await writeFile(
      join(backupPath, 'unleash-backup-lifecycle.json'),
      JSON.stringify({ version: 2, features: [feature('flag')] }),
    );
    const started = await startedWith({ ...base, url: server.url, backupPath });
    await expectRow('backup only', started, ['resolved', 'STALE', 'READY,STALE', 'true STALE']);
  } finally {
    await OpenFeature.clearProviders();
    await rm(backupPath, { recursive: true });
  }
});

test.each<[string, Answer]>([
  ['404', { kind: 'status', status: 404 }],
  ['429', { kind: 'status', status: 429 }],
])('a server that turns to %s and comes back: STALE after three intervals, READY on contact', async (name, trouble) => {
  const server = await serve({ ...on, etag: '"f00:7"' } as Answer);
  const clock = new HeldClock();
  const { client, events, outcome, next } = await startedWith({ ...base, url: server.url, clock });
  await server.nextAsked(2); // 304: heard, and nothing told.
  expect(events).toEqual(['READY']);
  server.answer = trouble;
  await server.nextAsked(2);
  clock.advance(60);
  await expectRow(`200, then ${name}`, { client, events, outcome }, ['resolved', 'STALE', 'READY,STALE', 'true STALE']);
  const ready = next(ProviderEvents.Ready);
  server.answer = { ...on, etag: '"f00:8"' } as Answer;
  await ready;
  expect(await client.getBooleanDetails('flag', false)).toMatchObject({
    reason: 'STATIC',
    flagMetadata: { revision: 8 },
  });
  await expectRow(`200, ${name}, 200`, { client, events, outcome }, [
    'resolved',
    'READY',
    'READY,STALE,READY',
    'true STATIC',
  ]);
});

test('a MultiProvider falls through to the next for a flag that Unleash does not know', async () => {
  const server = await serve(on);
  const { provider: local } = await provideFlags({ local: true });
  const unleash = new UnleashProvider({ ...base, url: server.url });
  const client = await clientOf(new MultiProvider([{ provider: unleash }, { provider: local }]));
  expect(await client.getBooleanValue('flag', false)).toBe(true);
  expect(await client.getBooleanValue('local', false)).toBe(true);
});

test('closing twice, during initialise and with 1,000 evaluations in flight, and initialising again', async () => {
  const server = await serve({ kind: 'hang' });
  const provider = new UnleashProvider({ ...base, url: server.url });
  const asked = server.nextAsked();
  const starting = expect(provider.initialize()).rejects.toThrow('closed while it was initialised');
  await asked;
  await provider.onClose();
  await starting;

  server.answer = on;
  await provider.initialize();
  const inFlight = Array.from({ length: 1000 }, () => provider.resolveBooleanEvaluation('flag', false, {}));
  await Promise.all([provider.onClose(), provider.onClose()]);
  expect((await Promise.all(inFlight)).every(({ value }) => value)).toBe(true);
  expect(await provider.resolveBooleanEvaluation('flag', false, {})).toMatchObject({ errorCode: 'PROVIDER_NOT_READY' });
});

test.each(['__proto__', 'constructor', 'toString', '', 'x'.repeat(10_000_000)])(
  'a hostile flag key never reaches the client',
  async (key) => {
    const server = await serve(on);
    const provider = new UnleashProvider({ ...base, url: server.url, metricsIntervalMs: 60_000 });
    const client = await clientOf(provider);
    const context = JSON.parse('{"__proto__": "polluted", "constructor": "polluted"}');
    expect(await client.getBooleanDetails(key, false, context)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    expect(await client.getBooleanDetails('unknown', false)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    expect(Object.keys(Object.prototype)).toEqual([]);
    await provider.onClose();
    expect(server.metrics).toMatchObject([{ bucket: { toggles: { unknown: { no: 1 } } } }]);
  },
);
