import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { OpenFeature, type ProviderEventEmitter, ProviderEvents } from '@openfeature/server-sdk';
import { expect, expectTypeOf, test } from 'vitest';
import { base, feature, flags, on, serve, startedWith, tendLifecycles } from './lifecycles.js';

tendLifecycles();

const nowhere = { ...base, url: 'http://127.0.0.1:9/api' } as const;
const closed = { reason: 'ERROR', errorCode: 'PROVIDER_NOT_READY' };

test('is a server provider with a name', () => {
  const provider = new UnleashProvider(nowhere);
  expect(provider.metadata).toEqual({ name: 'Unleash' });
  expect(provider.runsOn).toBe('server');
  expect('hooks' in provider).toBe(false);
});

test('is not ready before it is initialised and after it is closed', async () => {
  const server = await serve(on);
  const provider = new UnleashProvider({ ...base, url: server.url });
  const answers = () =>
    Promise.all([
      provider.resolveBooleanEvaluation('flag', true, {}),
      provider.resolveStringEvaluation('flag', 'default', {}),
      provider.resolveNumberEvaluation('flag', 7, {}),
      provider.resolveObjectEvaluation('flag', { default: true }, {}),
    ]);
  const notReady = [true, 'default', 7, { default: true }].map((value) =>
    expect.objectContaining({ ...closed, value, errorMessage: expect.stringMatching(/./) }),
  );
  expect(await answers()).toEqual(notReady);
  await provider.initialize();
  expect(await provider.resolveBooleanEvaluation('flag', false, {})).toMatchObject({ value: true });
  await provider.onClose();
  expect(await answers()).toEqual(notReady);
});

test('a success has neither an error code nor a message', async () => {
  const server = await serve(on);
  const { client } = await startedWith({ ...base, url: server.url });
  const details = await client.getBooleanDetails('flag', false);
  expect(details.value).toBe(true);
  expect(details).not.toHaveProperty('errorCode');
  expect(details).not.toHaveProperty('errorMessage');
});

test('gives objects the type that was asked for', async () => {
  const variants = [{ name: 'one', weight: 1000, payload: { type: 'json', value: '{"percent": 10}' } }];
  const server = await serve(flags({ ...feature('flag'), variants }));
  const { provider } = await startedWith({ ...base, url: server.url });
  const { value } = await provider.resolveObjectEvaluation('flag', { percent: 0 }, {});
  expectTypeOf(value).toEqualTypeOf<{ percent: number }>();
  expect(value).toEqual({ percent: 10 });
});

test('an ERROR event has a message and a code', async () => {
  const server = await serve({ kind: 'status', status: 404 });
  const provider = new UnleashProvider({ ...base, url: server.url });
  const events: ProviderEventEmitter<ProviderEvents.Error> = provider.events;
  const told = new Promise((resolve) => events.addHandler(ProviderEvents.Error, resolve));
  await expect(provider.initialize()).rejects.toMatchObject({ code: 'GENERAL' });
  server.answer = { kind: 'status', status: 401 };
  expect(await told).toMatchObject({ errorCode: 'PROVIDER_FATAL', message: expect.stringContaining('401') });
  await provider.onClose();
  await OpenFeature.clearProviders();
});
