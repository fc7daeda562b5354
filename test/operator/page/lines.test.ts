import type { StatusAnswer } from '@lighthouse-compat/operator';
import { createReportRecorder } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyModel, withReport, withStatus } from '../../../packages/operator/src/page/browser/model.js';
import {
  addPoint,
  addReport,
  lately,
  latencyLines,
  latencyTable,
  quantilesBetween,
  type TimedReport,
} from '../../../packages/operator/src/page/browser/view/latency.js';
import {
  addSample,
  measuredNow,
  type ShareSample,
  shareFacts,
  shareLines,
} from '../../../packages/operator/src/page/browser/view/share.js';
import { createDurations } from '../../../packages/sdk/src/report/durations.js';

const statusAt = (atMs: number, percentSet: number, v4: number, v5: number): StatusAnswer =>
  ({
    atMs,
    migration: { percent: percentSet },
    latch: null,
    mode: { kind: 'v4_only' },
    stats: { answered: { v4, v5 }, failed: { v4: 0, v5: 0 }, fallbacks: 0 },
  }) as unknown as StatusAnswer;

const samplesOf = (...of: readonly (readonly [number, number, number, number])[]): readonly ShareSample[] =>
  of.reduce<readonly ShareSample[]>((samples, given) => addSample(samples, statusAt(...given)), []);

test('the share measured is of the calls since the present share was set', () => {
  expect(measuredNow([])).toBeNull();
  const samples = samplesOf([1, 0, 100, 0], [2, 10, 100, 0], [3, 10, 190, 10], [4, 50, 190, 10], [5, 50, 192, 14]);
  expect(measuredNow(samples)).toEqual({ sinceMs: 4, v5: 4, calls: 6 });
  expect(measuredNow(samples.slice(0, 3))).toEqual({ sinceMs: 2, v5: 10, calls: 100 });
  const facts = shareFacts(statusAt(5, 50, 192, 14), samples);
  expect(facts.slice(0, 3).map(({ value }) => value)).toEqual(['50 %', '66.67 %', '6.8 %']);
});

test('a service that begins anew, or a clock that was set back, makes no share of its own', () => {
  const samples = samplesOf([1, 50, 100, 100], [2, 50, 110, 110], [3, 50, 1, 3], [4, 50, 2, 6]);
  expect(measuredNow(samples)).toEqual({ sinceMs: 3, v5: 3, calls: 4 });
  expect(samplesOf([10, 0, 1, 0], [5, 0, 2, 0]).map(({ atMs }) => atMs)).toEqual([10]);
  expect(shareLines(samples)[2]).toEqual([null, 50, null, null]);
});

test('what is kept of the share is bounded, with the newest in full', () => {
  let samples: readonly ShareSample[] = [];
  for (let at = 1; at <= 10_000; at += 1) samples = addSample(samples, statusAt(at, 0, at, 0));
  expect(samples.length).toBeLessThanOrEqual(2_000);
  expect(samples.slice(-500).map(({ atMs }) => atMs)).toEqual(Array.from({ length: 500 }, (_, at) => 9_501 + at));
  expect(samples[0]?.atMs).toBe(1);
  expect(shareLines(samples).every((line) => line.length === samples.length)).toBe(true);
});

test('the share set follows latch, migration and mode', () => {
  const set = (status: Partial<StatusAnswer>): number | undefined =>
    addSample([], { ...statusAt(1, 30, 0, 0), ...status })[0]?.percentSet;
  expect(set({})).toBe(30);
  expect(set({ latch: { reason: 'x', sinceMs: 0 } })).toBe(0);
  expect(set({ migration: null, mode: { kind: 'canary', percent: 7 } })).toBe(7);
  expect(set({ migration: null, mode: { kind: 'v5_primary' } })).toBe(100);
  expect(set({ migration: null, mode: { kind: 'parallel' } })).toBe(0);
});

test('the quantiles between two readings are those of what came between them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.05, max: 9_000, noNaN: true }), { maxLength: 50 }),
      fc.array(fc.double({ min: 0.05, max: 9_000, noNaN: true }), { minLength: 1, maxLength: 50 }),
      (before, between) => {
        const all = createDurations();
        for (const value of before) all.add(value);
        const earlier = all.figures();
        for (const value of between) all.add(value);
        const alone = createDurations();
        for (const value of between) alone.add(value);
        const expected = alone.figures();
        const found = quantilesBetween(earlier, all.figures());
        expect(found?.count).toBe(between.length);
        // A bucket is 4 % wide.
        for (const quantile of ['p50Ms', 'p99Ms'] as const)
          expect(Math.abs(Math.log((found?.[quantile] ?? 0) / (expected?.[quantile] ?? 0)))).toBeLessThan(0.041);
      },
    ),
  );
});

test('a reading that is smaller than the one before is of a service that has begun anew', () => {
  const of = (...values: readonly number[]) => {
    const durations = createDurations();
    for (const value of values) durations.add(value);
    return durations.figures();
  };
  expect(quantilesBetween(of(5, 5, 5), of(100))?.p50Ms).toBeGreaterThan(90);
  expect(quantilesBetween(of(5), of(100, 100))?.count).toBe(2);
  expect(quantilesBetween(of(5), of(5))).toBeNull();
  expect(quantilesBetween(null, null)).toBeNull();
});

const report = (receivedMs: number, v4: readonly number[]): TimedReport => {
  const durations = createDurations();
  for (const value of v4) durations.add(value);
  const empty = createReportRecorder().report();
  const { operations } = empty;
  const side = { sent: v4.length + 1, failed: 1, errors: { TIMEOUT: 1 }, durations: durations.figures() };
  return {
    receivedMs,
    report: { ...empty, operations: { ...operations, new_payload: { ...operations.new_payload, v4: side } } },
  };
};

test('lately is the last five minutes of reports, and one report alone tells nothing of it', () => {
  const [one, two] = [report(0, [5]), report(10_000, [5, 50])];
  expect(lately([one], 'new_payload', 'v4')).toBeNull();
  expect(lately([one, two], 'new_payload', 'v4')?.count).toBe(1);
  expect(addReport([one, two], report(310_000, [])).map(({ receivedMs }) => receivedMs)).toEqual([10_000, 310_000]);
  const row = latencyTable([one, two])?.rows[0]?.map(({ text }) => text);
  expect(row?.slice(0, 2)).toEqual(['new_payload', 'v4']);
  expect(row?.slice(-3)).toEqual(['3', '1 (33.33 %)', 'TIMEOUT 1']);
  expect(latencyTable([])).toBeNull();
});

test('the points of the charts go forward in time, with gaps where nothing is known', () => {
  const reports = [report(0, [5]), report(10_000, [5, 50])];
  const points = addPoint(addPoint([], reports.slice(0, 1), 1_000), reports, 2_000);
  expect(addPoint(points, reports, 2_000)).toBe(points);
  const [atSeconds, v4, v5] = latencyLines(points, 'p50Ms');
  expect(atSeconds).toEqual([1, 2]);
  expect(v4[0]).toBeNull();
  expect(v4[1]).toBeGreaterThan(45);
  expect(v5).toEqual([null, null]);
});

test('the model keeps what came, and that a service keeps no report', () => {
  const known = withStatus(emptyModel, statusAt(5_000, 10, 1, 1), 77);
  expect(known).toMatchObject({ receivedMs: 77, samples: [{ atMs: 5_000 }] });
  const reported = withReport(withReport(known, report(80, [5])), report(90, [5, 5]));
  expect(reported.points.map(({ atMs }) => atMs)).toEqual([5_000]);
  expect(withReport(reported, null).reports).toBeNull();
  expect(withReport(withReport(reported, null), report(99, [])).reports).toHaveLength(1);
});
