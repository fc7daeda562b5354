import type { StatusAnswer } from '@lighthouse-compat/operator';
import {
  type BlockerCode,
  type DrillResult,
  defaultPlan,
  type HealthCheck,
  type JournalRecord,
  type MigrationEvent,
  type MigrationState,
  type MigrationStatus,
  parsePlan,
  percentOf,
  targetOf,
} from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { connectionView } from '../../../packages/operator/src/page/browser/feed/connectionView.js';
import { actionsOf } from '../../../packages/operator/src/page/browser/view/actions.js';
import { drillIn, drillView } from '../../../packages/operator/src/page/browser/view/drill.js';
import { enginesTable, queueFacts } from '../../../packages/operator/src/page/browser/view/engines.js';
import { bytes, counts, duration } from '../../../packages/operator/src/page/browser/view/format.js';
import { healthOf } from '../../../packages/operator/src/page/browser/view/health.js';
import { journalView } from '../../../packages/operator/src/page/browser/view/journal.js';
import { bannersOf, nowFacts } from '../../../packages/operator/src/page/browser/view/now.js';
import { saidOf } from '../../../packages/operator/src/page/browser/view/said.js';
import { percentSet, stateText } from '../../../packages/operator/src/page/browser/view/state.js';
import { stateBeforeRollback, timelineOf } from '../../../packages/operator/src/page/browser/view/timeline.js';
import { divergenceTable, verdictFacts } from '../../../packages/operator/src/page/browser/view/verdicts.js';
import { createTransition } from '../../../packages/sdk/src/migration/transition.js';

const common = {
  held: null,
  streak: { fails: 0, unsureSinceMs: null },
  run: { startedMs: 0, rollbacks: 0 },
} as const;
const evidence = { verified: true, head: null, durationMs: 5, payloadsReplayed: 0, reason: null } as const;

/** One of every kind of state. */
const states = {
  pre_migration: { kind: 'pre_migration', ...common },
  parallel_testing: { kind: 'parallel_testing', progress: 0.409, sinceMs: 0, ...common },
  canary: { kind: 'canary', percent: 5, sinceMs: 0, reachedMs: 0, ...common },
  gradual: { kind: 'gradual', current: 15, target: 25, step: 3, sinceMs: 0, reachedMs: null, ...common },
  completing: { kind: 'completing', sinceMs: 0, ...common },
  complete: { kind: 'complete', sinceMs: 0, ...common },
  finalized: { kind: 'finalized', sinceMs: 0, ...common },
  rolling_back: { kind: 'rolling_back', reason: 'slow', sinceMs: 0, ...common },
  rolled_back: { kind: 'rolled_back', reason: 'slow', durationMs: 2_000, evidence, ...common },
  rollback_failed: {
    kind: 'rollback_failed',
    reason: 'slow',
    why: 'DEADLINE',
    durationMs: 1,
    evidence: null,
    ...common,
  },
} as const satisfies { readonly [K in MigrationState['kind']]: MigrationState };

const every = Object.values(states) as readonly MigrationState[];

const migrationIn = (state: MigrationState, more: Partial<MigrationStatus> = {}): MigrationStatus => ({
  state,
  target: targetOf(state),
  percent: percentOf(targetOf(state)),
  progress: 0.5,
  dueMs: null,
  drilledMs: null,
  check: null,
  facts: null,
  plan: defaultPlan,
  ...more,
});

const statusIn = (state: MigrationState | null, more: Partial<StatusAnswer> = {}): StatusAnswer => ({
  version: 1,
  atMs: 100_000,
  migration: state === null ? null : migrationIn(state),
  mode: { kind: 'v4_only' },
  latch: null,
  standby: {
    v4: { engine: 'v4', state: 'in_step', because: 'head_valid' },
    v5: { engine: 'v5', state: 'lost', because: null },
  },
  stats: {
    answered: { v4: 3, v5: 1 },
    failed: { v4: 0, v5: 0 },
    fallbacks: 0,
    verdicts: {
      match: 1_234,
      pending: 0,
      mismatch: 1,
      critical: 2,
      v4_error: 0,
      v5_error: 0,
      both_errors: 0,
      unsupported: 0,
      not_compared: 0,
    },
    samples: [],
    lanes: { v4: { calls: 2, bytes: 2_048 }, v5: { calls: 0, bytes: 0 } },
    detachedSends: 4,
    payloadPins: 5,
    replayBuffer: { payloads: 6, bytes: 3 * 1024 * 1024 },
    replays: { v4: { attempts: 7, payloads: 8 }, v5: { attempts: 0, payloads: 0 } },
    cachedDecisions: 9,
  },
  flagProvider: null,
  journal: { lastSeq: 0 },
  takesActions: true,
  ...more,
});

test.each(every)('the share set in $kind is the one that the SDK gives to calls', (state) => {
  expect(percentSet(state)).toBe(percentOf(targetOf(state)));
});

test.each(every)('$kind is one stop of the timeline, with everything before it behind', (state) => {
  const stops = timelineOf(state, defaultPlan, null);
  const present = stops.findIndex(({ standing }) => standing === 'present');
  expect(stops.filter(({ standing }) => standing === 'present')).toHaveLength(1);
  expect(stops.slice(present + 1).every(({ standing }) => standing === 'ahead')).toBe(true);
  const expected = {
    pre_migration: 'Not started',
    parallel_testing: 'Parallel',
    canary: '5 %',
    gradual: '25 %',
    completing: 'Validation',
    complete: 'Complete',
    finalized: 'Finalized',
    rolling_back: 'Rolling back',
    rolled_back: 'Rolled back',
    rollback_failed: 'Rollback failed',
  }[state.kind];
  expect(stops[present]?.name).toBe(expected);
});

test('a step on the way to its share says where it is, and a rollback where it began', () => {
  const rising = timelineOf(states.gradual, defaultPlan, null);
  expect(rising.find(({ standing }) => standing === 'present')).toMatchObject({ name: '25 %', note: 'at 15 % now' });
  const record = (seq: number, state: MigrationState): JournalRecord => ({
    seq,
    atMs: seq,
    event: { type: 'release', by: 'ada' },
    state,
  });
  const records = [record(1, states.canary), record(2, states.gradual), record(3, states.rolling_back)];
  const before = stateBeforeRollback(states.rolled_back, records);
  expect(before).toBe(states.gradual);
  const stops = timelineOf(states.rolled_back, defaultPlan, before);
  expect(stops.map(({ standing }) => standing)).toEqual([
    ...['behind', 'behind', 'behind', 'fell'],
    ...['ahead', 'ahead', 'ahead', 'ahead', 'ahead', 'ahead', 'present'],
  ]);
  expect(stateBeforeRollback(states.canary, records)).toBeNull();
  expect(stateBeforeRollback(states.rolled_back, [])).toBeNull();
});

test('the actions offered are those that each state takes, and none where the service takes none', () => {
  const offered = (state: MigrationState, isRare = false): readonly string[] =>
    actionsOf({ migration: migrationIn(state), latch: null, takesActions: true })
      .filter((form) => form.isRare === isRare)
      .map(({ name }) => name);
  expect(Object.fromEntries(every.map((state) => [state.kind, [offered(state), offered(state, true)]]))).toEqual({
    pre_migration: [
      ['start', 'hold', 'pause', 'rollback'],
      ['abort', 'drill'],
    ],
    parallel_testing: [
      ['hold', 'pause', 'promote', 'rollback'],
      ['abort', 'drill'],
    ],
    canary: [
      ['hold', 'pause', 'promote', 'rollback'],
      ['abort', 'drill'],
    ],
    gradual: [
      ['hold', 'pause', 'promote', 'rollback'],
      ['abort', 'drill'],
    ],
    completing: [
      ['hold', 'pause', 'rollback'],
      ['abort', 'drill'],
    ],
    complete: [
      ['hold', 'pause', 'rollback'],
      ['finalize', 'abort', 'drill'],
    ],
    finalized: [[], ['drill']],
    rolling_back: [[], ['drill']],
    rolled_back: [['clear'], ['drill']],
    rollback_failed: [['retry'], ['drill']],
  });
  const held = (kind: 'hold' | 'pause') => ({ ...states.canary, held: { kind, by: null, why: 'x', sinceMs: 0 } });
  expect(offered(held('hold'))).toEqual(['release', 'pause', 'promote', 'rollback']);
  expect(offered(held('pause'))).toEqual(['resume', 'promote', 'rollback']);
  expect(actionsOf({ migration: migrationIn(states.canary), latch: null, takesActions: false })).toEqual([]);
  expect(actionsOf({ migration: null, latch: null, takesActions: true })).toEqual([]);
});

test('adopt and reset are offered while something was set outside of the migration, adopt where the plan has a share', () => {
  const offered = (state: MigrationState, code: BlockerCode): readonly string[] => {
    const facts = { v4InStep: true, isPastFork: false, blockers: [{ code, why: 'a flag' }] };
    return actionsOf({ migration: migrationIn(state, { facts }), latch: null, takesActions: true })
      .map(({ name }) => name)
      .filter((name) => name === 'adopt' || name === 'reset');
  };
  expect(Object.fromEntries(every.map((state) => [state.kind, offered(state, 'DRIFT')]))).toEqual({
    pre_migration: ['reset'],
    parallel_testing: ['adopt', 'reset'],
    canary: ['adopt', 'reset'],
    gradual: ['adopt', 'reset'],
    completing: ['adopt', 'reset'],
    complete: ['adopt', 'reset'],
    finalized: ['reset'],
    rolling_back: ['reset'],
    rolled_back: ['reset'],
    rollback_failed: ['reset'],
  });
  expect(offered(states.canary, 'FLAGS_UNKNOWN')).toEqual([]);
});

test('whatever the page offers, and does not offer, is what the transition takes or refuses for the state alone', () => {
  const facts = { v4InStep: true, isPastFork: false, blockers: [] };
  const transition = createTransition(parsePlan());
  const eventOf = {
    start: { type: 'start', by: 'ada', facts },
    hold: { type: 'hold', by: 'ada', why: 'x' },
    pause: { type: 'pause', by: 'ada', why: 'x' },
    promote: { type: 'promote', by: 'ada', facts },
    abort: { type: 'abort', by: 'ada', force: false, facts },
    rollback: { type: 'rollback', by: 'ada', reason: 'x', force: false, facts },
    retry: { type: 'retry', by: 'ada' },
    clear: { type: 'clear', by: 'ada', reason: 'x' },
    finalize: { type: 'finalize', by: 'ada', facts },
  } as const satisfies { readonly [type in MigrationEvent['type']]?: MigrationEvent };
  for (const state of every) {
    const offered = actionsOf({ migration: migrationIn(state), latch: null, takesActions: true });
    for (const [name, event] of Object.entries(eventOf)) {
      const isTaken = transition(state, event, 1_000).applied;
      expect([state.kind, name, offered.some((form) => form.name === name)]).toEqual([state.kind, name, isTaken]);
    }
  }
});

test('force is to be ticked for what latches, live for a drill while nothing is latched, and nothing else', () => {
  const choices = (latch: StatusAnswer['latch']) =>
    Object.fromEntries(
      every.flatMap((state) =>
        actionsOf({ migration: migrationIn(state), latch, takesActions: true }).flatMap(({ name, choice }) =>
          choice === null ? [] : [[name, choice.field] as const],
        ),
      ),
    );
  expect(choices(null)).toEqual({ rollback: 'force', abort: 'force', drill: 'live' });
  expect(choices({ reason: 'x', sinceMs: 0 })).toEqual({ rollback: 'force', abort: 'force' });
});

const drill: DrillResult = {
  ok: true,
  live: false,
  by: 'ada',
  durationMs: 45.4,
  verification: evidence,
  decided: 'v4',
  actuator: { unknown: null, drift: null },
  problems: [],
};

test('a rehearsal is shown with how long it took, who made it and everything that was wrong', () => {
  expect(drillView({ atMs: 5_000, drill })).toEqual({
    tone: 'good',
    title: 'The rollback was rehearsed, and is well',
    text: '45 ms; by ada, 1970-01-01 00:00:05 UTC',
    problems: [],
  });
  const failed: DrillResult = {
    ...drill,
    ok: false,
    live: true,
    durationMs: 61_000,
    verification: { ...evidence, payloadsReplayed: 7 },
    problems: ['a flag', "v4's engine could not be verified: DEADLINE"],
  };
  expect(drillView({ atMs: 0, drill: failed })).toEqual({
    tone: 'bad',
    title: 'The rehearsal of the rollback failed',
    text: '1 min 1 s, 7 payloads replayed to v4; live, by ada, 1970-01-01 00:00:00 UTC',
    problems: failed.problems,
  });
  const record = (seq: number, event: JournalRecord['event']) => ({ seq, atMs: seq, event, state: states.canary });
  const hold = { type: 'release', by: 'ada' } as const;
  expect(drillIn({ records: [record(1, hold)] })).toBeNull();
  const both = [record(1, { type: 'drilled', drill }), record(2, { type: 'drilled', drill: failed }), record(3, hold)];
  expect(drillIn({ records: both })).toEqual({ atMs: 2, drill: failed });
});

const check: HealthCheck = {
  verdict: 'fail',
  isCritical: true,
  decidedBy: 'v5_errors',
  criteria: [
    {
      name: 'v5_errors',
      verdict: 'fail',
      valuePercent: 1.5,
      limitPercent: 1,
      controlPercent: 0,
      lowerPercent: 1.1,
      upperPercent: 7,
      samples: { v4: 200, v5: 210 },
    },
    {
      name: 'latency',
      verdict: 'no_data',
      valuePercent: null,
      limitPercent: 5,
      controlPercent: null,
      lowerPercent: null,
      upperPercent: null,
      samples: { v4: null, v5: null },
    },
    {
      name: 'critical',
      verdict: 'pass',
      valuePercent: 0,
      limitPercent: 0,
      controlPercent: null,
      lowerPercent: -3,
      upperPercent: null,
      samples: { v4: null, v5: 12 },
    },
  ],
};

test('health says how far each figure is from its limit, and which one decides', () => {
  expect(healthOf(migrationIn(states.canary))).toBeNull();
  const state = { ...states.canary, streak: { fails: 2, unsureSinceMs: null } };
  const health = healthOf(migrationIn(state, { check }));
  expect(health).toMatchObject({ verdict: 'fail', tone: 'bad' });
  expect(health?.note).toBe('The engines contradict each other. 2 of 3 failing checks in a row, which are a rollback.');
  expect(health?.cards).toEqual([
    {
      name: 'Errors of v5',
      decides: true,
      verdict: 'fail',
      tone: 'bad',
      value: '1.5 %',
      distance: '0.5 points above the limit of 1 %',
      bar: { value: 75, from: 55.00000000000001, to: 100 },
      range: 'from 1.1 % to 7 % is possible',
      samples: 'samples: v4 200, v5 210; v4 itself 0 %',
    },
    {
      name: 'v5 slower by',
      decides: false,
      verdict: 'no data',
      tone: 'plain',
      value: '-',
      distance: 'limit 5 %',
      bar: null,
      range: '',
      samples: '',
    },
    {
      name: 'Contradictions',
      decides: false,
      verdict: 'pass',
      tone: 'good',
      value: '0 %',
      distance: 'at the limit of 0 %',
      bar: null,
      range: 'from -3 % to - is possible',
      samples: 'samples: v5 12',
    },
  ]);
});

const fact = (status: StatusAnswer, name: string) => nowFacts(status).find((one) => one.name === name);

test('the facts of a migration count times from the moment of the status', () => {
  const status = statusIn(states.canary);
  const due = (dueMs: number | null, state: MigrationState = states.canary) =>
    fact({ ...status, migration: migrationIn(state, { dueMs, drilledMs: 40_000 }) }, 'Moves up')?.value;
  expect(due(160_000)).toBe('in 1 min 0 s at the earliest');
  expect(due(100_000)).toBe('with the next passing check');
  expect(due(null)).toBe('not by itself');
  expect(due(null, { ...states.canary, held: { kind: 'pause', by: 'ada', why: 'x', sinceMs: 0 } })).toBe(
    'once it is resumed',
  );
  expect(fact(status, 'Started')).toMatchObject({ value: '1 min 40 s ago', note: '1970-01-01 00:00:00 UTC' });
  expect(fact(status, 'Rollback rehearsed')).toMatchObject({ value: 'never', tone: 'attention' });
  const unstarted = { ...states.pre_migration, run: { startedMs: null, rollbacks: 0 } };
  expect(fact(statusIn(unstarted), 'Started')?.value).toBe('not yet');
  expect(fact(statusIn(null), 'State')?.value).toBe('no migration of its own');
  const latched = statusIn(null, {
    mode: { kind: 'canary', percent: 7.5 },
    latch: { reason: 'bad', sinceMs: 0 },
    flagProvider: 'STALE',
  });
  expect(fact(latched, 'Configured mode')?.value).toBe('canary, 7.5 %');
  expect(fact(latched, 'Rollback latch')).toMatchObject({ value: 'set', tone: 'bad' });
  expect(fact(latched, 'Flag provider')).toMatchObject({ value: 'STALE', tone: 'attention' });
});

test('what must not be overlooked is a banner', () => {
  const titles = (status: StatusAnswer) => bannersOf(status).map(({ title }) => title);
  expect(titles(statusIn(states.canary))).toEqual([]);
  expect(titles(statusIn(states.rolling_back))).toEqual(['Rolling back']);
  expect(titles(statusIn(states.rolled_back))).toEqual(['Rolled back']);
  expect(titles(statusIn(states.rollback_failed))).toEqual(['The rollback could not be verified']);
  const latch = { reason: 'by somebody else', sinceMs: 0 };
  expect(titles(statusIn(states.canary, { latch }))).toEqual(['The rollback latch is set']);
  expect(titles(statusIn(null, { latch }))).toEqual(['The rollback latch is set']);
  expect(titles(statusIn(null))).toEqual([]);
  const held = (kind: 'hold' | 'pause', by: string | null) => ({
    ...states.canary,
    held: { kind, by, why: 'x', sinceMs: 0 },
  });
  expect(titles(statusIn(held('hold', 'ada')))).toEqual(['Held by ada']);
  const facts = { v4InStep: false, isPastFork: false, blockers: [{ code: 'DRIFT', why: 'a flag' }] } as const;
  const paused = { ...statusIn(null), migration: migrationIn(held('pause', null), { facts }) };
  expect(titles(paused)).toEqual(['Paused by the controller', 'DRIFT']);
});

test('a record of every kind says who and why', () => {
  const drill = {
    ok: false,
    live: true,
    by: 'ada',
    durationMs: 1,
    verification: evidence,
    decided: null,
    actuator: { unknown: null, drift: null },
    problems: ['late'],
  } as const;
  const facts = { v4InStep: true, isPastFork: false, blockers: [] } as const;
  const events: readonly (readonly [JournalRecord['event'], string])[] = [
    [{ type: 'start', by: 'ada', facts }, 'ada'],
    [{ type: 'check', check, facts, parallel: null }, 'fail: v5 errors 1.5 %, limit 1 %, contradiction'],
    [
      {
        type: 'check',
        check: { ...check, verdict: 'pass', decidedBy: null, isCritical: false },
        facts,
        parallel: null,
      },
      'pass',
    ],
    [{ type: 'hold', by: 'ada', why: 'look' }, 'look (ada)'],
    [{ type: 'pause', by: 'ada', why: 'look' }, 'look (ada)'],
    [{ type: 'release', by: 'ada' }, 'ada'],
    [{ type: 'resume', by: 'ada' }, 'ada'],
    [{ type: 'promote', by: 'ada', facts }, 'ada'],
    [{ type: 'rollback', by: 'ada', reason: 'bad', force: true, facts }, 'bad (ada, forced)'],
    [{ type: 'rollback', by: 'ada', reason: 'bad', force: false, facts }, 'bad (ada)'],
    [{ type: 'abort', by: 'ada', force: true, facts }, 'ada, forced'],
    [{ type: 'latched', reason: 'a peer' }, 'a peer'],
    [{ type: 'verified', durationMs: 61_000, evidence }, 'v4 carries on, seen within 1 min 1 s'],
    [{ type: 'unverified', why: 'late', durationMs: 1, evidence: null }, 'late'],
    [{ type: 'retry', by: 'ada' }, 'ada'],
    [{ type: 'clear', by: 'ada', reason: 'well' }, 'well (ada)'],
    [{ type: 'finalize', by: 'ada', facts }, 'ada'],
    [{ type: 'adopt', by: 'ada', found: { target: { kind: 'v4_only' } } }, 'v4 only (ada)'],
    [{ type: 'adopt', by: 'ada', found: { target: null, why: 'two' } }, 'two (ada)'],
    [{ type: 'reset', by: 'ada' }, 'ada'],
    [{ type: 'drilled', drill }, 'late (ada, live)'],
    [{ type: 'drilled', drill: { ...drill, ok: true, live: false } }, 'well (ada)'],
    [{ type: 'applied', target: { kind: 'parallel' } }, 'parallel'],
    [{ type: 'unlatched' }, ''],
  ];
  const records = events.map(([event], at) => ({ seq: at + 1, atMs: 0, event, state: states.canary }));
  const page = { version: 1, records, lastSeq: 100, after: records.length, before: null } as const;
  const view = journalView(page);
  expect(view.rows.map(({ why }) => why)).toEqual(events.map(([, why]) => why).reverse());
  expect(view).toMatchObject({ place: `${records.length} to 1 of 100`, older: null, newer: records.length + 51 });
  const held = { ...states.gradual, held: { kind: 'pause', by: null, why: 'x', sinceMs: 0 } } as const;
  const one = { seq: 100, atMs: 0, event: { type: 'unlatched' }, state: held } as const;
  expect(journalView({ ...page, records: [one], before: 100 })).toMatchObject({
    rows: [{ seq: 100, state: 'step 3, at 15 % on the way to 25 %, paused; v5 15 %' }],
    older: 100,
    newer: null,
  });
  expect(journalView({ ...page, records: [], lastSeq: 0 })).toMatchObject({ rows: [], place: 'The journal is empty.' });
});

test('every state is said in words, and progress alone is said to nobody', () => {
  expect(every.map(stateText)).toEqual([
    'not started',
    'parallel testing, 40 % of the comparisons',
    'canary at 5 %',
    'step 3, at 15 % on the way to 25 %',
    'final validation',
    'complete',
    'finalized',
    'rolling back: slow',
    'rolled back within 2 s: slow',
    'the rollback could not be verified: DEADLINE',
  ]);
  const moved = (from: MigrationState, state: MigrationState) =>
    saidOf('transition', { atMs: 0, event: { type: 'unlatched' }, from, state });
  expect(moved(states.parallel_testing, { ...states.parallel_testing, progress: 0.9 })).toBeNull();
  expect(moved(states.canary, states.canary)).toBeNull();
  const held = { ...states.canary, held: { kind: 'hold', by: 'ada', why: 'look', sinceMs: 0 } } as const;
  expect(moved(states.canary, held)).toBe('Now: canary at 5 %, held: look');
  expect(moved(held, states.canary)).toBe('Now: canary at 5 %');
  expect(saidOf('alarm', { level: 'critical', code: 'HELD', message: 'why' })).toBe('Alarm HELD: why');
  expect(saidOf('opened', { version: 1, resumed: false, heartbeatMs: 5_000 })).toBeNull();
  expect(saidOf('status', statusIn(null))).toBeNull();
  const refused = { event: { type: 'retry', by: 'ada' }, code: 'HELD', message: 'why' } as const;
  expect(saidOf('refused', refused)).toBe('Refused, HELD: why');
});

test('figures are old when the connection is lost or nothing has come for a while, and say of when they are', () => {
  const newest = { receivedMs: 10_000, atMs: 5_000 };
  const at = (nowMs: number) => ({ nowMs, staleAfterMs: 12_500 });
  expect(connectionView({ kind: 'connecting' }, null, at(0))).toMatchObject({ text: 'Connecting', isOld: false });
  expect(connectionView({ kind: 'open' }, null, at(0)).text).toBe('Connected');
  expect(connectionView({ kind: 'open' }, newest, at(22_500))).toMatchObject({
    text: 'Live, of 1970-01-01 00:00:05 UTC',
    isOld: false,
  });
  expect(connectionView({ kind: 'open' }, newest, at(22_501))).toMatchObject({
    text: 'Connected, but nothing comes. The figures are 13 s old, of 1970-01-01 00:00:05 UTC.',
    isOld: true,
  });
  expect(connectionView({ kind: 'lost', sinceMs: 20_000, why: 'gone' }, newest, at(40_000))).toMatchObject({
    text: 'Not connected since 1970-01-01 00:00:20 UTC: gone. The figures are 30 s old, of 1970-01-01 00:00:05 UTC.',
    isOld: true,
  });
  expect(connectionView({ kind: 'lost', sinceMs: 0, why: 'gone' }, null, at(0)).isOld).toBe(false);
  expect(connectionView({ kind: 'needs_token', isWrong: false }, null, at(0))).toMatchObject({ needsToken: true });
});

test('engines, queues and verdicts are shown as the status has them', () => {
  const status = statusIn(null);
  expect(enginesTable(status).rows.map((row) => row.map(({ text }) => text))).toEqual([
    ['v4', 'v4', 'in step', 'head valid', '2', '2 KiB', '7', '8'],
    ['v5', 'v5', 'lost', '-', '0', '0 B', '0', '0'],
  ]);
  expect(queueFacts(status).map(({ value }) => value)).toEqual(['4', '6 payloads', '5', '9']);
  expect(verdictFacts(status).slice(0, 4)).toEqual([
    { name: 'match', value: '1,234', tone: 'good' },
    { name: 'pending', value: '0', tone: 'plain' },
    { name: 'mismatch', value: '1', tone: 'attention' },
    { name: 'critical', value: '2', tone: 'bad' },
  ]);
  expect(divergenceTable(status)).toBeNull();
  const sample = (path: string) =>
    ({
      operation: 'new_payload',
      targetingKey: null,
      verdict: 'mismatch',
      differences: [{ path, v4: 'a', v5: 'b' }],
    }) as const;
  const samples = Array.from({ length: 7 }, (_, at) => sample(`field${at}`));
  const table = divergenceTable({ ...status, stats: { ...status.stats, samples } });
  expect(table?.rows.map((row) => row[3]?.text)).toEqual(['field6', 'field5', 'field4', 'field3', 'field2']);
});

test('lengths of time, bytes and counts read well', () => {
  expect([0, 59_000, 61_000, 3_661_000, 90_000_000, -5].map(duration)).toEqual([
    '0 s',
    '59 s',
    '1 min 1 s',
    '1 h 1 min',
    '1 d 1 h',
    '0 s',
  ]);
  expect([5, 1_536, 2 * 1024 ** 2].map(bytes)).toEqual(['5 B', '1.5 KiB', '2 MiB']);
  expect(counts({ TIMEOUT: 2, HTTP_ERROR: 0 })).toBe('TIMEOUT 2');
  expect(counts({})).toBe('none');
});
