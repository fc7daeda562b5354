import { appendFile } from 'node:fs/promises';
import { type JournalRecord, parsePlan, percentOf, targetOf } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { type CrashCommand, crashPlan } from './crash/order.js';
import { openCrashPlace } from './crash/place.js';

type Told = { readonly [key: string]: unknown };

const idle: CrashCommand = { dieAt: null, rollBackIn: null, clear: false, wait: false };

/** A service with a controller, which lives as often as it is run. */
async function openCrash(from?: string) {
  const { live, start, ...place } = await openCrashPlace(from);
  const program = 'test/dist/operator/crash/controlled.js';
  return {
    ...place,
    async run(rest: Partial<CrashCommand> = {}) {
      const { lines, signal, code, output } = await live<Told>(program, { ...idle, ...rest });
      if (code !== 0 && signal === null && !output.includes('refused')) throw new Error(output);
      return { told: lines, signal, code };
    },
    start: (rest: Partial<CrashCommand>) => start(program, { ...idle, wait: true, ...rest }),
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
