import { once } from 'node:events';
import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { expect, test } from 'vitest';
import type { Answer } from './flagServer.js';
import { base, expectRow, feature, flags, HeldClock, on, serve, startedWith, tendLifecycles } from './lifecycles.js';

tendLifecycles();

const revision = (answer: Answer, number: number): Answer => ({ ...answer, etag: `"f00:${number}"` }) as Answer;

test('a server that says 304 is heard, and nothing is told', async () => {
  const server = await serve(revision(on, 7));
  const clock = new HeldClock();
  const started = await startedWith({ ...base, url: server.url, clock });
  for (let times = 0; times < 4; times += 1) {
    await server.nextAsked(2);
    clock.advance(50);
  }
  await expectRow('200, then 304', started, ['resolved', 'READY', 'READY', 'true STATIC']);
});

test('a server that dies and comes back: STALE, the last flags in force, and READY with what has changed', async () => {
  const server = await serve(revision(on, 7));
  const clock = new HeldClock();
  const started = await startedWith({ ...base, url: server.url, clock });
  await server.die();
  const stale = started.next(ProviderEvents.Stale);
  clock.advance(60);
  await stale;
  await expectRow('200, then dead', started, ['resolved', 'STALE', 'READY,STALE', 'true STALE']);
  const changed = started.next(ProviderEvents.ConfigurationChanged);
  server.answer = revision(flags(feature('flag', false)), 8);
  await server.listen();
  await changed;
  await expectRow('200, dead, back', started, [
    'resolved',
    'READY',
    'READY,STALE,READY,CONFIGURATION_CHANGED(flag)',
    'false DISABLED',
  ]);
});

test.each<[string, Answer]>([
  ['500', { kind: 'status', status: 500 }],
  ['503', { kind: 'status', status: 503 }],
  ['invalid JSON', { kind: 'text', text: '{' }],
  ['reset mid-body', { kind: 'resetMidBody' }],
  ['hanging', { kind: 'hang' }],
])(
  'a server that turns to %s: STALE after three intervals, and the last flags stay in force',
  async (name, trouble) => {
    const server = await serve(on);
    const clock = new HeldClock();
    const started = await startedWith({ ...base, url: server.url, clock });
    server.answer = trouble;
    await server.nextAsked();
    // One answer may still have been on its way when the server turned.
    if (trouble.kind !== 'hang') await server.nextAsked();
    clock.advance(60);
    await expectRow(`200, then ${name}`, started, ['resolved', 'STALE', 'READY,STALE', 'true STALE']);
  },
);

test.each([401, 403])(
  'a client that is turned away later by %d is STALE at once, with its last flags',
  async (status) => {
    const server = await serve(on);
    const started = await startedWith({ ...base, url: server.url, clock: new HeldClock() });
    const stale = started.next(ProviderEvents.Stale);
    server.answer = { kind: 'status', status };
    await stale;
    await expectRow(`200, then ${status}`, started, ['resolved', 'STALE', 'READY,STALE', 'true STALE']);
  },
);

test('a server that comes up after initialize has failed: READY, with its flags', async () => {
  const server = await serve({ kind: 'status', status: 404 });
  const started = await startedWith({ ...base, url: server.url });
  expect(started.outcome).toBe('GENERAL');
  const ready = started.next(ProviderEvents.Ready);
  server.answer = on;
  await ready;
  await expectRow('404, then 200', started, ['GENERAL', 'READY', 'ERROR,READY', 'true STATIC']);
});

test('a provider that the server had turned away can be initialised again', async () => {
  const server = await serve({ kind: 'status', status: 401 });
  const provider = new UnleashProvider({ ...base, url: server.url });
  await expect(provider.initialize()).rejects.toMatchObject({ code: 'PROVIDER_FATAL' });
  server.answer = on;
  await provider.initialize();
  expect(await provider.resolveBooleanEvaluation('flag', false, {})).toMatchObject({ value: true });
  await provider.onClose();
});

test("a caller's own client is used as it is, started or not, and is the caller's to destroy", async () => {
  const server = await serve(on);
  const unleash = new Unleash({
    url: server.url,
    appName: 'own',
    refreshInterval: 20,
    disableMetrics: true,
    disableAutoStart: true,
    storageProvider: new InMemStorageProvider(),
    skipInstanceCountWarning: true,
  });
  const options = { unleash, refreshIntervalMs: 20, environment: 'production' };
  const started = await startedWith(options);
  await expectRow("a caller's own client", started, ['resolved', 'READY', 'READY', 'true STATIC']);
  const { flagMetadata } = await started.client.getBooleanDetails('flag', false);
  expect(flagMetadata['environment']).toBe('production');

  await OpenFeature.clearProviders();
  const changed = once(unleash, 'changed');
  server.answer = flags(feature('flag', false));
  await changed;
  expect(unleash.isEnabled('flag', {}, true)).toBe(false);

  const again = await startedWith(options);
  await expectRow("a caller's started client", again, ['resolved', 'READY', 'READY', 'false DISABLED']);
  unleash.destroy();
});

const hydration = (...features: object[]): object => ({ eventId: 1, type: 'hydration', features, segments: [] });
const streaming = { client: { experimentalMode: { type: 'streaming' } } } as const;

test('flags that come by a stream are fresh for as long as it is open, and old when the client had to leave it', async () => {
  const server = await serve({ kind: 'stream', events: [hydration(feature('flag'))] });
  const clock = new HeldClock();
  const started = await startedWith({ ...base, ...streaming, url: server.url, clock });
  clock.advance(1_000_000);
  await expectRow('stream', started, ['resolved', 'READY', 'READY', 'true STATIC']);

  const changed = started.next(ProviderEvents.ConfigurationChanged);
  const update = { eventId: 2, type: 'feature-updated', feature: feature('flag', false) };
  server.push('unleash-updated', JSON.stringify({ events: [update] }));
  await changed;
  await expectRow('stream, a change', started, [
    'resolved',
    'READY',
    'READY,CONFIGURATION_CHANGED(flag)',
    'false DISABLED',
  ]);

  server.answer = { kind: 'status', status: 404 };
  const asked = server.nextAsked(2);
  server.push('fetch-mode', 'polling');
  await asked;
  clock.advance(60);
  expect(started.client.providerStatus).toBe('STALE');
  expect(await started.client.getBooleanDetails('flag', true)).toMatchObject({ value: false, reason: 'STALE' });
});

test('a server without a stream is polled, and initialize waits for that', async () => {
  const server = await serve({ kind: 'status', status: 404 });
  const started = await startedWith({ ...base, ...streaming, url: server.url, refreshIntervalMs: 60_000 });
  await expectRow('no stream, 404', started, ['GENERAL', 'ERROR', 'ERROR', 'PROVIDER_NOT_READY']);
  expect(server.asked).toBe(2);
});

test('hostile names in a context reach neither the client nor Object.prototype', async () => {
  const server = await serve(
    flags({
      ...feature('flag'),
      strategies: [
        {
          name: 'default',
          constraints: ['__proto__', 'constructor', 'toString'].map((contextName) => ({
            contextName,
            operator: 'IN',
            values: ['polluted'],
          })),
        },
      ],
    }),
  );
  const { client } = await startedWith({ ...base, url: server.url, refreshIntervalMs: 60_000 });
  const hostile = JSON.parse('{"__proto__": "polluted", "constructor": "polluted", "toString": "polluted"}');
  hostile['x'.repeat(10_000_000)] = 'long';
  hostile.text = 'y'.repeat(10_000_000);
  expect(await client.getBooleanDetails('flag', true, hostile)).toMatchObject({ value: false, reason: 'DEFAULT' });
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a malformed definition fails its own flag, and no other', async () => {
  const malformed = { ...feature('malformed'), strategies: [{ name: 'default', constraints: 5 }] };
  const server = await serve(flags(malformed, feature('flag')));
  const { client } = await startedWith({ ...base, url: server.url, refreshIntervalMs: 60_000 });
  expect(await client.getBooleanDetails('malformed', false)).toMatchObject({ value: false, errorCode: 'GENERAL' });
  expect(await client.getBooleanDetails('flag', false)).toMatchObject({ value: true, reason: 'STATIC' });
});
