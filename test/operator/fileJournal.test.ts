import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileJournal } from '@lighthouse-compat/operator';
import type { JournalRecord } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { states } from '../sdk/migration/samples.js';

async function journalPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'migration.journal');
}

const recordOf = (seq: number): JournalRecord => ({
  seq,
  atMs: 1_000 * seq,
  event: { type: 'hold', by: 'ada', why: `é ${'x'.repeat(seq % 7)}\n"` },
  state: states.canary,
});

async function written(path: string, count: number): Promise<readonly JournalRecord[]> {
  const journal = fileJournal({ path });
  await journal.open();
  const records = Array.from({ length: count }, (_none, n) => recordOf(n + 1));
  for (const record of records) await journal.append(record);
  await journal.close();
  return records;
}

async function readAgain(path: string) {
  const journal = fileJournal({ path });
  try {
    return await journal.open();
  } finally {
    await journal.close();
  }
}

test('what was written is read again by the next process, and goes on from there', async () => {
  const path = await journalPath();
  expect(await readAgain(path)).toEqual({ records: [], damage: null });
  const records = await written(path, 3);
  const journal = fileJournal({ path });
  expect(await journal.open()).toEqual({ records, damage: null });
  await journal.append(recordOf(4));
  await journal.close();
  expect((await readAgain(path)).records).toHaveLength(4);
});

test('while one controller has it a second one is refused, in the same process too, and may have it afterwards', async () => {
  const path = await journalPath();
  const [first, second] = [fileJournal({ path }), fileJournal({ path })];
  await first.open();
  await expect(second.open()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED', path: `${path}.lock` });
  await expect(first.open()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
  await first.append(recordOf(1));
  await first.close();
  expect((await second.open()).records).toHaveLength(1);
  await second.close();
});

test('wherever the last record is cut off, the ones before it are whole, and the loss is told and kept', async () => {
  const path = await journalPath();
  await written(path, 3);
  const whole = await readFile(path);
  const start = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  for (let length = start; length < whole.length; length += 1) {
    await writeFile(path, whole.subarray(0, length));
    const { records, damage } = await readAgain(path);
    expect(records).toHaveLength(2);
    if (length === start) expect(damage).toBeNull();
    else expect(damage).toContain(`the last ${length - start} bytes`);
    expect(await readAgain(path)).toEqual({ records, damage: null });
  }
  expect((await readFile(`${path}.damaged`)).length).toBeGreaterThan(0);
});

test('a last record that has changed is cut off, and one before it is refused: no byte may change unseen', async () => {
  const path = await journalPath();
  await written(path, 3);
  const whole = await readFile(path);
  const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const spoilt = Buffer.from(whole);
      spoilt[at] = (spoilt[at] as number) ^ change;
      await writeFile(path, spoilt);
      const outcome = await readAgain(path).catch((error: { code?: unknown }) => error.code);
      if (outcome === 'JOURNAL_DAMAGED') return at < lastLine || spoilt[at] === 0x0a;
      const { records, damage } = outcome as Awaited<ReturnType<typeof readAgain>>;
      return damage !== null && records.length < 3 && (at >= lastLine || records.length === 1);
    }),
    { numRuns: 100 },
  );
});

test('a record that is missing in the middle is refused, though every line is whole', async () => {
  const path = await journalPath();
  await written(path, 4);
  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [lines[0], lines[2], lines[3], ''].join('\n'));
  await expect(readAgain(path)).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED', path });
});

test('a record out of turn, and one into a closed journal, are refused', async () => {
  const path = await journalPath();
  const journal = fileJournal({ path });
  await expect(journal.append(recordOf(1))).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  await journal.open();
  await expect(journal.append(recordOf(2))).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  await journal.append(recordOf(1));
  await journal.close();
});

test('a folder that is not there, a folder in its place, and no path at all are typed errors, and nothing is left locked', async () => {
  const path = await journalPath();
  await expect(readAgain(join(path, 'missing', 'x'))).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  const folder = join(path, '..');
  await expect(readAgain(folder)).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  expect(() => fileJournal({ path: '' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', path: 'path' }));
  await rm(`${folder}.lock`, { force: true });
});

test('a record that has been damaged is not read as the end of an older journal: what follows a cut is written there', async () => {
  const path = await journalPath();
  await written(path, 2);
  await appendFile(path, 'half a rec');
  const journal = fileJournal({ path });
  await journal.open();
  await journal.append(recordOf(3));
  await journal.close();
  expect((await readAgain(path)).records.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  await truncate(path, 0);
  expect(await readAgain(path)).toEqual({ records: [], damage: null });
});
