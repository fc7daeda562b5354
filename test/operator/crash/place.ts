import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileJournal } from '@lighthouse-compat/operator';
import type { JournalRecord } from '@lighthouse-compat/sdk';
import { onTestFinished } from 'vitest';
import { serveChain } from '../../sdk/migration/migration.js';
import { type FakeEngine, startFakeEngine } from '../../support/fakeEngine.js';
import { runProgram } from '../../support/process.js';
import type { CrashPlace } from './order.js';

/** How a process has ended, and what it wrote down, a line of JSON each. */
export type Life<T> = {
  readonly lines: readonly T[];
  readonly signal: string | null;
  readonly code: number | null;
  readonly output: string;
};

/** A folder for a journal and a latch, empty or with what another one had when it was last written, between two engines; a process may live there as often as is wanted. */
export async function openCrashPlace(from?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'crash-'));
  if (from !== undefined) await cp(from, folder, { recursive: true });
  onTestFinished(() => rm(folder, { recursive: true }));
  const [v4, v5] = await Promise.all([startFakeEngine(), startFakeEngine()]);
  onTestFinished(async () => {
    await Promise.all([v4.stop(), v5.stop()]);
  });
  for (const engine of [v4, v5]) serveChain(engine);
  const of = ({ url, secret }: FakeEngine) => ({ url, secret: Buffer.from(secret).toString('hex') });
  // A copy goes on after what it was copied from.
  let [startMs, firstBlock] = from === undefined ? [Date.now(), 2] : [Date.now() + 500_000_000, 1_000_000];
  const journalFile = join(folder, 'migration.journal');

  /** Starts a built program with its order, which is completed with the place. */
  function start(program: string, order: object): ReturnType<typeof runProgram> {
    const place: CrashPlace = {
      v4: of(v4),
      v5: of(v5),
      journalFile,
      latchFile: join(folder, 'latch'),
      startMs,
      firstBlock,
    };
    return runProgram(program, [JSON.stringify({ ...place, ...order })]);
  }

  return {
    folder,
    journalFile,
    start,
    /** The same to its end. */
    async live<T>(program: string, order: object): Promise<Life<T>> {
      const running = start(program, order);
      const { code, signal } = await running.exited;
      // Time and chain go on, whatever became of the process.
      startMs += 10_000_000;
      firstBlock += 10_000;
      const lines = running
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'));
      return { lines: lines.map((line) => JSON.parse(line) as T), signal, code, output: running.output() };
    },
    /** What the journal holds now. */
    async journal(): Promise<readonly JournalRecord[]> {
      const journal = fileJournal({ path: journalFile });
      const { records } = await journal.open();
      await journal.close();
      return records;
    },
  };
}
