import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { variables } from '../../../packages/operator/src/command/config/settings.js';
import { exitCodes } from '../../../packages/operator/src/command/exitCode.js';
import { root } from '../../support/process.js';
import { openDesk } from './desk.js';

const page = await readFile(`${root}/docs/command.md`, 'utf8');

/** The code in the first column of the table under a heading. */
const namesUnder = (heading: string): string[] =>
  (page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '')
    .split('\n')
    .filter((line) => /^\| [`\d]/.test(line))
    .flatMap((line) => (line.split(' | ')[0] ?? '').replace(/^\| /, '').split(/`, `|`/))
    .filter((name) => name !== '');

test('the page lists every command and no other', async () => {
  const { run } = await openDesk();
  const { out } = await run(['--help']);
  const known = [...out.matchAll(/^ {2}([a-z-]+) +(?:\[options\]|the flags)/gm)].map(([, name]) => name ?? '');
  const listed = namesUnder('Commands').map((text) => text.split(' ')[0] ?? '');
  expect(known.length).toBeGreaterThan(20);
  expect([...new Set(listed)].sort()).toEqual([...known].sort());
});

test('the page lists every exit code and every variable', () => {
  expect(namesUnder('Exit codes').map(Number)).toEqual(Object.values(exitCodes));
  for (const variable of Object.values(variables)) expect(page).toContain(`\`${variable}\``);
});
