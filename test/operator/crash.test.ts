import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileJournal } from '@lighthouse-compat/operator';
import { type JournalRecord, parsePlan, percentOf, targetOf } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { serveChain } from '../sdk/migration/migration.js';
import { type FakeEngine, startFakeEngine } from '../support/fakeEngine.js';
import { runProgram } from '../support/process.js';
import { type CrashOrder, crashPlan } from './crash/order.js';

type Told = { readonly [key: string]: unknown };

/** A place for a journal and a latch, empty or with what another one had when it was last written, between two engines. */
async function openCrash(from?: string) {
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

  async function run(
    rest: Partial<CrashOrder> = {},
  ): Promise<{ told: readonly Told[]; signal: string | null; code: number | null }> {
    const order: CrashOrder = {
      v4: of(v4),
      v5: of(v5),
      journalFile,
      latchFile: join(folder, 'latch'),
      dieAt: null,
      rollBackIn: null,
      clear: false,
      wait: false,
      startMs,
      firstBlock,
      ...rest,
    };
    const program = runProgram('test/dist/operator/crash/controlled.js', [JSON.stringify(order)]);
    const { code, signal } = await program.exited;
    // Time and chain go on, whatever became of the process.
    startMs += 10_000_000;
    firstBlock += 10_000;
    const lines = program
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    if (code !== 0 && signal === null && !program.output().includes('refused')) throw new Error(program.output());
    return { told: lines.map((line) => JSON.parse(line) as Told), signal, code };
  }
  return {
    run,
    folder,
    journalFile,
    start: (rest: Partial<CrashOrder>) =>
      runProgram('test/dist/operator/crash/controlled.js', [
        JSON.stringify({
          v4: of(v4),
          v5: of(v5),
          journalFile,
          latchFile: join(folder, 'latch'),
          dieAt: null,
          rollBackIn: null,
          clear: false,
          wait: true,
          startMs,
          firstBlock,
          ...rest,
        }),
      ]),
    async journal(): Promise<readonly JournalRecord[]> {
      const journal = fileJournal({ path: journalFile });
      const { records } = await journal.open();
      await journal.close();
      return records;
    },
  };
}

const plan = parsePlan(crashPlan);

/** Whatever happened, no record is missing, and no share was ever reached but step by step. */
function expectSound(records: readonly JournalRecord[]): void {
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_record, at) => at + 1));
  let before = 0;
  for (const { state } of records) {
    const percent = percentOf(targetOf(state));
    expect(percent - before).toBeLessThanOrEqual(plan.incrementPoints);
    if (state.kind === 'gradual') expect(percent).toBeLessThanOrEqual(state.target);
    before = percent;
  }
}

const modeOf = (record: JournalRecord | undefined): Told => {
  const target = record === undefined ? ({ kind: 'v4_only' } as const) : targetOf(record.state);
  return (target.kind === 'latched' ? { kind: 'v4_only' } : target) as Told;
};

test('killed at every write of a whole migration, before it and between it and its effect, it takes up where the journal ends and comes to the end', async () => {
  const { run, journal } = await openCrash();
  for (let life = 0; ; life += 1) {
    const left = await journal();
    const dieAt = life % 2 === 0 ? 'before write 1' : 'after write 1';
    const { told, signal } = await run({ dieAt });
    // What the journal ends with is what calls go by, whether its effect had come about or not.
    expect(told[0], `life ${life}`).toMatchObject({
      opened: left.at(-1)?.state.kind ?? 'pre_migration',
      records: left.length,
      damage: null,
      mode: modeOf(left.at(-1)),
      latch: null,
    });
    const records = await journal();
    expectSound(records);
    if (signal === null) {
      // There was nothing left to write.
      expect(told.at(-1)).toMatchObject({ ended: { success: true, rollbacksExecuted: 0 }, appends: 0 });
      expect(left.at(-1)?.state.kind).toBe('complete');
      expect(life).toBe(2 * left.length);
      return;
    }
    expect(signal).toBe('SIGKILL');
    expect(records).toHaveLength(left.length + (life % 2));
  }
}, 300_000);

/** A journal whose plan is at a gradual step. */
async function atGradual() {
  const crash = await openCrash();
  let before = await crash.journal();
  // One record a life, however many checks it takes.
  while (before.at(-1)?.state.kind !== 'gradual') {
    expect((await crash.run({ dieAt: 'after write 1' })).signal).toBe('SIGKILL');
    before = await crash.journal();
  }
  return { ...crash, before };
}

test('killed at every act and write of a rollback, it stays rolled back, and no effect of it is lost', async () => {
  const first = await atGradual();
  const places = ['before write 1', 'after write 1', 'before write 2', 'after write 2', 'after act 2', 'after act 3'];
  for (const dieAt of places) {
    const { run, journal } = await openCrash(first.folder);
    expect((await run({ rollBackIn: 'gradual', dieAt })).signal, dieAt).toBe('SIGKILL');
    const left = await journal();
    const again = await run({ dieAt: 'after write 4' });
    if (again.told[0]?.['latch'] === null) {
      // Before its latch was on disk nothing of the rollback had come about.
      expect(left, dieAt).toEqual(first.before);
      continue;
    }
    expect(again.told[0], dieAt).toMatchObject({ latch: 'crash test', mode: { kind: 'v4_only' } });
    expect(again.told.at(-1), dieAt).toMatchObject({
      ended: { success: false, rollbackReason: 'crash test', rollbacksExecuted: 1 },
      latch: 'crash test',
    });
    const records = await journal();
    expectSound(records);
    expect(
      records.slice(-2).map(({ state }) => state.kind),
      dieAt,
    ).toEqual(['rolling_back', 'rolled_back']);
  }
}, 300_000);

test('killed while a rollback is being cleared, the next process finishes it', async () => {
  const first = await atGradual();
  await first.run({ rollBackIn: 'gradual' });
  // A process that takes a rollback up has told it once more, and set v4, before it is cleared.
  for (const dieAt of ['after write 1', 'after act 3', 'after act 4']) {
    const { run, journal } = await openCrash(first.folder);
    expect((await run({ clear: true, dieAt })).signal, dieAt).toBe('SIGKILL');
    expect((await journal()).at(-1)).toMatchObject({ event: { type: 'clear' }, state: { kind: 'pre_migration' } });
    // By now the latch is lifted and v4 answers: a start would find nothing in its way.
    const again = await run({ dieAt: 'after write 1' });
    expect(again.told[0], dieAt).toMatchObject({ opened: 'pre_migration', latch: null, mode: { kind: 'v4_only' } });
    expect((await journal()).at(-1)?.state.kind, dieAt).toBe('parallel_testing');
  }
}, 120_000);

test("while one controller lives a second one refuses to start; killed, it stands in nobody's way", async () => {
  const { run, start } = await openCrash();
  const first = start({});
  await first.writes(/"opened"/);
  expect(await run({ wait: true })).toMatchObject({ code: 3, told: [{ refused: 'JOURNAL_LOCKED' }] });
  first.child.kill('SIGKILL');
  await first.exited;
  const third = start({});
  await third.writes(/"opened":"pre_migration"/);
}, 60_000);

test('a write that the machine cut off in its middle is told, and the plan goes on from the record before it', async () => {
  const { run, journal, journalFile } = await openCrash();
  await run({ dieAt: 'after write 3' });
  await appendFile(journalFile, '0123456789abcdef {"seq":4,"atMs":17');
  const again = await run();
  expect(again.told[0]).toMatchObject({ records: 3, damage: expect.stringContaining('after record 3') });
  expect(again.told.at(-1)).toMatchObject({ ended: { success: true } });
  expectSound(await journal());
}, 60_000);
