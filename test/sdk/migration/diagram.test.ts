import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { root } from '../../support/process.js';
import { stateDiagram } from './diagram.js';

test('the diagram of docs/migration.md is the one that the transition draws of itself', async () => {
  const text = await readFile(`${root}/docs/migration.md`, 'utf8');
  expect(text).toContain(stateDiagram());
});
