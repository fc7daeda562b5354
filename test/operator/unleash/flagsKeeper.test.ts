import { type FlagKey, flagKeys } from '@lighthouse-compat/flag-provider';
import type { SettableTarget } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFlagsKeeper } from '../../../packages/operator/src/unleash/flagsKeeper.js';
import { readShape } from '../../../packages/operator/src/unleash/flagsReading.js';
import { shapeOf } from '../../../packages/operator/src/unleash/flagsShape.js';
import { flagsInPlace } from '../../../packages/operator/src/unleash/ownedFlags.js';
import { createMemoryAdmin } from './memoryAdmin.js';

const primary = flagKeys.lighthouseV5Primary;
const where = { project: 'default', environment: 'development' };

/** What a migration's plan may ask for; a person in these tests sets what no plan asks for. */
const anyTarget: fc.Arbitrary<SettableTarget> = fc.oneof(
  fc.constantFrom<SettableTarget>({ kind: 'v4_only' }, { kind: 'parallel' }, { kind: 'v5_only' }),
  fc.integer({ min: 1, max: 50 }).map((percent) => ({ kind: 'canary', percent }) as const),
);

class Killed extends Error {}
const never = () => false;

type Act =
  | { readonly kind: 'apply'; readonly target: SettableTarget; readonly dieAt: number | null }
  | { readonly kind: 'person'; readonly percent: number; readonly atWrite: number; readonly target: SettableTarget };

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      target: anyTarget,
      dieAt: fc.option(fc.integer({ min: 0, max: 9 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('person' as const),
      percent: fc.integer({ min: 60, max: 99 }),
      atWrite: fc.integer({ min: 0, max: 6 }),
      target: anyTarget,
    }),
  },
);

test('whenever a person moves the share, and wherever the process is killed, what the person has set stays until it is reset; otherwise the flags come to what is wanted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { minLength: 1, maxLength: 8 }), async (acts) => {
      let moments = 0;
      let onMoment = (_moment: number): void => {};
      const moment = (): void => {
        moments += 1;
        onMoment(moments);
      };
      const { admin, stateOf, change } = createMemoryAdmin({ before: moment, after: moment });
      change(flagKeys.lighthouseV5, { enabled: true });
      const flags = flagsInPlace({ admin, ...where });
      let keeper = createFlagsKeeper(flags);
      let journal: SettableTarget[] = [{ kind: 'v4_only' }];
      let byPerson: number | null = null;
      const move = (percent: number): void => {
        byPerson = percent;
        const [strategy] = stateOf(primary).strategies;
        if (strategy === undefined) throw new Error('no strategy');
        const parameters = { ...strategy.parameters, rollout: String(percent) };
        change(primary, { strategies: [{ ...strategy, parameters }] });
      };
      const percentNow = (): unknown => stateOf(primary).strategies[0]?.parameters['rollout'];

      for (const act of acts) {
        moments = 0;
        onMoment = (at) => {
          if (act.kind === 'apply' && at === act.dieAt) throw new Killed();
          if (act.kind === 'person' && at === act.atWrite) move(act.percent);
        };
        if (act.kind === 'person' && act.atWrite === 0) move(act.percent);
        // As a controller does: what is wanted is written down before it is acted on, and what is done after it.
        journal = [...journal, act.target];
        const failure = await keeper.apply(act.target, never).then(
          () => null,
          (error: unknown) => error,
        );
        if (byPerson !== null) {
          expect(percentNow()).toBe(String(byPerson));
          if (!(failure instanceof Killed)) expect(failure).toMatchObject({ code: 'DRIFT', path: primary });
          expect(await keeper.inspect()).toMatchObject({ drift: expect.stringContaining(`at ${byPerson} %`) });
        }
        if (failure === null) {
          journal = [act.target];
          expect(readShape(await flags.read()).shape).toEqual(shapeOf(act.target));
        }
        if (failure instanceof Killed) {
          keeper = createFlagsKeeper(flags);
          keeper.restore(journal);
        } else if (failure !== null) {
          await keeper.reset(act.target, never);
          byPerson = null;
          journal = [act.target];
          expect(readShape(await flags.read()).shape).toEqual(shapeOf(act.target));
        }
      }
    }),
    { numRuns: 1_000 },
  );
}, 60_000);

test('a newer act ends an older one before its next write', async () => {
  const { admin, stateOf, change } = createMemoryAdmin();
  change(flagKeys.lighthouseV5, { enabled: true });
  const keeper = createFlagsKeeper(flagsInPlace({ admin, ...where }));
  let reads = 0;
  const overAfter = (most: number) => () => {
    reads += 1;
    return reads > most;
  };
  await expect(keeper.apply({ kind: 'canary', percent: 5 }, overAfter(1))).rejects.toMatchObject({
    code: 'SUPERSEDED',
  });
  expect(stateOf(primary)).toMatchObject({ enabled: false, strategies: [{ parameters: { rollout: '5' } }] });
  await expect(keeper.reset({ kind: 'parallel' }, () => true)).rejects.toMatchObject({ code: 'SUPERSEDED' });
  await keeper.apply({ kind: 'v4_only' }, never);
  expect(stateOf(primary)).toMatchObject({ enabled: false, strategies: [{ parameters: { rollout: '0' } }] });
});

test('after a restart a share that was seen once is what it is, also while the master switch is off', async () => {
  const { admin, stateOf, change } = createMemoryAdmin();
  const flags = flagsInPlace({ admin, ...where });
  const canary = (percent: number) => ({ kind: 'canary', percent }) as const;
  change(primary, { enabled: true, ...withParameters({ rollout: '30' })(stateOf(primary)) });
  const keeper = createFlagsKeeper(flags);
  keeper.restore([canary(10), canary(30)]);
  await expect(keeper.apply(canary(30), never)).rejects.toMatchObject({ code: 'DRIFT', path: flagKeys.lighthouseV5 });
  // A person goes one step back, and switches the master on again.
  change(primary, withParameters({ rollout: '10' })(stateOf(primary)));
  change(flagKeys.lighthouseV5, { enabled: true });
  await expect(keeper.apply(canary(30), never)).rejects.toMatchObject({ code: 'DRIFT', path: primary });
});

test('a server that never shows what was written ends the act', async () => {
  const { admin, change } = createMemoryAdmin();
  change(flagKeys.lighthouseV5, { enabled: true });
  const changed = createMemoryAdmin().admin.setRollout;
  const flags = flagsInPlace({ admin: { ...admin, setRollout: changed }, ...where });
  const keeper = createFlagsKeeper(flags);
  // It answers well, and another reading shows the old share: for all that is known a person has set it back.
  await expect(keeper.apply({ kind: 'canary', percent: 5 }, never)).rejects.toMatchObject({ code: 'DRIFT' });
  const refusing = createFlagsKeeper({
    read: flags.read,
    write: () => admin.setRollout({ ...where, flagKey: primary }, { id: 'x' } as never, 5).then(() => {}),
  });
  await expect(refusing.apply({ kind: 'canary', percent: 5 }, never)).rejects.toMatchObject({ code: 'NOT_WRITTEN' });
});

test('v5 is given nothing while the master switch is off, or shares the keys out by itself; v4 is given everything all the same', async () => {
  const { admin, stateOf, change } = createMemoryAdmin();
  const flags = flagsInPlace({ admin, ...where });
  const keeper = createFlagsKeeper(flags);
  const master = flagKeys.lighthouseV5;
  await expect(keeper.apply({ kind: 'parallel' }, never)).rejects.toMatchObject({
    code: 'DRIFT',
    path: master,
    message: 'lighthouse_v5 is off, so that v4 answers everything',
  });
  const [strategy] = stateOf(master).strategies;
  if (strategy === undefined) throw new Error('no strategy');
  const half = { ...strategy, parameters: { ...strategy.parameters, rollout: '50' } };
  change(master, { enabled: true, strategies: [half] });
  await expect(keeper.apply({ kind: 'parallel' }, never)).rejects.toMatchObject({ code: 'DRIFT', path: master });
  await keeper.apply({ kind: 'v4_only' }, never);
  expect(stateOf(flagKeys.lighthouseParallelMode).enabled).toBe(false);
});

const oddities: readonly (readonly [
  what: string,
  flagKey: FlagKey,
  change: (flag: Flag) => Partial<Flag>,
  told: string,
])[] = [
  [
    'a second strategy',
    primary,
    ({ strategies: [one] }) => ({ strategies: [one as S, { ...(one as S), id: 'two' }] }),
    'strategies is 2',
  ],
  ['no strategy', primary, () => ({ strategies: [] }), 'strategies is none'],
  ['another groupId', primary, withParameters({ groupId: 'mine' }), 'groupId is mine'],
  ['another stickiness', primary, withParameters({ stickiness: 'random' }), 'stickiness is random'],
  ['a share that is no whole percentage', primary, withParameters({ rollout: '12.5' }), 'rollout is 12.5'],
  ['a constraint', primary, withStrategy({ constraints: [{ contextName: 'appName' }] }), 'constraints is 1'],
  ['a segment', primary, withStrategy({ segments: [7] }), 'segments is 1'],
  ['a disabled strategy', primary, withStrategy({ disabled: true }), 'disabled is true'],
  ['variants of a flag that has none', primary, withStrategy({ variants: [variant('x', 1_000)] }), 'variants x'],
  ['a rollout of the parallel mode', flagKeys.lighthouseParallelMode, withParameters({ rollout: '30' }), 'at 30 %'],
  ['another weight of a mode', flagKeys.lighthouseMigrationMode, reweighted, 'v5_only 10 %'],
];
type Flag = ReturnType<ReturnType<typeof createMemoryAdmin>['stateOf']>;
type S = Flag['strategies'][number];
function variant(name: string, weight: number): S['variants'][number] {
  return { name, weight, weightType: 'fix', stickiness: 'userId', payload: { type: 'string', value: name } };
}
function withStrategy(part: Partial<S>): (flag: Flag) => Partial<Flag> {
  return ({ strategies: [one] }) => ({ strategies: [{ ...(one as S), ...part }] });
}
function withParameters(part: S['parameters']): (flag: Flag) => Partial<Flag> {
  return (flag) => withStrategy({ parameters: { ...flag.strategies[0]?.parameters, ...part } })(flag);
}
function reweighted(flag: Flag): Partial<Flag> {
  const weights: Readonly<Record<string, number>> = { v4_only: 900, v5_only: 100 };
  const variants = (flag.strategies[0]?.variants ?? []).map((each) => ({ ...each, weight: weights[each.name] ?? 0 }));
  return withStrategy({ variants })(flag);
}

test.each(oddities)(
  '%s is drift: told, not written over, not adopted, and reset by a person',
  async (_what, flagKey, changed, told) => {
    const { admin, flags, stateOf, change } = createMemoryAdmin();
    change(flagKeys.lighthouseV5, { enabled: true });
    const keeper = createFlagsKeeper(flagsInPlace({ admin, ...where }));
    const target = { kind: 'canary', percent: 5 } as const;
    await keeper.apply(target, never);
    const before = new Map(flags);
    change(flagKey, changed(stateOf(flagKey)));
    const after = new Map(flags);

    const drift = expect.stringContaining(told);
    expect(await keeper.inspect()).toMatchObject({ drift });
    for (const wanted of [target, { kind: 'canary', percent: 10 }, { kind: 'v4_only' }] as const)
      await expect(keeper.apply(wanted, never)).rejects.toMatchObject({ code: 'DRIFT', path: flagKey, message: drift });
    expect(await keeper.adopt()).toMatchObject({ target: null, why: drift });
    expect(new Map(flags)).toEqual(after);

    await keeper.reset(target, never);
    expect(await keeper.inspect()).toMatchObject({ drift: null });
    for (const [key, { strategies, ...rest }] of flags)
      expect({ ...rest, strategies: strategies.map((each) => ({ ...each, id: '' })) }, key).toEqual({
        ...before.get(key),
        strategies: before.get(key)?.strategies.map((each) => ({ ...each, id: '' })),
      });
  },
);

test('a flag that depends on another cannot be reset from here, and says so', async () => {
  const { admin, change } = createMemoryAdmin();
  const keeper = createFlagsKeeper(flagsInPlace({ admin, ...where }));
  change(primary, { dependencies: ['mine'] });
  await expect(keeper.reset({ kind: 'v4_only' }, never)).rejects.toMatchObject({
    code: 'DRIFT',
    path: primary,
    message: expect.stringContaining('depends on mine'),
  });
});

test('a flag that is not there is told by its name', async () => {
  const { admin, flags } = createMemoryAdmin();
  flags.delete(primary);
  const keeper = createFlagsKeeper(flagsInPlace({ admin, ...where }));
  await expect(keeper.inspect()).rejects.toMatchObject({ code: 'FLAG_NOT_FOUND', path: primary });
});

test.each<[string, number, boolean, SettableTarget]>([
  ['a share', 33, true, { kind: 'canary', percent: 33 }],
  ['nothing, by the slider', 0, true, { kind: 'canary', percent: 0 }],
])('%s that a person has set is told as what the migration may go by', async (_what, percent, enabled, target) => {
  const { admin, stateOf, change } = createMemoryAdmin();
  change(flagKeys.lighthouseV5, { enabled: true });
  const keeper = createFlagsKeeper(flagsInPlace({ admin, ...where }));
  await keeper.apply({ kind: 'canary', percent: 5 }, never);
  change(primary, { enabled, ...withParameters({ rollout: String(percent) })(stateOf(primary)) });
  expect(await keeper.inspect()).toMatchObject({
    drift: `lighthouse_v5_primary is at ${percent} % in place of at 5 %`,
  });
  expect(await keeper.adopt()).toEqual({ target });
  // Going by it writes nothing, and ends the drift.
  await keeper.apply(target, never);
  expect(await keeper.inspect()).toMatchObject({ drift: null });
});

test('a flag that a person has switched off is no share to go by', async () => {
  const { admin, change } = createMemoryAdmin();
  change(flagKeys.lighthouseV5, { enabled: true });
  const keeper = createFlagsKeeper(flagsInPlace({ admin, ...where }));
  await keeper.apply({ kind: 'canary', percent: 5 }, never);
  change(primary, { enabled: false });
  expect(await keeper.adopt()).toEqual({ target: null, why: 'lighthouse_v5_primary is off in place of on' });
  change(flagKeys.lighthouseV5, { enabled: false });
  expect(await keeper.adopt()).toEqual({ target: null, why: expect.stringContaining('lighthouse_v5 is off') });
});
