import { createReportRecorder, type RecordedCall, reportText } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDurations } from '../../packages/sdk/src/report/durations.js';
import { createTimeline, type TimelineCount, timelineCounts } from '../../packages/sdk/src/report/timeline.js';
import { randomOf } from '../support/random.js';

type Arm = RecordedCall['answering'];

const answered = (adapter: 'v4' | 'v5', durationMs: number): Arm => ({
  adapter,
  engine: adapter,
  durationMs,
  outcome: { kind: 'answered', status: 'VALID', builtHere: false },
});
const failed = (adapter: 'v4' | 'v5', code = 'TIMEOUT'): Arm => ({
  adapter,
  engine: adapter,
  durationMs: 8_000,
  outcome: { kind: 'failed', code },
});

const call = (parts: Partial<RecordedCall> = {}): RecordedCall => ({
  operation: 'new_payload',
  fork: 'shanghai',
  decision: { adapter: 'v4', mode: 'v4_only', reason: 'FLAG' },
  fallback: null,
  answering: answered('v4', 20),
  other: answered('v5', 20),
  comparison: { verdict: 'match', differences: [] },
  sharedEngine: false,
  ...parts,
});

/** A report of many calls of both operations that agree, with latencies around 20 ms, and of the calls given. */
function reportOf(
  extra: readonly RecordedCall[],
  { count = 400, slower = 1 }: { count?: number; slower?: number } = {},
) {
  const random = randomOf(7);
  const recorder = createReportRecorder();
  for (let n = 0; n < count; n += 1) {
    const ms = 15 + 10 * random();
    const other = (15 + 10 * random()) * slower;
    for (const operation of ['new_payload', 'forkchoice_updated'] as const)
      recorder.add(call({ operation, answering: answered('v4', ms), other: answered('v5', other) }), 12_000 * n);
  }
  for (const [n, one] of extra.entries()) recorder.add(one, 12_000 * (count + n));
  return recorder.report();
}
const times = (count: number, one: RecordedCall): RecordedCall[] => Array.from({ length: count }, () => one);
const byV5 = { decision: { adapter: 'v5', mode: 'v5_primary', reason: 'FLAG' } } as const;

test.each<[string, RecordedCall[], { count?: number; slower?: number }, string, string]>([
  ['agreement, no errors, equal speed', [], {}, 'promote', 'every check passed'],
  [
    'one contradiction',
    [call({ comparison: { verdict: 'critical', differences: [] } })],
    {},
    'roll_back',
    'divergence',
  ],
  [
    'errors of v5 while it answers',
    times(
      20,
      call({
        ...byV5,
        answering: failed('v5'),
        other: answered('v4', 20),
        comparison: { verdict: 'v5_error', differences: [] },
      }),
    ),
    {},
    'roll_back',
    'errors of v5: v5 failed 20 of 820',
  ],
  [
    'errors of v5 that reach nobody',
    times(20, call({ other: failed('v5'), comparison: { verdict: 'v5_error', differences: [] } })),
    {},
    'hold',
    'errors of v5',
  ],
  [
    'two errors, which are no rate',
    times(2, call({ other: failed('v5'), comparison: { verdict: 'v5_error', differences: [] } })),
    {},
    'promote',
    'every check passed',
  ],
  [
    'four errors in few calls, which are none yet',
    times(4, call({ ...byV5, answering: failed('v5'), comparison: { verdict: 'v5_error', differences: [] } })),
    { count: 84 },
    'hold',
    'not enough to tell: v5 failed 4 of 176 sends',
  ],
  [
    'nothing but errors, however few',
    times(10, call({ ...byV5, answering: failed('v5'), comparison: { verdict: 'v5_error', differences: [] } })),
    { count: 0 },
    'roll_back',
    'errors of v5: v5 failed 10 of',
  ],
  [
    'errors of v4',
    times(50, call({ answering: failed('v4'), comparison: { verdict: 'v4_error', differences: [] } })),
    {},
    'promote',
    'every check passed',
  ],
  [
    'differing answers',
    times(20, call({ comparison: { verdict: 'mismatch', differences: [] } })),
    {},
    'hold',
    'differing answers: 20 of 820',
  ],
  [
    'calls that went uncompared',
    times(50, call({ comparison: { verdict: 'not_compared', differences: [] } })),
    {},
    'hold',
    'coverage: 50 of 850',
  ],
  [
    'engines that were not ready to judge',
    times(400, call({ comparison: { verdict: 'pending', differences: [] } })),
    {},
    'hold',
    'not enough to tell',
  ],
  ['v5 a tenth slower', [], { slower: 1.1 }, 'hold', 'speed of new_payload: v5 takes'],
  ['v5 a tenth faster', [], { slower: 0.9 }, 'promote', 'every check passed'],
  ['too few calls', [], { count: 60 }, 'hold', 'not enough to tell'],
  ['no call at all', [], { count: 0 }, 'hold', 'not enough to tell'],
])('%s: the recommendation follows, with its figures', (_, extra, options, action, because) => {
  const report = reportOf(extra, options);
  expect(report.recommendation).toMatchObject({ action, because: expect.stringContaining(because) });
  const text = reportText(report);
  expect(text.trimEnd().split('\n').at(-1)).toBe(
    `recommendation: ${action.replace('_', ' ')} (${report.recommendation.because})`,
  );
  // What a report holds JSON holds: no NaN, nothing that is not there.
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

test('blocks that an engine built itself, shared engines and ended calls are in no figure of speed or errors', () => {
  const built: Arm = { ...answered('v4', 1), outcome: { kind: 'answered', status: 'VALID', builtHere: true } };
  const recorder = createReportRecorder();
  recorder.add(call({ answering: built }), 0);
  recorder.add(call({ sharedEngine: true }), 1);
  recorder.add(call({ answering: failed('v4', 'CLOSED'), other: null, comparison: null }), 2);
  const { v4, v5 } = recorder.report().operations.new_payload;
  expect([v4.sent, v4.failed, v4.durations]).toEqual([2, 0, null]);
  expect([v5.sent, v5.durations?.count]).toEqual([2, 1]);
});

test('any code may come, and no more than 65 are told apart', () => {
  const recorder = createReportRecorder();
  for (let n = 0; n < 500; n += 1) recorder.add(call({ other: failed('v5', n === 0 ? '__proto__' : `CODE_${n}`) }), n);
  const { errors } = recorder.report().operations.new_payload.v5;
  expect(Object.keys(errors)).toHaveLength(65);
  expect(errors['OTHER']).toBe(436);
});

test('a quantile is within 2 % of the exact one, and never above the longest', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.02, max: 60_000, noNaN: true }), { minLength: 1 }), (durations) => {
      const recorded = createDurations();
      for (const durationMs of durations) recorded.add(durationMs);
      const figures = recorded.figures();
      const sorted = durations.toSorted((one, other) => one - other);
      for (const [share, told] of [
        [0.5, figures?.p50Ms],
        [0.95, figures?.p95Ms],
        [0.99, figures?.p99Ms],
      ] as const) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
        expect(Math.abs((told ?? Number.NaN) / exact - 1)).toBeLessThanOrEqual(0.0201);
        expect(told).toBeLessThanOrEqual(figures?.maxMs ?? 0);
      }
      expect(figures?.count).toBe(durations.length);
    }),
  );
});

test('what is no duration is left out', () => {
  const durations = createDurations();
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) durations.add(value);
  expect(durations.figures()).toBeNull();
  for (const value of [0, 1e9]) durations.add(value);
  expect(durations.figures()).toMatchObject({ count: 2, maxMs: 1e9 });
});

test('however long it goes on, the time is told in at most 120 stretches, and nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 10_000_000 }), fc.constantFrom(...timelineCounts)), { minLength: 1 }),
      (happenings) => {
        const timeline = createTimeline();
        for (const [atSeconds, count] of happenings) timeline.add(1e12 + atSeconds * 1_000, [count]);
        const { slotMs, slots } = timeline.figures();
        expect(slots.length).toBeLessThanOrEqual(120);
        for (const [index, { fromMs }] of slots.entries())
          expect(fromMs).toBe((slots[0]?.fromMs ?? 0) + index * slotMs);
        const total = (count: TimelineCount): number => slots.reduce((sum, slot) => sum + slot[count], 0);
        for (const count of timelineCounts)
          expect(total(count)).toBe(happenings.filter(([, happened]) => happened === count).length);
      },
    ),
  );
});
