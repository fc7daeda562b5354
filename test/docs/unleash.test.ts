import { readFile } from 'node:fs/promises';
import { flagKeys } from '@lighthouse-compat/flag-provider';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';

const text = await readFile(`${root}/docs/unleash.md`, 'utf8');

test('the description of the flags in Unleash names every flag, in the order that they are set up in', () => {
  const listed = [...text.matchAll(/^ {2}(\w+) +created, off$/gm)].map(([, key]) => key);
  expect(listed).toEqual(Object.values(flagKeys));
});

test('its pictures are there, and small', async () => {
  const pictures = [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path);
  expect(pictures).toHaveLength(3);
  for (const path of pictures) {
    const { length } = await readFile(`${root}/docs/${path}`);
    expect(length).toBeGreaterThan(1_000);
    expect(length).toBeLessThan(64_000);
  }
});
