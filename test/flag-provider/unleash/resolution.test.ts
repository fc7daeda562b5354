import { randomUUID } from 'node:crypto';
import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { OpenFeature, type Provider } from '@openfeature/server-sdk';
import { afterEach, expect, test } from 'vitest';
import { clientOf } from '../provide.js';
import { FlagServer } from './flagServer.js';

const servers: FlagServer[] = [];

afterEach(async () => {
  await OpenFeature.clearProviders();
  await Promise.all(servers.splice(0).map((server) => server.die()));
});

async function serving(flag: object): Promise<{ provider: UnleashProvider & Provider; server: FlagServer }> {
  const features = [
    { name: 'flag', type: 'release', project: 'p', enabled: true, strategies: [], variants: [], ...flag },
  ];
  const server = await FlagServer.open({ kind: 'flags', body: { version: 2, features }, etag: '"f00:42"' });
  servers.push(server);
  const options = { url: server.url, appName: 'resolution', token: 'p:production.secret' };
  return { provider: new UnleashProvider(options), server };
}

const rollout = (percent: number, constraints: object[] = []) => ({
  name: 'flexibleRollout',
  parameters: { rollout: String(percent), stickiness: 'userId', groupId: 'lighthouse-compat' },
  constraints,
});
const inEurope = { contextName: 'region', operator: 'IN', values: ['eu'] };

test.each<[string, object, object]>([
  ['without strategies', {}, { value: true, reason: 'STATIC' }],
  ['switched off', { enabled: false }, { value: false, reason: 'DISABLED' }],
  ['rolled out to all', { strategies: [rollout(100)] }, { value: true, reason: 'STATIC' }],
  ['rolled out to 99 %', { strategies: [rollout(99)] }, { reason: 'SPLIT' }],
  ['rolled out to none', { strategies: [rollout(0)] }, { value: false, reason: 'STATIC' }],
  ['for a region', { strategies: [rollout(100, [inEurope])] }, { value: true, reason: 'TARGETING_MATCH' }],
  [
    'for another region',
    { strategies: [rollout(100, [{ ...inEurope, values: ['us'] }])] },
    { value: false, reason: 'DEFAULT' },
  ],
  ['of a variant without payload', { variants: [{ name: 'blue', weight: 1000 }] }, { value: true, variant: 'blue' }],
])('the reason of a boolean: a flag %s', async (_, flag, expected) => {
  const { provider } = await serving(flag);
  const client = await clientOf(provider);
  const details = await client.getBooleanDetails('flag', false, { targetingKey: 'somebody', region: 'eu' });
  expect(details).toMatchObject(expected);
  expect(details.flagMetadata).toMatchObject({ project: 'p', environment: 'production', revision: 42 });
});

test.each<[string, string, object]>([
  ['number', '', { value: -1, errorCode: 'PARSE_ERROR' }],
  ['number', '12abc', { value: -1, errorCode: 'PARSE_ERROR' }],
  ['number', '0x10', { value: -1, errorCode: 'PARSE_ERROR' }],
  ['number', '1e999', { value: -1, errorCode: 'PARSE_ERROR' }],
  ['number', '-1.5e3', { value: -1500 }],
  ['string', '12', { value: -1, errorCode: 'TYPE_MISMATCH' }],
  ['json', '12', { value: -1, errorCode: 'TYPE_MISMATCH' }],
])('a %s payload "%s" asked for as a number', async (type, value, expected) => {
  const { provider } = await serving({ variants: [{ name: 'one', weight: 1000, payload: { type, value } }] });
  const client = await clientOf(provider);
  expect(await client.getNumberDetails('flag', -1)).toMatchObject(expected);
});

test('tracking goes to the impact metrics, sent at the latest when the provider closes', async () => {
  const { provider, server } = await serving({});
  const client = await clientOf(provider);
  client.track('fallback', {}, { value: 7 });
  await provider.onClose();
  const sent = server.metrics.flatMap(({ impactMetrics }) => impactMetrics);
  expect(sent).toMatchObject([
    { name: 'fallback', type: 'counter', samples: [{ value: 1 }] },
    { name: 'fallback_value', type: 'histogram', samples: [{ sum: 7, count: 1 }] },
  ]);
});

test('one provider under two domains asks the server once and answers both', async () => {
  const { provider, server } = await serving({});
  const domains = [randomUUID(), randomUUID()];
  for (const domain of domains) await OpenFeature.setProviderAndWait(domain, provider);
  for (const domain of domains) expect(await OpenFeature.getClient(domain).getBooleanValue('flag', false)).toBe(true);
  expect(server.asked).toBe(1);
  await OpenFeature.close();
});
