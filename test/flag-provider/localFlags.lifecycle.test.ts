import { randomUUID } from 'node:crypto';
import { LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import { type Client, MultiProvider, OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { clientOf, provideFlags } from './provide.js';

afterEach(() => OpenFeature.clearProviders());

/** Every event that reaches the client, in order; a change with its flags. */
function eventsOf(client: Client): unknown[] {
  const seen: unknown[] = [];
  for (const event of [ProviderEvents.Ready, ProviderEvents.Stale, ProviderEvents.Error]) {
    client.addHandler(event, () => seen.push(event));
  }
  client.addHandler(ProviderEvents.ConfigurationChanged, (details) => seen.push(details?.flagsChanged));
  return seen;
}

const notReady = {
  value: false,
  reason: 'ERROR',
  errorCode: 'PROVIDER_NOT_READY',
  errorMessage: 'the provider is closed',
};

describe('a local provider under the SDK', () => {
  test('is a server provider with a name, and ready at once', async () => {
    const { provider, client } = await provideFlags({});
    expect(provider.runsOn).toBe('server');
    expect(client.metadata.providerMetadata.name).toBe('lighthouse-compat local flags');
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });

  test('tells once that it is ready', async () => {
    const domain = randomUUID();
    const seen = eventsOf(OpenFeature.getClient(domain));
    seen.length = 0; // What the SDK says of the provider that stood in before.
    await OpenFeature.setProviderAndWait(domain, new LocalFlagProvider({ flags: { flag: true } }));
    expect(seen).toEqual([ProviderEvents.Ready]);
  });
});

describe('set', () => {
  test('adds and replaces flags and keeps the others', async () => {
    const { provider, client } = await provideFlags({ kept: 'kept', replaced: 'before' });
    provider.set({ replaced: 'after', added: 'added' });
    expect(await client.getStringValue('kept', '')).toBe('kept');
    expect(await client.getStringValue('replaced', '')).toBe('after');
    expect(await client.getStringValue('added', '')).toBe('added');
  });

  test('tells in order which flags really changed, and is silent if none did', async () => {
    const { provider, client } = await provideFlags({ a: { percent: 5 }, b: true, c: { value: { x: 1, y: [2] } } });
    const seen = eventsOf(client);
    seen.length = 0;

    provider.set({ a: { percent: 10 }, b: true });
    provider.set({ a: { percent: 10 }, b: true, c: { value: { y: [2], x: 1 } } });
    provider.set({});
    provider.set({ d: 1, b: false, a: { percent: 10 } });
    provider.set({ c: { value: { x: 1, y: [3] } } });
    provider.set({ b: 'false' });

    expect(seen).toEqual([['a'], ['b', 'd'], ['c'], ['b']]);
  });

  test('takes a rule and the same rule with its defaults spelled out for one', async () => {
    const { provider, client } = await provideFlags({ a: { percent: 5 }, b: true });
    const seen = eventsOf(client);
    seen.length = 0;
    provider.set({ a: { percent: 5, groupId: 'lighthouse-compat', value: true }, b: { value: true } });
    expect(seen).toEqual([]);
    provider.set({ a: { percent: 5, groupId: 'another' } });
    expect(seen).toEqual([['a']]);
  });

  test('is in force before it tells', async () => {
    const { provider, client } = await provideFlags({ flag: 'before' });
    const read: Promise<string>[] = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, () => {
      read.push(client.getStringValue('flag', ''));
    });
    provider.set({ flag: 'after' });
    expect(await Promise.all(read)).toEqual(['after']);
  });

  test('reaches the clients of a MultiProvider as well', async () => {
    const provider = new LocalFlagProvider({ flags: { flag: 1 } });
    const client = await clientOf(new MultiProvider([{ provider }]));
    const seen = eventsOf(client);
    seen.length = 0;
    provider.set({ flag: 2 });
    expect(seen).toEqual([['flag']]);
    expect(await client.getNumberValue('flag', 0)).toBe(2);
  });
});

describe('remove', () => {
  test('forgets flags and tells of those that were there', async () => {
    const { provider, client } = await provideFlags({ a: true, b: true, c: true });
    const seen = eventsOf(client);
    seen.length = 0;
    provider.remove('a', 'unknown', 'c');
    provider.remove('a');
    provider.remove();
    expect(seen).toEqual([['a', 'c']]);
    expect(await client.getBooleanDetails('a', false)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    expect(await client.getBooleanValue('b', false)).toBe(true);
  });
});

describe('closing', () => {
  test('ends evaluations with PROVIDER_NOT_READY, although the SDK still calls the provider ready', async () => {
    const { client } = await provideFlags({ flag: true });
    await OpenFeature.close();
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getBooleanDetails('flag', false)).toStrictEqual({
      flagKey: 'flag',
      flagMetadata: {},
      ...notReady,
    });
    expect(await client.getStringDetails('flag', 'default')).toMatchObject({ ...notReady, value: 'default' });
    expect(await client.getNumberDetails('flag', 7)).toMatchObject({ ...notReady, value: 7 });
    expect(await client.getObjectDetails('unknown', [])).toMatchObject({ ...notReady, value: [] });
  });

  test('twice is as good as once', async () => {
    const { provider, client } = await provideFlags({ flag: true });
    await provider.onClose();
    await expect(provider.onClose()).resolves.toBeUndefined();
    expect(await client.getBooleanDetails('flag', false)).toMatchObject(notReady);
    await provider.initialize();
    expect(await client.getBooleanValue('flag', false)).toBe(true);
  });

  test('ends events too; a set in between is in force after the next initialise', async () => {
    const { provider, client } = await provideFlags({ flag: 'before' });
    const seen = eventsOf(client);
    seen.length = 0;
    await provider.onClose();
    provider.set({ flag: 'meanwhile' });
    expect(await client.getStringDetails('flag', '')).toMatchObject({ errorCode: 'PROVIDER_NOT_READY' });
    await provider.initialize();
    expect(seen).toEqual([]);
    expect(await client.getStringValue('flag', '')).toBe('meanwhile');
    provider.set({ flag: 'after' });
    expect(seen).toEqual([['flag']]);
  });

  test('lets the same provider be set again, and it answers as before', async () => {
    const { provider } = await provideFlags({ flag: true });
    await OpenFeature.clearProviders();
    const client = await clientOf(provider);
    expect(await client.getBooleanValue('flag', false)).toBe(true);
    const seen = eventsOf(client);
    seen.length = 0;
    provider.set({ flag: false });
    expect(seen).toEqual([['flag']]);
  });

  test('follows when another provider takes its place', async () => {
    const domain = randomUUID();
    const first = new LocalFlagProvider({ flags: { flag: 'first' } });
    const client = OpenFeature.getClient(domain);
    await OpenFeature.setProviderAndWait(domain, first);
    await OpenFeature.setProviderAndWait(domain, new LocalFlagProvider({ flags: { flag: 'second' } }));
    expect(await client.getStringValue('flag', '')).toBe('second');
    expect(await first.resolveStringEvaluation('flag', '', {})).toMatchObject({ errorCode: 'PROVIDER_NOT_READY' });
  });
});

describe('one provider under two domains', () => {
  test('answers and tells both, stays open while one is left, and closes with the last', async () => {
    const provider = new LocalFlagProvider({ flags: { flag: 'before' } });
    const [one, two] = [randomUUID(), randomUUID()];
    await OpenFeature.setProviderAndWait(one, provider);
    await OpenFeature.setProviderAndWait(two, provider);
    const clients = [OpenFeature.getClient(one), OpenFeature.getClient(two)] as const;
    const seen = clients.map(eventsOf);
    for (const events of seen) events.length = 0;

    provider.set({ flag: 'after' });
    expect(seen).toEqual([[['flag']], [['flag']]]);

    const other = new LocalFlagProvider({ flags: { flag: 'other' } });
    await OpenFeature.setProviderAndWait(one, other);
    expect(await clients[0].getStringValue('flag', '')).toBe('other');
    expect(await clients[1].getStringValue('flag', '')).toBe('after');

    await OpenFeature.setProviderAndWait(two, other);
    expect(await clients[1].getStringValue('flag', '')).toBe('other');
    expect(await provider.resolveStringEvaluation('flag', '', {})).toMatchObject({ errorCode: 'PROVIDER_NOT_READY' });
  });

  test('is closed once a binding by the SDK, and can be set again', async () => {
    const provider = new LocalFlagProvider({ flags: { flag: true } });
    const clients = [await clientOf(provider), await clientOf(provider)];
    await OpenFeature.close();
    for (const client of clients) expect(await client.getBooleanDetails('flag', false)).toMatchObject(notReady);
    await OpenFeature.clearProviders();
    const again = await clientOf(provider);
    expect(await again.getBooleanValue('flag', false)).toBe(true);
  });
});
