import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';

const page = await readFile(`${root}/docs/modes.md`, 'utf8');

/** The members of a union of texts, read from where it is declared. */
async function membersOf(name: string, file: string): Promise<string[]> {
  const source = await readFile(`${root}/packages/sdk/src/${file}`, 'utf8');
  const declaration = source.match(new RegExp(`export type ${name} =[\\s\\S]*?;\\n`))?.[0] ?? '';
  return [...declaration.matchAll(/'([A-Za-z0-9_]+)'/g)].map(([, member]) => member ?? '');
}

/** The names in a table: what stands in code in the given column, under a heading. */
function namesIn(heading: string, column: number): string[] {
  const section = page.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) =>
      [...(line.split('|')[column] ?? '').matchAll(/`([A-Za-z0-9_]+)`/g)].map(([, name]) => name ?? ''),
    );
}

test('the page lists every reason of a decision, and no other', async () => {
  const reasons = await membersOf('DecisionReason', 'selection/select.ts');
  expect(reasons.length).toBeGreaterThan(4);
  expect(namesIn('How a call is decided', 2).sort()).toEqual(reasons.sort());
});

test('the page lists every verdict, and no other', async () => {
  const verdicts = await membersOf('Verdict', 'comparison/verdict.ts');
  expect(verdicts.length).toBeGreaterThan(4);
  expect(namesIn('Verdicts', 1).sort()).toEqual(verdicts.sort());
});

test('every mode has a section with a diagram, and a row for the shared engine', async () => {
  const kinds = await membersOf('MigrationMode', 'selection/migrationMode.ts');
  expect(kinds).toContain('canary');
  expect(kinds.length).toBeGreaterThan(4);
  for (const kind of kinds) {
    const section = page.split(/^### /m).find((text) => text.startsWith(`\`${kind}\`\n`));
    expect(section, kind).toContain('```mermaid');
  }
  expect(namesIn('One shared engine', 1)).toEqual(expect.arrayContaining(kinds));
});

test('the page names every state of an engine', async () => {
  const states = await membersOf('Readiness', 'selection/readiness.ts');
  expect(states.length).toBeGreaterThan(1);
  for (const state of [...states, 'unfed']) expect(page).toContain(`\`${state}\``);
});

test('every diagram begins with a type that Mermaid has', () => {
  const diagrams = [...page.matchAll(/```mermaid\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');
  expect(diagrams.length).toBeGreaterThan(7);
  for (const diagram of diagrams) expect(diagram).toMatch(/^(?:sequenceDiagram|flowchart (?:LR|TB)|stateDiagram-v2)\n/);
});
