import { readFile } from 'node:fs/promises';
import { AbTestController } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';
import { capellaPayload } from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';
import { compareByHand, compareOnTheFly } from './abTestingExample.js';

const page = await readFile(`${root}/docs/ab-testing.md`, 'utf8');

test('the page shows the example as it is', async () => {
  expect(page).toContain(`\`\`\`ts\n${await readFile(`${root}/test/docs/abTestingExample.ts`, 'utf8')}\`\`\``);
});

test('the example compares what an instance observes', async () => {
  const { compat } = await openTwoEngines();
  const results = compareOnTheFly(compat);
  for (let number = 1; number <= 60; number += 1) await compat.newPayload({ executionPayload: capellaPayload(number) });
  await compat.drain();
  const { v4, v5, split } = results();
  expect(v4.requests + v5.requests).toBe(60);
  expect(v5.requests).toBeGreaterThan(0);
  expect(split).toMatchObject({ units: 60, v5Units: v5.requests });
});

test('the example compares requests that a caller makes', async () => {
  const tests = new AbTestController();
  tests.createTest({ name: 'by-hand', v5Percent: 50, durationMs: 60_000 });
  const sent = { v4: 0, v5: 0 };
  for (let i = 0; i < 100; i += 1) {
    await compareByHand(tests, `session-${i}`, async (version) => {
      sent[version] += 1;
      if (version === 'v5') throw new Error('v5 is away');
    });
  }
  const { v4, v5, successRate } = tests.getTestResults('by-hand');
  expect(v4).toMatchObject({ requests: sent.v4, successRate: 1, timedRequests: sent.v4 });
  expect(v5).toMatchObject({ requests: sent.v5, successRate: 0, timedRequests: 0 });
  expect(successRate.verdict).toBe('worse');
});

/** The members of a union of texts, read from where it is declared. */
async function membersOf(declaration: RegExp, file: string): Promise<string[]> {
  const source = await readFile(`${root}/packages/sdk/src/${file}`, 'utf8');
  return [...(source.match(declaration)?.[0] ?? '').matchAll(/'([a-z0-9_]+)'/g)].map(([, member]) => member ?? '');
}

/** The names in code in the first column of the table under a heading. */
function namesIn(heading: string): string[] {
  const section = page.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name ?? ''));
}

test('the page lists every verdict, every state of a split and every state of a test, and no other', async () => {
  const verdicts = await membersOf(/export type AbTestVerdict =[^;]*;/, 'abTest/results.ts');
  const splits = await membersOf(/readonly verdict: 'as_planned'[^;]*;/, 'abTest/results.ts');
  const statuses = await membersOf(/export type AbTestStatus =[^;]*;/, 'abTest/abTest.ts');
  expect([verdicts.length, splits.length, statuses.length]).toEqual([4, 3, 4]);
  expect(namesIn('Verdicts').sort()).toEqual([...verdicts].sort());
  expect(namesIn('The split').sort()).toEqual([...splits].sort());
  expect(namesIn('The life of a test').sort()).toEqual([...statuses].sort());
});
