import { once } from 'node:events';
import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { OpenFeature } from '@openfeature/server-sdk';
import fc from 'fast-check';
import murmurhash3js from 'murmurhash3js';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { afterEach, expect, test } from 'vitest';
import { clientOf } from '../provide.js';
import { FlagServer } from './flagServer.js';

const rollout = (percent: number, more: object = {}) => ({
  name: 'flexibleRollout',
  parameters: { rollout: String(percent), stickiness: 'userId', groupId: 'lighthouse-compat' },
  constraints: [],
  ...more,
});
const flag = (name: string, strategies: object[], more: object = {}) => ({
  name,
  type: 'release',
  enabled: true,
  strategies,
  variants: [],
  ...more,
});
const payload = (value: string) => ({ type: 'string', value });
const features = [
  flag('tenth', [rollout(10)]),
  flag('half', [rollout(50)]),
  flag('targeted', [rollout(100, { constraints: [{ contextName: 'region', operator: 'IN', values: ['eu'] }] })]),
  flag('off', [], { enabled: false }),
  flag('depends', [], { dependencies: [{ feature: 'half' }] }),
  flag('weighed', [rollout(80)], {
    variants: [
      { name: 'a', weight: 300, stickiness: 'userId', payload: payload('A') },
      { name: 'b', weight: 700, stickiness: 'userId', payload: payload('B') },
    ],
  }),
];

let server: FlagServer | undefined;
let direct: Unleash | undefined;

afterEach(async () => {
  direct?.destroy();
  await OpenFeature.clearProviders();
  await server?.die();
});

test('two providers at one server agree with the Unleash client on 10,000 random contexts, and with its hash on the bucket', async () => {
  server = await FlagServer.open({ kind: 'flags', body: { version: 2, features } });
  const connection = { url: server.url, appName: 'agreement', metricsIntervalMs: 0, refreshIntervalMs: 60_000 };
  const clients = await Promise.all([
    clientOf(new UnleashProvider(connection)),
    clientOf(new UnleashProvider(connection)),
  ]);
  direct = new Unleash({
    url: server.url,
    appName: 'agreement',
    disableMetrics: true,
    storageProvider: new InMemStorageProvider(),
    skipInstanceCountWarning: true,
  });
  await once(direct, 'ready');

  const contexts = fc.sample(
    fc.record({
      userId: fc.string({ unit: 'binary', minLength: 1, maxLength: 70 }),
      region: fc.constantFrom('eu', 'us', 'ap'),
    }),
    { seed: 20_240_313, numRuns: 10_000 },
  );
  const disagreements: string[] = [];
  for (const [index, { userId, region }] of contexts.entries()) {
    const { name } = features[index % features.length] ?? { name: '' };
    const theirs = direct.isEnabled(name, { userId, properties: { region } });
    const variant = direct.getVariant('weighed', { userId, properties: { region } });
    const text = variant.payload?.value ?? 'default';
    const bucket = (murmurhash3js.x86.hash32(`lighthouse-compat:${userId}`, 0) % 100) + 1;
    for (const client of clients) {
      const ours = await client.getBooleanValue(name, false, { targetingKey: userId, region });
      const { value, flagMetadata } = await client.getStringDetails('weighed', 'default', { targetingKey: userId });
      if (ours !== theirs || value !== text || flagMetadata['bucket'] !== bucket) {
        disagreements.push(`${name} ${JSON.stringify(userId)} ${region}`);
      }
    }
  }
  expect(disagreements).toEqual([]);
});
