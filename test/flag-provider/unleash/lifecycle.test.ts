import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { MultiProvider, OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { expect, test } from 'vitest';
import { clientOf, provideFlags } from '../provide.js';
import type { Answer } from './flagServer.js';
import { base, expectRow, feature, flags, HeldClock, on, serve, startedWith, tendLifecycles } from './lifecycles.js';

tendLifecycles();

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
