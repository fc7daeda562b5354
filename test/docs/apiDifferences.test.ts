import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';
import { withTables } from './apiDifferences.js';

const file = `${root}/docs/api-differences.md`;

test('the tables of the page are what the code does (pnpm test:only test/docs/apiDifferences -u writes them)', async () => {
  await expect(withTables(await readFile(file, 'utf8'))).toMatchFileSnapshot(file);
});
