import { readFile } from 'node:fs/promises';
import { flagKeys } from '@lighthouse-compat/flag-provider';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';

const text = await readFile(`${root}/docs/unleash.md`, 'utf8');

test('the description of the flags in Unleash names every flag, in the order that they are set up in', () => {
  const listed = [...text.matchAll(/^ {2}(\w+) +created, off$/gm)].map(([, key]) => key);
  expect(listed).toEqual(Object.values(flagKeys));
});
