import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';
import { withMetrics } from './metrics.js';

const file = `${root}/docs/metrics.md`;

test('the page lists every metric and label as the code has them (pnpm test:only test/docs/metrics -u writes it)', async () => {
  await expect(withMetrics(await readFile(file, 'utf8'))).toMatchFileSnapshot(file);
});
