import { readFile } from 'node:fs/promises';
import { flagVocabulary } from '@lighthouse-compat/flag-provider';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';

const page = await readFile(`${root}/docs/flags.md`, 'utf8');

/** The cells of every row of the table under a heading. */
function rowsUnder(heading: string): string[][] {
  const section = page.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.slice(2, -2).split(' | '));
}

test('the page lists every flag of the vocabulary with its type and its default, in the order of their precedence', () => {
  const listed = rowsUnder('The flags').flatMap(([, flag, type, value]) =>
    flag?.startsWith('`') ? [[flag, type, value]] : [],
  );
  expect(listed).toEqual(
    Object.entries(flagVocabulary).map(([key, { kind, defaultValue }]) => [
      `\`${key}\``,
      kind,
      defaultValue === false ? 'off' : "`''` (not set)",
    ]),
  );
});

test('the page lists every mode that a flag can name', () => {
  const [, , , , meaning] = rowsUnder('The flags').find(([, flag]) => flag === '`lighthouse_migration_mode`') ?? [];
  const listed = [...(meaning ?? '').matchAll(/`(\w+)`/g)].map(([, mode]) => mode);
  expect(listed).toEqual(flagVocabulary.lighthouse_migration_mode.values);
});

test.each([["OpenFeature's requirements"], ["Beside the vendor's provider"]])(
  'every test and file that a row of "%s" names is there',
  async (heading) => {
    const rows = rowsUnder(heading);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      const [, file, title] = row.at(-1)?.match(/^`([\w.]+)` "(.+)"$/) ?? [];
      const source = await readFile(`${root}/test/flag-provider/unleash/${file}`, 'utf8');
      expect(source, row.join(' | ')).toContain(title);
    }
    const files = rows.flatMap(([, where]) => [...(where ?? '').matchAll(/`(\w+\.ts)`/g)].map(([, name]) => name));
    for (const file of files) await readFile(`${root}/packages/flag-provider/src/unleash/${file}`);
  },
);

test('the pictures of the Unleash UI are there, and small', async () => {
  const pictures = [...page.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path);
  expect(pictures).toHaveLength(3);
  for (const path of pictures) {
    const { length } = await readFile(`${root}/docs/${path}`);
    expect(length).toBeGreaterThan(1_000);
    expect(length).toBeLessThan(64_000);
  }
});
