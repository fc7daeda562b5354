import { flagKeys } from '@lighthouse-compat/flag-provider';
import { unleashActuator } from '@lighthouse-compat/operator';
import { type JournalRecord, percentOf, type SettableTarget, targetOf } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { type FlagsReading, readShape } from '../../packages/operator/src/unleash/flagsReading.js';
import { isSameShape, shapeOf } from '../../packages/operator/src/unleash/flagsShape.js';
import { flagsInPlace } from '../../packages/operator/src/unleash/ownedFlags.js';
import { leaseUnleashFlags, type UnleashFlags } from '../support/unleashFlags.js';
import { openCrashPlace } from './crash/place.js';
import type { UnleashCrashCommand } from './crash/unleashOrder.js';

const { lighthouseV5: master, lighthouseV5Primary: primary } = flagKeys;

let unleash: UnleashFlags['unleash'];
let person: UnleashFlags['person'];
let where: UnleashFlags['where'];
leaseUnleashFlags((flags) => {
  ({ unleash, person, where } = flags);
});

/** Sets the flags as a migration that goes by this has left them. */
async function setFlags(target: SettableTarget): Promise<void> {
  const compat = {
    latch: null,
    migrationMode: { kind: 'v4_only' } as const,
    rollback: async () => {},
    clearLatch: async () => {},
  };
  await unleashActuator({ admin: person, ...where, compat }).reset(target);
  await person.switchFlag({ ...where, flagKey: master }, 'on');
}
const read = async (): Promise<FlagsReading> => readShape(await flagsInPlace({ admin: person, ...where }).read());
async function move(percent: number): Promise<void> {
  const [strategy] = (await person.readFlag({ ...where, flagKey: primary }))?.strategies ?? [];
  if (strategy === undefined) throw new Error('no strategy');
  await person.setRollout({ ...where, flagKey: primary }, strategy, percent);
}

type Status = {
  readonly kind: string;
  readonly percent: number;
  readonly held: string | null;
  readonly latch: string | null;
};
type Told = { readonly opened?: Status; readonly ended?: Status; readonly did?: string };

/** A service whose migration acts through Unleash, which lives as often as it is run. */
async function openCrash(from?: string) {
  const { live, ...place } = await openCrashPlace(from);
  return {
    ...place,
    async run(rest: Partial<UnleashCrashCommand> = {}) {
      const { apiUrl, adminToken } = unleash;
      const idle: UnleashCrashCommand = { apiUrl, adminToken, ...where, dieAt: null, person: null, onlyOpen: false };
      const { lines, signal, code, output } = await live<Told>('test/dist/operator/crash/unleashControlled.js', {
        ...idle,
        ...rest,
      });
      if (code !== 0 && signal === null) throw new Error(output);
      return { told: Object.assign({}, ...lines) as Told, signal };
    },
  };
}

/** What a journal's end wants of the flags. */
function wantedBy(records: readonly JournalRecord[]): SettableTarget {
  const last = records.at(-1);
  const target = last === undefined ? ({ kind: 'v4_only' } as const) : targetOf(last.state);
  return target.kind === 'latched' ? { kind: 'v4_only' } : target;
}

async function expectAgreement(records: readonly JournalRecord[], what: string): Promise<void> {
  expect((await read()).shape, what).toEqual(shapeOf(wantedBy(records)));
}

test("killed before and after every write to Unleash of a whole migration, it takes up what is left of it, takes nothing for a person's, and comes to the end", async () => {
  const { run, journal } = await openCrash();
  const shapes = [(await read()).shape];
  for (let life = 0; ; life += 1) {
    const dieAt = life % 2 === 0 ? 'before write 1' : 'after write 1';
    const { told, signal } = await run({ dieAt });
    const { shape } = await read();
    if (shape === null) throw new Error(`life ${life}: the flags are in no shape`);
    if (told.opened !== undefined) expect(told.opened.held, `life ${life}`).toBeNull();
    const last = shapes.at(-1);
    // Before a write nothing has changed, after it one thing has.
    const hasChanged = last === null || last === undefined || !isSameShape(last, shape);
    expect(hasChanged, `life ${life}`).toBe(signal !== null && dieAt.startsWith('after'));
    if (hasChanged) shapes.push(shape);
    if (signal !== null) continue;
    expect(told.ended).toMatchObject({ kind: 'complete', percent: 100, held: null });
    await expectAgreement(await journal(), 'at the end');
    // On, three for the canary, three shares: seven writes, each with two deaths.
    expect(shapes).toHaveLength(8);
    expect(life).toBe(14);
    break;
  }
  const shares = (await journal()).map(({ state }) => percentOf(targetOf(state)));
  expect([...new Set(shares)]).toEqual([0, 10, 30, 75, 100]);
}, 300_000);

/** A journal that ends at a share of 30 % that has been applied, and flags that say so. */
async function atGradual() {
  const crash = await openCrash();
  while ((await crash.journal()).at(-1)?.state.kind !== 'gradual') await crash.run({ dieAt: 'after write 1' });
  // The act of the last record, noted.
  await crash.run({ onlyOpen: true });
  await expectAgreement(await crash.journal(), 'gradual');
  return crash;
}

test('killed around every write of a rollback, it is rolled back by the next process, and everything is off', async () => {
  const first = await atGradual();
  for (const place of ['before write 1', 'after write 1', 'before write 2', 'after write 2', 'after write 3']) {
    await setFlags({ kind: 'canary', percent: 30 });
    const { run, journal } = await openCrash(first.folder);
    const rollback = { inState: 'gradual', does: 'rollback' } as const;
    expect((await run({ person: rollback, dieAt: place })).signal, place).toBe('SIGKILL');
    const again = await run({ person: { inState: 'never', does: 'rollback' } });
    if (again.told.opened?.latch === null) {
      // Its latch was not on disk yet: the plan is where it was, and held if the switch was off already.
      expect(again.told.opened, place).toMatchObject({ kind: 'gradual', percent: 30 });
      // Of two requests that are under way the first need not have arrived.
      if (place === 'after write 1') expect(again.told.opened.held).toContain('lighthouse_v5 is off');
      if (place === 'before write 1') expect(again.told.opened.held).toBeNull();
      continue;
    }
    expect(again.told, place).toMatchObject({
      opened: { latch: 'crash test' },
      ended: { kind: 'rolled_back', latch: 'crash test' },
    });
    const { isMasterOn } = await read();
    expect(isMasterOn, place).toBe(false);
    await expectAgreement(await journal(), place);
  }
}, 300_000);

test('killed around every write of finalizing, the next process ends it', async () => {
  const first = await openCrash();
  await first.run();
  expect((await first.journal()).at(-1)?.state.kind).toBe('complete');
  for (const place of [
    'before write 1',
    'after write 1',
    'before write 2',
    'after write 2',
    'before write 3',
    'after write 3',
  ]) {
    await setFlags({ kind: 'canary', percent: 100 });
    const { run, journal } = await openCrash(first.folder);
    const finalize = { inState: 'complete', does: 'finalize' } as const;
    expect((await run({ person: finalize, dieAt: place })).signal, place).toBe('SIGKILL');
    expect((await run({ onlyOpen: true })).told.opened, place).toMatchObject({ kind: 'finalized', held: null });
    await expectAgreement(await journal(), place);
  }
}, 300_000);

test('what a person sets while the process is away is found, and stays until it is adopted or reset, wherever the process was killed', async () => {
  const first = await atGradual();
  // 10 is where the share was before 30: somebody has gone one step back.
  for (const [place, percent] of [
    ['before write 1', 42],
    ['after write 1', 42],
    ['noted', 10],
  ] as const) {
    await setFlags({ kind: 'canary', percent: 30 });
    const { run, journal, folder } = await openCrash(first.folder);
    if (place !== 'noted') expect(await run({ dieAt: place }), place).toMatchObject({ signal: 'SIGKILL' });
    await move(percent);
    const found = await run({ onlyOpen: true });
    const what = `${place}, ${percent} %`;
    expect(found.told.opened?.held, what).toContain(`lighthouse_v5_primary is at ${percent} %`);
    expect((await read()).shape, what).toEqual(shapeOf({ kind: 'canary', percent }));

    const { run: runCopy, journal: journalCopy } = await openCrash(folder);
    const adopted = await run({ person: { inState: 'gradual', does: 'adopt' } });
    expect(adopted.told, what).toMatchObject({ did: 'applied', ended: { percent, held: null } });
    await expectAgreement(await journal(), what);

    // The same in another life, with a reset in its place that is killed in the middle.
    if (place !== 'after write 1') continue;
    const reset = { inState: 'gradual', does: 'reset' } as const;
    expect((await runCopy({ person: reset, dieAt: 'before write 1' })).signal, what).toBe('SIGKILL');
    expect((await read()).shape, what).toEqual(shapeOf({ kind: 'canary', percent }));
    expect((await runCopy({ onlyOpen: true })).told.opened?.held, what).toContain(`at ${percent} %`);
    expect((await runCopy({ person: reset })).told, what).toMatchObject({ did: 'applied', ended: { held: null } });
    await expectAgreement(await journalCopy(), what);
  }
}, 300_000);
