import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanDifferenceInterval } from '../../../packages/sdk/src/statistics/meanDifferenceInterval.js';
import { createMomentsBuilder, type Moments, mergeMoments } from '../../../packages/sdk/src/statistics/moments.js';

const momentsOf = (values: readonly number[]): Moments => {
  const builder = createMomentsBuilder();
  for (const value of values) builder.add(value);
  return builder.read();
};

/** In two passes, as the definition says. */
function byDefinition(values: readonly number[]): Moments {
  const count = values.length;
  const mean = count === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / count;
  return { count, mean, m2: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}

function expectClose(actual: Moments, expected: Moments): void {
  const scale = 1 + Math.abs(expected.mean);
  expect(actual.count).toBe(expected.count);
  expect(Math.abs(actual.mean - expected.mean) / scale).toBeLessThan(1e-12);
  expect(Math.abs(actual.m2 - expected.m2)).toBeLessThan(1e-9 * (1 + expected.m2) + 1e-12 * scale * scale);
}

const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 200 });

describe('moments', () => {
  test('are those of the definition', () => {
    fc.assert(fc.property(values, (sample) => expectClose(momentsOf(sample), byDefinition(sample))));
  });

  test('of two samples merge into those of both together', () => {
    fc.assert(
      fc.property(values, values, (one, two) =>
        expectClose(mergeMoments(momentsOf(one), momentsOf(two)), byDefinition([...one, ...two])),
      ),
    );
  });

  test('keep a small deviation beside a large mean', () => {
    const sample = Array.from({ length: 1_000 }, (_none, i) => 1e9 + (i % 2));
    expect(momentsOf(sample).m2).toBeCloseTo(250, 6);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuse %d and stay as they were',
    (value) => {
      const builder = createMomentsBuilder();
      builder.add(2);
      expect(() => builder.add(value)).toThrow(expect.objectContaining({ code: 'INVALID_SAMPLE', path: 'value' }));
      expect(builder.read()).toEqual({ count: 1, mean: 2, m2: 0 });
    },
  );
});

const moments = (count: number, mean: number, variance: number): Moments => ({
  count,
  mean,
  m2: variance * (count - 1),
});
const unknown = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

describe('meanDifferenceInterval', () => {
  test('is that of one sample in its source where the other arm is certain', () => {
    for (const count of [100, 1_000, 50_000]) {
      for (const deviation of [0.05, 0.5, 3]) {
        const [alpha, rho] = [0.025, 0.1 / deviation];
        const spread = count * rho ** 2 + 1;
        const margin =
          deviation * Math.sqrt((2 * spread * Math.log(Math.sqrt(spread) / alpha)) / (count ** 2 * rho ** 2));
        const control = moments(2 ** 52, 1, deviation ** 2);
        const { lower, upper } = meanDifferenceInterval(control, moments(count, 1.5, deviation ** 2), alpha);
        expect(lower).toBeCloseTo(0.5 - margin, 6);
        expect(upper).toBeCloseTo(0.5 + margin, 6);
      }
    }
  });

  test('holds what was observed, is turned about with the arms, and is the wider the less error is allowed', () => {
    const any = fc.record({
      count: fc.integer({ min: 100, max: 1e9 }),
      mean: fc.double({ min: -100, max: 100, noNaN: true }),
      m2: fc.double({ min: 1e-3, max: 1e12, noNaN: true }),
    });
    const alphas = fc.double({ min: 1e-12, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(any, any, alphas, (control, candidate, alpha) => {
        const { lower, upper } = meanDifferenceInterval(control, candidate, alpha);
        const observed = candidate.mean - control.mean;
        expect(lower <= observed && observed <= upper).toBe(true);
        const turned = meanDifferenceInterval(candidate, control, alpha);
        expect([turned.lower, turned.upper]).toEqual([0 - upper, 0 - lower]);
        const wider = meanDifferenceInterval(control, candidate, alpha / 10);
        expect(wider.lower <= lower && wider.upper >= upper).toBe(true);
      }),
    );
  });

  test.each([
    ['no values', moments(0, 0, 0), moments(0, 0, 0)],
    ['one value', moments(1, 3, 0), moments(500, 3, 0.2)],
    ['99 values in an arm', moments(1e6, 3, 0.2), moments(99, 3, 0.2)],
    ['values that are all equal', momentsOf(new Array(500).fill(3.3)), moments(500, 3, 0.2)],
    ['values that differ by rounding only', moments(500, 3.3, 1e-30), moments(500, 3, 0.2)],
    ['variances beyond every number', { count: 500, mean: 0, m2: Number.POSITIVE_INFINITY }, moments(500, 0, 1)],
    ['means whose difference is beyond every number', moments(500, -1.7e308, 1e300), moments(500, 1.7e308, 1e300)],
  ])('tells nothing of %s', (_what, control, candidate) => {
    expect(meanDifferenceInterval(control, candidate, 0.05)).toEqual(unknown);
    expect(meanDifferenceInterval(candidate, control, 0.05)).toEqual(unknown);
  });

  test('is never NaN, whatever the numbers', () => {
    const extreme = fc.record({
      count: fc.maxSafeNat(),
      mean: fc.double({ noNaN: true, noDefaultInfinity: true }),
      m2: fc.double({ min: 0, noNaN: true }),
    });
    fc.assert(
      fc.property(
        extreme,
        extreme,
        fc.double({ min: 1e-300, max: 0.999, noNaN: true }),
        (control, candidate, alpha) => {
          const { lower, upper } = meanDifferenceInterval(control, candidate, alpha);
          expect(lower <= upper).toBe(true);
        },
      ),
    );
  });

  test('stays a pair of numbers at any size', () => {
    const { lower, upper } = meanDifferenceInterval(moments(2 ** 53 - 1, 3, 1e-8), moments(2 ** 53 - 1, 3, 1e-8), 0.05);
    expect(lower).toBeLessThan(0);
    expect(upper).toBeGreaterThan(0);
    expect(upper).toBeLessThan(1e-9);
  });

  test.each([
    ['count', { count: Number.NaN, mean: 0, m2: 0 }],
    ['count', { count: -1, mean: 0, m2: 0 }],
    ['count', { count: 1.5, mean: 0, m2: 0 }],
    ['mean', { count: 2, mean: Number.NaN, m2: 0 }],
    ['mean', { count: 2, mean: Number.POSITIVE_INFINITY, m2: 0 }],
    ['m2', { count: 2, mean: 0, m2: Number.NaN }],
    ['m2', { count: 2, mean: 0, m2: -1e-9 }],
  ])('moments with an impossible %s are refused', (field, impossible) => {
    const possible = moments(200, 0, 1);
    expect(() => meanDifferenceInterval(impossible, possible, 0.05)).toThrow(
      expect.objectContaining({ code: 'INVALID_SAMPLE', path: `control.${field}` }),
    );
    expect(() => meanDifferenceInterval(possible, impossible, 0.05)).toThrow(
      expect.objectContaining({ code: 'INVALID_SAMPLE', path: `candidate.${field}` }),
    );
  });

  test('an impossible alpha is refused', () => {
    const possible = moments(200, 0, 1);
    expect(() => meanDifferenceInterval(possible, possible, 0)).toThrow(expect.objectContaining({ path: 'alpha' }));
  });
});
