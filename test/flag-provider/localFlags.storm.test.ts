import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import { type Client, OpenFeature, ProviderStatus } from '@openfeature/server-sdk';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { printedSeed } from '../support/seed.js';
import { type Events, newFolder, open, removeFolders, replaceFile } from './flagFiles.js';

afterEach(async () => {
  await OpenFeature.clearProviders();
  await removeFolders();
});

/** Three flags that always have one value, so that a mixture would show. */
const textOf = (value: number): string =>
  JSON.stringify({ flags: { a: value, b: { value }, c: { percent: 100, value } } });

async function valuesOf(client: Client): Promise<number> {
  const values = await Promise.all(['a', 'b', 'c'].map((key) => client.getNumberValue(key, -1)));
  expect(new Set(values).size).toBe(1);
  return values[0] ?? -1;
}

async function seen(client: Client, events: Events, value: number, status: ProviderStatus): Promise<void> {
  while ((await valuesOf(client)) !== value || client.providerStatus !== status) await events.next();
}

type Write = { readonly value: number; readonly kind: 'good' | 'cut' | 'invalid' | 'empty'; readonly inPlace: boolean };

const write: fc.Arbitrary<Write> = fc.record({
  value: fc.nat(5),
  kind: fc.constantFrom('good', 'good', 'cut', 'invalid', 'empty'),
  inPlace: fc.boolean(),
});

const textBy: Record<Write['kind'], (value: number) => string> = {
  good: textOf,
  cut: (value) => textOf(value).slice(0, 20 + value),
  invalid: (value) => textOf(value).replace('100', '101'),
  empty: () => '',
};

describe('a file that is written over and over', () => {
  test('ends with the flags of the last good write, and never shows a mixture', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 8 }), async (writes) => {
        const file = join(await newFolder(), 'flags.json');
        await writeFile(file, textOf(0));
        const { client, events } = await open(new LocalFlagProvider({ file, checkIntervalMs: 2 }));
        let good = 0;
        for (const { kind, value, inPlace } of writes) {
          await (inPlace ? writeFile : replaceFile)(file, textBy[kind](value));
          await valuesOf(client);
          if (kind === 'good') {
            good = value;
            // A good file that is overwritten before anybody looks was never seen.
            await seen(client, events, good, ProviderStatus.READY);
          }
        }
        await seen(client, events, good, writes.at(-1)?.kind === 'good' ? ProviderStatus.READY : ProviderStatus.STALE);
        await OpenFeature.clearProviders();
      }),
      { numRuns: 15, seed: printedSeed('writes of a flag file') },
    );
  });

  test.each(['by renaming', 'in place'])(
    '500 times %s ends with the last, in order, without a mixture',
    async (way) => {
      const file = join(await newFolder(), 'flags.json');
      await writeFile(file, textOf(0));
      const { client, events } = await open(new LocalFlagProvider({ file, checkIntervalMs: 2 }));
      let last = 0;
      for (let value = 1; value <= 500; value++) {
        await (way === 'in place' ? writeFile : replaceFile)(file, textOf(value));
        const now = await valuesOf(client);
        expect(now).toBeGreaterThanOrEqual(last);
        last = now;
      }
      await seen(client, events, 500, ProviderStatus.READY);
      const changes = events.told.filter((told) => Array.isArray(told));
      expect(changes.every((flags) => [...(flags as string[])].join() === 'a,b,c')).toBe(true);
    },
  );
});
