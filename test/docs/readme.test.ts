import { readFile } from 'node:fs/promises';
import { flagVocabulary } from '@lighthouse-compat/flag-provider';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';

const readme = await readFile(`${root}/README.md`, 'utf8');

test.each([
  ['conversions', 'ConversionError'],
  ['flag-provider', 'FlagProviderError'],
  ['sdk', 'CompatError'],
  ['operator', 'OperatorError'],
])('the README lists every error code of %s, and no other', async (name, errorClass) => {
  const source = await readFile(`${root}/packages/${name}/src/errors.ts`, 'utf8');
  const declared = [...source.matchAll(/[|=] '([A-Z_]+)'/g)].map(([, code]) => code);
  const listed = readme
    .split('\n')
    .filter((line) => line.startsWith(`| \`${errorClass}\``))
    .flatMap((line) => [...(line.split('|')[3] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code));
  expect(declared.length).toBeGreaterThan(1);
  expect(listed.sort()).toEqual(declared.sort());
});

test('the README lists every flag in the order of the vocabulary', () => {
  const listed = [...readme.matchAll(/^\| `([a-z0-9_]+)` \| (boolean|string) \|/gm)].map(([, key, kind]) => [
    key,
    kind,
  ]);
  expect(listed).toEqual(Object.entries(flagVocabulary).map(([key, { kind }]) => [key, kind]));
});

test('every file that the README links to is there', async () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(3);
  for (const path of links) expect(await readFile(`${root}/${path}`)).toBeDefined();
});
