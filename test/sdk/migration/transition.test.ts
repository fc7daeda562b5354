import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MigrationEvent, MigrationEventType, MigrationFacts } from '../../../packages/sdk/src/migration/event.js';
import type { HealthVerdict } from '../../../packages/sdk/src/migration/health/healthCheck.js';
import { parsePlan } from '../../../packages/sdk/src/migration/parsePlan.js';
import type { MigrationPlan } from '../../../packages/sdk/src/migration/plan.js';
import {
  freshStreak,
  type Held,
  initialState,
  type MigrationState,
  type MigrationStateKind,
} from '../../../packages/sdk/src/migration/state.js';
import { type Adoption, percentOf, targetOf } from '../../../packages/sdk/src/migration/target.js';
import { createTransition } from '../../../packages/sdk/src/migration/transition.js';
import { check, checkOf, compared, events, evidence, fine, states } from './samples.js';

const plan = parsePlan({ firstStepMs: 6_000, stepMs: 2_000, parallel: { expectedMs: 2_000 } });
const transition = createTransition(plan);

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
};

/** The state that each event leads to from each state when nothing is in the way; null: refused. */
const expected: Readonly<Record<MigrationStateKind, Readonly<Record<MigrationEventType, MigrationStateKind | null>>>> =
  (() => {
    const nothing = {
      start: null,
      hold: null,
      release: null,
      pause: null,
      resume: null,
      promote: null,
      rollback: null,
      abort: null,
      latched: null,
      verified: null,
      unverified: null,
      retry: null,
      clear: null,
      finalize: null,
      adopt: null,
    } as const;
    const back = { rollback: 'rolling_back', abort: 'rolling_back', latched: 'rolling_back' } as const;
    const stays = <K extends MigrationStateKind>(kind: K) =>
      ({ hold: kind, pause: kind, check: kind, reset: kind }) as const;
    const goesOn = { adopt: 'gradual' } as const;
    return {
      pre_migration: { ...nothing, ...back, ...stays('pre_migration'), start: 'parallel_testing' },
      parallel_testing: {
        ...nothing,
        ...back,
        ...stays('parallel_testing'),
        ...goesOn,
        check: 'canary',
        promote: 'canary',
      },
      canary: { ...nothing, ...back, ...stays('canary'), ...goesOn, promote: 'gradual' },
      gradual: { ...nothing, ...back, ...stays('gradual'), ...goesOn, promote: 'gradual' },
      completing: { ...nothing, ...back, ...stays('completing'), ...goesOn, check: 'complete' },
      complete: { ...nothing, ...back, ...stays('complete'), ...goesOn, finalize: 'finalized' },
      finalized: { ...nothing, check: 'finalized', reset: 'finalized' },
      rolling_back: {
        ...nothing,
        check: 'rolling_back',
        reset: 'rolling_back',
        verified: 'rolled_back',
        unverified: 'rollback_failed',
      },
      rolled_back: { ...nothing, check: 'rolled_back', reset: 'rolled_back', clear: 'pre_migration' },
      rollback_failed: { ...nothing, check: 'rollback_failed', reset: 'rollback_failed', retry: 'rolling_back' },
    };
  })();

const kinds = Object.keys(states) as MigrationStateKind[];
const types = Object.keys(events) as MigrationEventType[];
const everyPair = kinds.flatMap((kind) => types.map((type) => [kind, type] as const));

test.each(everyPair)('from %s, %s leads where the rules say, or is refused with a reason', (kind, type) => {
  const result = transition(deepFreeze(states[kind]), deepFreeze(events[type]), 1_000);
  const to = expected[kind][type];
  expect(result.applied ? result.state.kind : null).toBe(to);
  if (result.applied) return;
  expect(result.state).toBe(states[kind]);
  expect(result.refusal.message).not.toBe('');
});

const helds: readonly (Held | null)[] = [
  null,
  { kind: 'hold', by: 'ada', why: 'lunch', sinceMs: 1_000 },
  { kind: 'hold', by: null, why: 'FLAGS_UNKNOWN: stale', sinceMs: 1_000 },
  { kind: 'pause', by: 'ada', why: 'night', sinceMs: 1_000 },
  { kind: 'pause', by: null, why: 'no data', sinceMs: 1_000 },
];
const factsOf: readonly MigrationFacts[] = [
  fine,
  { ...fine, v4InStep: false },
  { ...fine, isPastFork: true },
  { ...fine, blockers: [{ code: 'DRIFT', why: 'a person changed a flag' }] },
];
const verdicts: readonly HealthVerdict[] = ['pass', 'fail', 'inconclusive', 'no_data'];

/** Every state, held in every way and with every streak, and every event in every variant: some 20,000 pairs. */
function* everything(): Generator<readonly [MigrationState, MigrationEvent]> {
  for (const kind of kinds)
    for (const held of helds)
      for (const fails of [0, 2, 3])
        for (const reachedMs of [null, 1_000]) {
          const base: MigrationState = {
            ...states[kind],
            held,
            streak: { fails, unsureSinceMs: fails === 2 ? 0 : null },
          };
          const state = base.kind === 'canary' || base.kind === 'gradual' ? { ...base, reachedMs } : base;
          for (const type of types)
            for (const facts of factsOf) {
              if (type !== 'check') {
                const event = events[type];
                yield [state, 'facts' in event ? ({ ...event, facts } as MigrationEvent) : event];
                if ('force' in event) yield [state, { ...event, facts, force: true }];
                continue;
              }
              for (const verdict of verdicts)
                for (const isCritical of [false, true])
                  for (const parallel of [null, compared, { ...compared, compared: 1 }])
                    yield [state, { type, check: checkOf(verdict, isCritical), facts, parallel }];
            }
        }
}

const isExposed = (state: MigrationState): boolean => percentOf(targetOf(state)) > 0;

test('over every state, hold and event it is total and pure, and v5 gets more only by a passing check, a start, a promotion or a person who finalizes or has set more already', () => {
  let pairs = 0;
  for (const [state, event] of everything()) {
    for (const nowMs of [1_000, 1_000_000]) {
      pairs += 1;
      const before = JSON.stringify(state);
      const one = transition(state, event, nowMs);
      expect(transition(state, event, nowMs)).toEqual(one);
      expect(JSON.stringify(state)).toBe(before);
      expect(JSON.parse(JSON.stringify(one.state))).toEqual(one.state);
      if (!one.applied) {
        expect(one.state).toBe(state);
        continue;
      }
      const more = percentOf(targetOf(one.state)) - percentOf(targetOf(state));
      // What a person has set is in force before it is adopted.
      if (event.type === 'adopt') continue;
      expect(more).toBeLessThanOrEqual(plan.incrementPoints);
      const isUp = more > 0 || (one.state.kind !== state.kind && one.state.kind === 'complete');
      if (!isUp) continue;
      expect(['check', 'promote', 'finalize']).toContain(event.type);
      if (event.type === 'check') expect(event.check).toMatchObject({ verdict: 'pass', isCritical: false });
      if ('facts' in event && event.type !== 'finalize') expect(event.facts).toEqual(fine);
      expect(state.held?.by ?? null).toBeNull();
      expect(state.held?.kind).not.toBe('pause');
    }
  }
  expect(pairs).toBeGreaterThan(30_000);
});

test('a failing check in any state in which v5 answers leads to a rollback, held or not, or to a critical alarm that says why not', () => {
  for (const [state, event] of everything()) {
    if (event.type !== 'check' || !(event.check.isCritical || event.check.verdict === 'fail')) continue;
    const isDue = event.check.isCritical || state.streak.fails >= 2;
    if (!isDue || !(isExposed(state) || state.kind === 'parallel_testing') || state.kind === 'finalized') continue;
    const result = transition(state, event, 1_000);
    if (!result.applied) throw new Error('a check always applies');
    if (event.facts.v4InStep && !event.facts.isPastFork) {
      expect(result.state.kind).toBe('rolling_back');
      expect(result.effects.map(({ type }) => type)).toEqual(['latch', 'verify']);
    } else {
      expect(result.state.kind).toBe(state.kind);
      expect(result.state.held).not.toBeNull();
      expect(result.effects).toMatchObject([{ type: 'alarm', level: 'critical', code: 'ROLLBACK_IMPOSSIBLE' }]);
    }
  }
});

test('every state before finalized can reach rolled_back', () => {
  for (const kind of kinds) {
    if (kind === 'finalized') continue;
    let state: MigrationState = states[kind];
    const retry = transition(state, events.retry, 2_000);
    if (retry.applied) state = retry.state;
    const rollback = transition(state, { ...events.rollback, force: true, facts: { ...fine, v4InStep: false } }, 2_000);
    if (rollback.applied) state = rollback.state;
    const ended = transition(state, events.verified, 3_000);
    if (ended.applied) state = ended.state;
    expect(state.kind, kind).toBe('rolled_back');
  }
});

const facts = fc.constantFrom(...factsOf, fine, fine, fine);
const anyAdoption: fc.Arbitrary<Adoption> = fc.oneof(
  fc.double({ min: -1, max: 101 }).map((percent) => ({ target: { kind: 'canary', percent } }) as const),
  fc.integer({ min: -1, max: 101 }).map((percent) => ({ target: { kind: 'canary', percent } }) as const),
  fc.constantFrom<Adoption>(
    { target: { kind: 'parallel' } },
    { target: { kind: 'v5_only' } },
    { target: null, why: 'a second strategy' },
  ),
);
const anyEvent: fc.Arbitrary<MigrationEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        verdict: fc.constantFrom(...verdicts, 'pass' as const),
        facts,
        parallel: fc.constantFrom(compared, { ...compared, compared: 10 }, null),
      })
      .map(({ verdict, ...rest }) => check(verdict, rest)),
  },
  { weight: 1, arbitrary: facts.map((around) => check('fail', { check: checkOf('fail', true), facts: around })) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(...types.filter((type) => type !== 'check')).chain((type) =>
      fc.record({ facts, force: fc.boolean() }).map(({ facts: around, force }) => {
        const event = events[type];
        return {
          ...event,
          ...('facts' in event ? { facts: around } : {}),
          ...('force' in event ? { force } : {}),
        } as MigrationEvent;
      }),
    ),
  },
  { weight: 1, arbitrary: anyAdoption.map((found) => ({ ...events.adopt, found })) },
);

const anyPlan: fc.Arbitrary<MigrationPlan> = fc
  .record({
    steps: fc
      .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 })
      .map((steps) => [...steps.sort((a, b) => a - b), 100]),
    incrementPoints: fc.integer({ min: 1, max: 100 }),
    firstStepMs: fc.integer({ min: 0, max: 5_000 }),
    stepMs: fc.integer({ min: 0, max: 5_000 }),
  })
  .map(parsePlan);

describe('whatever happens, in any order, under any plan', () => {
  const walk = (each: (from: MigrationState, event: MigrationEvent, to: MigrationState, plan: MigrationPlan) => void) =>
    fc.assert(
      fc.property(
        anyPlan,
        fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 3_000 })), { minLength: 1, maxLength: 120 }),
        (planned, happened) => {
          const step = createTransition(planned);
          let state = initialState;
          let nowMs = 0;
          for (const [event, laterMs] of happened) {
            nowMs += laterMs;
            const { state: next } = step(state, event, nowMs);
            each(state, event, next, planned);
            state = next;
          }
        },
      ),
      { numRuns: 500 },
    );

  test('the share of v5 is never above the plan: it rises by one increment at most, never over the step that it is on', () => {
    walk((from, event, to, planned) => {
      const [before, after] = [percentOf(targetOf(from)), percentOf(targetOf(to))];
      if (event.type === 'adopt') expect(after).toBeLessThanOrEqual(100);
      else expect(after - before).toBeLessThanOrEqual(planned.incrementPoints);
      if (to.kind === 'canary') expect(after).toBeLessThanOrEqual(planned.steps[0] as number);
      if (to.kind !== 'gradual') return;
      expect(to.target).toBe(planned.steps[to.step - 1]);
      expect(after).toBeLessThanOrEqual(to.target);
      expect(after).toBeGreaterThan(planned.steps[to.step - 2] as number);
    });
  });

  test('after a rollback v5 gets nothing, and is not even asked, until a person has cleared it', () => {
    let isLatched = false;
    walk((from, event, to) => {
      if (from === initialState) isLatched = false;
      if (to.kind === 'rolling_back') isLatched = true;
      if (event.type === 'clear' && to.kind === 'pre_migration' && from.kind === 'rolled_back') isLatched = false;
      if (isLatched) expect(targetOf(to).kind).toBe('latched');
      else expect(targetOf(to).kind).not.toBe('latched');
    });
  });

  test('an event that does not apply leaves the very same state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), anyEvent, fc.nat(), (kind, event, nowMs) => {
        const result = transition(states[kind], event, nowMs);
        if (!result.applied) expect(result.state).toBe(states[kind]);
      }),
    );
  });
});

const through = (state: MigrationState, ...steps: readonly (readonly [MigrationEvent, number])[]): MigrationState =>
  steps.reduce((from, [event, nowMs]) => transition(from, event, nowMs).state, state);

test('a plan goes from start to finalized by passing checks, each increment waiting for one and each step for its time', () => {
  let state = through(initialState, [events.start, 0]);
  let nowMs = 0;
  const shares: number[] = [];
  while (state.kind !== 'complete') {
    nowMs += 1_000;
    state = through(state, [check('pass'), nowMs]);
    const percent = percentOf(targetOf(state));
    if (shares.at(-1) !== percent) shares.push(percent);
  }
  expect(shares).toEqual([...Array.from({ length: 20 }, (_none, n) => 5 * (n + 1))]);
  // 1 for the comparisons, 20 rises of which the first comes with it, 6 s and 6 times 2 s at the steps, and the validation.
  expect(nowMs).toBe(1_000 + 6_000 + 19_000 - 7_000 + 1_000 + 6 * 2_000 + 1_000);
  expect(through(state, [events.finalize, nowMs]).kind).toBe('finalized');
});

test('three failing checks in a row are a rollback, and checks without a clear result neither count nor clear', () => {
  const state = states.gradual;
  const [fail, unsure, none] = [check('fail'), check('inconclusive'), check('no_data')];
  expect(through(state, [fail, 1_000], [fail, 1_030]).kind).toBe('gradual');
  expect(through(state, [fail, 1_000], [fail, 1_030], [fail, 1_060]).kind).toBe('rolling_back');
  expect(through(state, [fail, 1_000], [unsure, 1_010], [none, 1_020], [fail, 1_030], [fail, 1_060]).kind).toBe(
    'rolling_back',
  );
  expect(through(state, [fail, 1_000], [check('pass'), 1_010], [fail, 1_030], [fail, 1_060]).kind).toBe('gradual');
});

test('no clear check for two step lengths pauses with an alarm; a person resumes, and the time of the pause does not count for the step', () => {
  const first = through(states.gradual, [check('no_data'), 1_000]);
  expect(through(first, [check('no_data'), 4_999]).held).toBeNull();
  const late = transition(first, check('inconclusive'), 5_000);
  expect(late).toMatchObject({ applied: true, effects: [{ type: 'alarm', code: 'PAUSED', level: 'critical' }] });
  expect(late.state.held).toMatchObject({ kind: 'pause', by: null });
  expect(through(late.state, [check('pass'), 9_000])).toMatchObject({ kind: 'gradual', step: 2 });
  const resumed = through(late.state, [events.resume, 105_000]);
  expect(resumed).toMatchObject({ held: null, reachedMs: 101_000, streak: freshStreak });
  expect(through(resumed, [check('no_data'), 105_001]).held).toBeNull();
});

test("the controller's own hold ends by itself with its cause; a person's does not, and a pause is more than a hold", () => {
  const stale = { ...fine, blockers: [{ code: 'FLAGS_UNKNOWN', why: 'the flag server does not answer' }] } as const;
  const held = transition(states.gradual, check('pass', { facts: stale }), 9_000);
  expect(held).toMatchObject({ effects: [{ type: 'alarm', code: 'HELD', level: 'warning' }] });
  expect(held.state).toMatchObject({ kind: 'gradual', step: 2, held: { by: null, kind: 'hold' } });
  // Said once.
  expect(transition(held.state, check('pass', { facts: stale }), 9_001)).toMatchObject({ effects: [] });
  expect(through(held.state, [check('pass'), 9_002])).toMatchObject({ kind: 'gradual', step: 3, held: null });

  const byAda = through(states.gradual, [events.hold, 1_000]);
  expect(through(byAda, [check('pass'), 9_000])).toEqual({ ...byAda });
  expect(through(byAda, [check('pass', { facts: stale }), 9_000]).held).toMatchObject({ by: 'ada' });
  const paused = through(byAda, [events.pause, 2_000]);
  expect(transition(paused, events.hold, 3_000)).toMatchObject({ applied: false, refusal: { code: 'PAUSED' } });
  expect(transition(paused, events.release, 3_000)).toMatchObject({ applied: false, refusal: { code: 'PAUSED' } });
  expect(through(paused, [events.resume, 4_000], [check('pass'), 9_000])).toMatchObject({ step: 3 });
});

test.each([
  ['coverage', { ...compared, notCompared: 11 }],
  ['divergence', { ...compared, differed: 10 }],
  ['a contradiction', { ...compared, critical: 1 }],
  ['not a number', { ...compared, compared: Number.NaN }],
])('a parallel phase is not left for want of %s', (_what, parallel) => {
  const state = through(states.parallel_testing, [check('pass', { parallel }), 2_000]);
  expect(state.kind).toBe('parallel_testing');
});

test('a start is refused when the plan would end after Cancun, and a running plan is held as it comes near', () => {
  const nowMs = 1_000_000_000;
  const near = createTransition({ ...plan, cancunTime: nowMs / 1_000 + 3_600 + 600 });
  expect(near(initialState, events.start, nowMs)).toMatchObject({
    applied: false,
    refusal: { code: 'ENDS_AFTER_FORK' },
  });
  const gradual = { ...states.gradual, sinceMs: nowMs, reachedMs: nowMs };
  expect(near(gradual, check('pass'), nowMs + 500_000).state).toMatchObject({ step: 3 });
  const held = near(gradual, check('pass'), nowMs + 600_000);
  expect(held.state).toMatchObject({ step: 2, held: { by: null, why: expect.stringContaining('FORK_NEAR') } });
  expect(near(gradual, events.promote, nowMs + 600_000)).toMatchObject({
    applied: false,
    refusal: { code: 'BLOCKED' },
  });
});

test('past Cancun a rollback is refused with that reason, by force too', () => {
  const past = { ...fine, isPastFork: true };
  for (const event of [events.rollback, events.abort])
    expect(transition(states.complete, { ...event, force: true, facts: past }, 2_000)).toMatchObject({
      applied: false,
      refusal: { code: 'PAST_FORK' },
    });
});

test('what a rollback leaves: its reason, its duration and the evidence; clearing sets v4 first and then lifts the latch', () => {
  const back = transition(states.canary, events.abort, 2_000);
  expect(back.state).toMatchObject({ kind: 'rolling_back', reason: 'aborted', run: { rollbacks: 1 } });
  const ended = through(back.state, [events.verified, 3_000]);
  expect(ended).toMatchObject({ kind: 'rolled_back', reason: 'aborted', durationMs: 5, evidence });
  expect(transition(ended, events.clear, 4_000)).toMatchObject({
    effects: [{ type: 'apply', target: { kind: 'v4_only' } }, { type: 'unlatch' }],
  });
  const failed = transition(back.state, events.unverified, 4_000);
  expect(failed).toMatchObject({ effects: [{ type: 'alarm', code: 'ROLLBACK_FAILED' }] });
  expect(through(failed.state, [events.retry, 5_000])).toMatchObject({ kind: 'rolling_back', run: { rollbacks: 1 } });
});

test.each([
  [3, { kind: 'canary', percent: 3, reachedMs: null }],
  [5, { kind: 'canary', percent: 5, reachedMs: 9_000 }],
  [6, { kind: 'gradual', current: 6, target: 10, step: 2, reachedMs: null }],
  [25, { kind: 'gradual', current: 25, target: 25, step: 3, reachedMs: 9_000 }],
  [60, { kind: 'gradual', current: 60, target: 75, step: 5, reachedMs: null }],
  [100, { kind: 'gradual', current: 100, target: 100, step: 7, reachedMs: 9_000 }],
])(
  'a share of %i %% that a person has set and adopts is where it stands in the plan, and goes on from there',
  (percent, where) => {
    const drifting = { ...states.gradual, held: { kind: 'hold', by: null, why: 'DRIFT: 10', sinceMs: 1 } } as const;
    const result = transition(drifting, { ...events.adopt, found: { target: { kind: 'canary', percent } } }, 9_000);
    expect(result).toMatchObject({ applied: true, state: { ...where, sinceMs: 9_000, held: null } });
    if (!result.applied) return;
    expect(result.effects).toEqual([{ type: 'apply', target: { kind: 'canary', percent } }]);
    const next = through(result.state, [check('pass'), 15_000]);
    expect(percentOf(targetOf(next))).toBe(Math.min(100, percent + (percent === 3 ? 2 : percent === 6 ? 4 : 5)));
  },
);

test.each<[string, Adoption, string]>([
  ['what is no share', { target: null, why: 'a second strategy' }, 'NOT_ADOPTABLE'],
  ['another phase', { target: { kind: 'parallel' } }, 'NOT_ADOPTABLE'],
  ['v5 alone', { target: { kind: 'v5_only' } }, 'NOT_ADOPTABLE'],
  ['nothing for v5', { target: { kind: 'canary', percent: 0 } }, 'NOT_ADOPTABLE'],
  ['half a percent', { target: { kind: 'canary', percent: 12.5 } }, 'NOT_ADOPTABLE'],
  ['what holds already', { target: { kind: 'canary', percent: 10 } }, 'NO_DRIFT'],
])('%s is not adopted, and the refusal says so', (_what, found, code) => {
  expect(transition(states.gradual, { ...events.adopt, found }, 9_000)).toMatchObject({
    applied: false,
    state: states.gradual,
    refusal: { code },
  });
});

test("a person's hold and every pause outlast an adoption and a reset; three failing checks count over both", () => {
  for (const event of [events.adopt, events.reset]) {
    for (const held of helds) {
      const { state } = transition({ ...states.gradual, held }, event, 9_000);
      expect(state.held).toEqual(held?.by === null && held.kind === 'hold' ? null : held);
    }
    const failing = through(states.gradual, [check('fail'), 1_000], [check('fail'), 1_030], [event, 1_040]);
    expect(failing.streak).toEqual({ fails: 2, unsureSinceMs: null });
    expect(through(failing, [check('fail'), 1_060]).kind).toBe('rolling_back');
  }
});

test.each(kinds)('a reset in %s writes what it wants, and what is measured there begins anew', (kind) => {
  const before = deepFreeze(states[kind]);
  const result = transition(before, events.reset, 9_000);
  if (!result.applied) throw new Error(result.refusal.message);
  const target = targetOf(before);
  const wanted = target.kind === 'latched' ? { kind: 'v4_only' } : target;
  expect(result.effects).toEqual([{ type: 'reset', target: wanted }]);
  if (target.kind !== 'latched' && 'sinceMs' in result.state) expect(result.state.sinceMs).toBe(9_000);
  if ('reachedMs' in result.state) expect(result.state.reachedMs).toBe(9_000);
  expect(targetOf(result.state)).toEqual(target);
});
