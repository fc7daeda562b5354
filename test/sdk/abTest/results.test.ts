import { AbTestController, type AbTestOptions, type AbTestResults } from '@lighthouse-compat/sdk';
import { describe, expect, test } from 'vitest';
import { createSplitRecorder } from '../../../packages/sdk/src/abTest/splitRecorder.js';
import { latencyFrom } from '../../support/latency.js';
import { randomOf } from '../../support/random.js';
import { createHandClock } from './handClock.js';

const open = (changes: Partial<AbTestOptions> = {}) => {
  const tests = new AbTestController({ clock: createHandClock(0), random: randomOf(3) });
  tests.createTest({ name: 'deneb', v5Percent: 50, durationMs: 60_000, ...changes });
  return tests;
};

/** Records `count` requests of one arm, of which the first `failures` fail. */
function recordMany(
  tests: AbTestController,
  version: 'v4' | 'v5',
  count: number,
  { failures = 0, latencyMs = (): number | null => 20 } = {},
): void {
  for (let i = 0; i < count; i += 1) {
    const success = i >= failures;
    tests.recordResult('deneb', { version, operation: 'new_payload', success, latencyMs: latencyMs() });
  }
}

/** Every number in a value. */
const numbersIn = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(numbersIn)
      : [];

test('nothing recorded is nothing known, said without NaN or Infinity', () => {
  const results = open().getTestResults('deneb');
  const nothing = { requests: 0, successes: 0, successRate: null, timedRequests: 0, p50Ms: null, p99Ms: null };
  expect(results).toMatchObject({
    v4: nothing,
    v5: nothing,
    successRate: { verdict: 'not_enough_data', difference: { lower: -1, upper: 1 } },
    latency: { verdict: 'not_enough_data', ratio: null },
    split: { verdict: 'not_enough_data', units: 0, v5Units: 0 },
  } satisfies Partial<AbTestResults>);
  expect(numbersIn(results).every(Number.isFinite)).toBe(true);
});

describe('an arm', () => {
  test('has its requests, success rate, and quantiles that are right to one percent', () => {
    const tests = open();
    const random = randomOf(4);
    const values: number[] = [];
    const draw = (): number => {
      const latencyMs = latencyFrom(random, { p50Ms: 20, p99Ms: 60 });
      values.push(latencyMs);
      return latencyMs;
    };
    recordMany(tests, 'v5', 20_000, { latencyMs: draw });
    values.sort((a, b) => a - b);
    const { v5 } = tests.getTestResults('deneb');
    expect(v5).toMatchObject({ requests: 20_000, successRate: 1, timedRequests: 20_000 });
    for (const [measured, quantile] of [
      [v5.p50Ms, 0.5],
      [v5.p99Ms, 0.99],
    ] as const) {
      const exact = values[Math.floor(quantile * (values.length - 1))] as number;
      expect(Math.abs((measured as number) / exact - 1)).toBeLessThanOrEqual(0.01 + 1e-9);
    }
  });

  test('leaves failures and what is not timed out of its speed', () => {
    const tests = open();
    recordMany(tests, 'v4', 3, { failures: 1, latencyMs: () => 8_000 });
    recordMany(tests, 'v4', 2, { latencyMs: () => null });
    const { v4 } = tests.getTestResults('deneb');
    expect(v4).toMatchObject({ requests: 5, successRate: 0.8, timedRequests: 2 });
    expect(v4.p50Ms).toBeGreaterThan(7_900);
  });

  test('takes a latency of nothing for a microsecond, and one of a day', () => {
    const tests = open();
    recordMany(tests, 'v4', 1, { latencyMs: () => 0 });
    recordMany(tests, 'v5', 1, { latencyMs: () => 86_400_000 });
    const { v4, v5 } = tests.getTestResults('deneb');
    expect(v4.p50Ms).toBeCloseTo(0.001, 4);
    expect(Math.abs((v5.p50Ms as number) / 86_400_000 - 1)).toBeLessThan(0.011);
  });
});

describe('the verdict on the success rate', () => {
  test.each([
    ['better', { failures: 120 }, { failures: 20 }],
    ['worse', { failures: 20 }, { failures: 120 }],
    ['no_difference_yet', { failures: 20 }, { failures: 25 }],
  ])('is %s', (verdict, v4, v5) => {
    const tests = open();
    recordMany(tests, 'v4', 2_000, v4);
    recordMany(tests, 'v5', 2_000, v5);
    expect(tests.getTestResults('deneb').successRate.verdict).toBe(verdict);
  });

  test('is not enough data below 100 requests of an arm, but a difference that is proven is said at any size', () => {
    const tests = open();
    recordMany(tests, 'v4', 5_000);
    recordMany(tests, 'v5', 30, { failures: 0 });
    expect(tests.getTestResults('deneb').successRate.verdict).toBe('not_enough_data');
    recordMany(tests, 'v5', 30, { failures: 30 });
    expect(tests.getTestResults('deneb').successRate.verdict).toBe('worse');
  });
});

describe('the verdict on latency', () => {
  test.each([
    ['better', 0.8],
    ['worse', 1.25],
    ['no_difference_yet', 1],
  ])('is %s where v5 takes %d times as long', (verdict, factor) => {
    const tests = open();
    const random = randomOf(5);
    recordMany(tests, 'v4', 3_000, { latencyMs: () => latencyFrom(random, { p50Ms: 20, p99Ms: 60 }) });
    recordMany(tests, 'v5', 300, { latencyMs: () => factor * latencyFrom(random, { p50Ms: 20, p99Ms: 60 }) });
    const { latency } = tests.getTestResults('deneb');
    expect(latency.verdict).toBe(verdict);
    expect((latency.ratio?.lower ?? 9) < factor && factor < (latency.ratio?.upper ?? 0)).toBe(true);
  });

  test('is not enough data below 100 timed requests of an arm, and where a clock shows only one value', () => {
    const tests = open();
    const random = randomOf(6);
    const latencyMs = (): number => latencyFrom(random, { p50Ms: 20, p99Ms: 60 });
    recordMany(tests, 'v4', 5_000, { latencyMs });
    recordMany(tests, 'v5', 5_000, { latencyMs: () => null });
    recordMany(tests, 'v5', 99, { latencyMs });
    expect(tests.getTestResults('deneb').latency).toEqual({ verdict: 'not_enough_data', ratio: null });
    const coarse = open();
    recordMany(coarse, 'v4', 5_000, { latencyMs: () => 1 });
    recordMany(coarse, 'v5', 5_000, { latencyMs: () => 2 });
    expect(coarse.getTestResults('deneb').latency).toEqual({ verdict: 'not_enough_data', ratio: null });
  });
});

test('fewer than ten sessions of an arm are not enough data, however many requests they make', () => {
  const tests = open();
  for (let i = 0; i < 4_000; i += 1) {
    const version = i % 2 === 0 ? 'v4' : 'v5';
    const sessionId = `${version}-${i % 18}`;
    const latencyMs = version === 'v4' ? 20 + (i % 7) : 90 + (i % 7);
    tests.recordResult('deneb', { version, operation: 'new_payload', success: version === 'v4', latencyMs, sessionId });
  }
  expect(tests.getTestResults('deneb')).toMatchObject({
    v4: { requests: 2_000 },
    successRate: { verdict: 'not_enough_data' },
    latency: { verdict: 'not_enough_data', ratio: null },
  });
});

describe('the check of the split', () => {
  const record = (tests: AbTestController, version: 'v4' | 'v5', sessionId?: string): void =>
    void tests.recordResult('deneb', {
      version,
      operation: 'new_payload',
      success: true,
      latencyMs: 20,
      sessionId: sessionId ?? null,
    });

  test('counts each session of a sticky test once, however many requests it makes', () => {
    const tests = open({ v5Percent: 10 });
    for (let i = 0; i < 3_000; i += 1) {
      const sessionId = `session-${i}`;
      const isV5 = tests.shouldUseV5('deneb', sessionId);
      // Sessions of v5 are busier, which is no fault of the split.
      for (let request = 0; request < (isV5 ? 5 : 1); request += 1) record(tests, isV5 ? 'v5' : 'v4', sessionId);
      record(tests, 'v4', 'session-0');
    }
    const { split, v5 } = tests.getTestResults('deneb');
    expect(split.verdict).toBe('as_planned');
    // Bloom filters take a few for ones that they have seen.
    expect(split.units).toBeGreaterThan(2_990);
    expect(split.units).toBeLessThanOrEqual(3_000);
    expect(v5.requests).toBe(split.v5Units * 5);
  });

  test('sees that a tenth of the requests of v5 went missing', () => {
    const tests = open();
    for (let i = 0; i < 20_000; i += 1) {
      const sessionId = `session-${i}`;
      const isV5 = tests.shouldUseV5('deneb', sessionId);
      if (!isV5 || i % 10 !== 0) record(tests, isV5 ? 'v5' : 'v4', sessionId);
    }
    expect(tests.getTestResults('deneb').split.verdict).toBe('mismatch');
  });

  test('counts requests where sessions are not sticky, and none of a sticky test that has no session', () => {
    const random = open({ stickySessions: false });
    const sticky = open();
    for (let i = 0; i < 200; i += 1) {
      record(random, i % 2 === 0 ? 'v5' : 'v4');
      record(sticky, 'v5');
    }
    expect(random.getTestResults('deneb').split).toEqual({ verdict: 'as_planned', units: 200, v5Units: 100 });
    expect(sticky.getTestResults('deneb').split).toEqual({ verdict: 'not_enough_data', units: 0, v5Units: 0 });
  });

  test.each([
    [0, 'v4', 'v5'],
    [100, 'v5', 'v4'],
  ] as const)('of %d percent is broken by a single request', (v5Percent, planned, other) => {
    const tests = open({ v5Percent, stickySessions: false });
    for (let i = 0; i < 100; i += 1) record(tests, planned);
    expect(tests.getTestResults('deneb').split.verdict).toBe('as_planned');
    record(tests, other);
    expect(tests.getTestResults('deneb').split.verdict).toBe('mismatch');
  });

  test('keeps its share when its memory is full', () => {
    const split = createSplitRecorder({
      name: 'deneb',
      v5Percent: 20,
      startMs: 0,
      endMs: 1,
      stickySessions: true,
      operations: [],
    });
    const tests = open({ v5Percent: 20 });
    for (let i = 0; i < 600_000; i += 1) split.record(tests.shouldUseV5('deneb', `session-${i}`), `session-${i}`, true);
    const { successes, total } = split.counts();
    expect(total).toBeLessThan(400_000);
    expect(total).toBeGreaterThan(100_000);
    // Five deviations of a share of 0.2 of so many.
    expect(Math.abs(successes / total - 0.2)).toBeLessThan(5 * Math.sqrt((0.2 * 0.8) / total));
  });
});
