import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { defaultGroupId, normalizedValue } from '@lighthouse-compat/flag-provider';
import fc from 'fast-check';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { afterAll, beforeAll, expect, test } from 'vitest';

const percents = Array.from({ length: 101 }, (_, percent) => percent);
const flagOf = (percent: number): string => `rollout_${percent}`;

let unleash: Unleash;

beforeAll(async () => {
  unleash = new Unleash({
    appName: 'bucketing',
    // Never asked: nothing is fetched with a refresh interval of 0.
    url: 'http://127.0.0.1:9/api/',
    refreshInterval: 0,
    disableMetrics: true,
    storageProvider: new InMemStorageProvider(),
    skipInstanceCountWarning: true,
    disableAutoStart: true,
    bootstrap: {
      data: percents.map((percent) => ({
        name: flagOf(percent),
        type: 'release',
        enabled: true,
        stale: false,
        impressionData: false,
        project: 'default',
        variants: [],
        strategies: [
          {
            name: 'flexibleRollout',
            parameters: { rollout: String(percent), stickiness: 'userId', groupId: 'lighthouse-compat' },
            constraints: [],
          },
        ],
      })),
    },
  });
  const synchronized = once(unleash, 'synchronized');
  await unleash.start();
  await synchronized;
});

afterAll(() => unleash.destroy());

const blockHashes = Array.from({ length: 5000 }, (_, i) => `0x${createHash('sha256').update(`${i}`).digest('hex')}`);
const sampled = (unit: 'binary-ascii' | 'binary', size: number): string[] =>
  fc.sample(fc.string({ unit, minLength: 1, maxLength: 80 }), { seed: 20_240_313, numRuns: size });

test.each([
  ['block hashes', blockHashes],
  ['ASCII ids', sampled('binary-ascii', 2500)],
  ['ids beyond ASCII', sampled('binary', 2500)],
])('a key is in a rollout exactly when the Unleash client says so, at every percentage, for %s', (_, ids) => {
  const disagreements: string[] = [];
  let enabled = 0;
  for (const id of ids) {
    const bucket = normalizedValue(id, defaultGroupId);
    for (const percent of percents) {
      const theirs = unleash.isEnabled(flagOf(percent), { userId: id });
      if (theirs) enabled++;
      if (theirs !== bucket <= percent) disagreements.push(`${JSON.stringify(id)} at ${percent}`);
    }
  }
  expect(disagreements).toEqual([]);
  // About half of all questions are answered yes: the client did evaluate its strategies.
  expect(enabled / (ids.length * percents.length)).toBeCloseTo(0.5, 1);
});
