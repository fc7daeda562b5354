import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Counts } from '../../../packages/sdk/src/statistics/counts.js';
import { rateDifferenceInterval } from '../../../packages/sdk/src/statistics/rateDifferenceInterval.js';
import { rateDeviance, rateRegret } from '../../../packages/sdk/src/statistics/rateEvidence.js';
import { rateInterval } from '../../../packages/sdk/src/statistics/rateInterval.js';
import { randomOf } from '../../support/random.js';

const countsOf = (maxTotal: number): fc.Arbitrary<Counts> =>
  fc
    .nat(maxTotal)
    .chain((total) => fc.record({ successes: fc.nat(total), total: fc.constant(total) }))
    .map(({ successes, total }) => ({ successes, total }));
const small = countsOf(300);
const any = fc.oneof(small, countsOf(1_000_000), countsOf(Number.MAX_SAFE_INTEGER));
const alphas = fc.double({ min: 1e-12, max: 0.5, noNaN: true });
const rates = fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true });

const withOne = ({ successes, total }: Counts, isSuccess: boolean): Counts => ({
  successes: successes + (isSuccess ? 1 : 0),
  total: total + 1,
});
const failuresOf = ({ successes, total }: Counts): Counts => ({ successes: total - successes, total });

/** log of the martingale that the intervals stand on. */
const logMartingale = (arms: readonly Counts[], armRates: readonly number[]): number =>
  arms.reduce((sum, arm, i) => sum + rateDeviance(arm, armRates[i] as number), 0) - rateRegret(arms);

describe('the martingale behind the intervals of rates', () => {
  test('begins at 1', () => {
    expect(logMartingale([{ successes: 0, total: 0 }], [0.3])).toBe(0);
  });

  test('is on average tomorrow what it is today, whichever arm is served next', () => {
    fc.assert(
      fc.property(small, small, rates, rates, fc.boolean(), (one, two, rateOne, rateTwo, isOneNext) => {
        const now = logMartingale([one, two], [rateOne, rateTwo]);
        const growth = (isSuccess: boolean): number => {
          const arms = isOneNext ? [withOne(one, isSuccess), two] : [one, withOne(two, isSuccess)];
          return Math.exp(logMartingale(arms, [rateOne, rateTwo]) - now);
        };
        const rate = isOneNext ? rateOne : rateTwo;
        expect(rate * growth(true) + (1 - rate) * growth(false)).toBeCloseTo(1, 8);
      }),
    );
  });
});

test('the deviance of a rate is a number, or infinite where the rate is impossible', () => {
  fc.assert(
    fc.property(any, fc.double({ min: 0, max: 1, noNaN: true }), (counts, rate) => {
      const { successes, total } = counts;
      expect(rateDeviance(counts, rate)).toBeGreaterThanOrEqual(0);
      expect(rateDeviance(counts, 0)).toBe(successes === 0 ? 0 : Number.POSITIVE_INFINITY);
      expect(rateDeviance(counts, 1)).toBe(successes === total ? 0 : Number.POSITIVE_INFINITY);
    }),
  );
});

describe('rateInterval', () => {
  test.each([0.001, 0.01, 0.05, 0.3, 0.5, 0.98])(
    'misses a rate of %d at any of the first 400 sizes with less than the promised probability, reckoned without chance',
    (rate) => {
      const alpha = 0.05;
      // The share of all ways to this size that have not been missed yet, by their number of successes.
      let notMissed = new Float64Array([1]);
      let missed = 0;
      for (let total = 1; total <= 400; total += 1) {
        const next = new Float64Array(total + 1);
        for (const [successes, share] of notMissed.entries()) {
          next[successes] = (next[successes] as number) + share * (1 - rate);
          next[successes + 1] = (next[successes + 1] as number) + share * rate;
        }
        for (const [successes, share] of next.entries()) {
          if (share === 0) continue;
          const counts = { successes, total };
          if (rateDeviance(counts, rate) < rateRegret([counts]) - Math.log(alpha)) continue;
          missed += share;
          next[successes] = 0;
        }
        notMissed = next;
      }
      expect(missed).toBeLessThanOrEqual(alpha);
    },
  );

  test('lies within 0 and 1, holds what was observed, and ends where the deviance reaches its limit', () => {
    fc.assert(
      fc.property(any, alphas, (counts, alpha) => {
        const { lower, upper } = rateInterval(counts, alpha);
        const observed = counts.total === 0 ? 0.5 : counts.successes / counts.total;
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(upper).toBeLessThanOrEqual(1);
        expect(lower <= observed && observed <= upper).toBe(true);
        const limit = rateRegret([counts]) - Math.log(alpha);
        if (lower > 0) expect(rateDeviance(counts, lower)).toBeGreaterThanOrEqual(limit);
        if (upper < 1) expect(rateDeviance(counts, upper)).toBeGreaterThanOrEqual(limit);
        const within = lower + (upper - lower) * 0.01;
        // Narrower ones have no numbers left between their ends.
        if (upper - lower > 1e-12) expect(rateDeviance(counts, within)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('is the mirror image of the interval of failures', () => {
    fc.assert(
      fc.property(countsOf(100_000), alphas, (counts, alpha) => {
        const [one, other] = [rateInterval(counts, alpha), rateInterval(failuresOf(counts), alpha)];
        expect(one.lower).toBeCloseTo(1 - other.upper, 9);
        expect(one.upper).toBeCloseTo(1 - other.lower, 9);
      }),
    );
  });

  test('is the wider the less error is allowed', () => {
    fc.assert(
      fc.property(any, alphas, (counts, alpha) => {
        const [wide, narrow] = [rateInterval(counts, alpha / 10), rateInterval(counts, alpha)];
        expect(wide.lower <= narrow.lower && wide.upper >= narrow.upper).toBe(true);
      }),
    );
  });

  test('puts an error rate below 1 % after 400 calls without an error', () => {
    expect(rateInterval({ successes: 0, total: 400 }, 0.05).upper).toBeLessThan(0.0113);
    expect(rateInterval({ successes: 0, total: 470 }, 0.05).upper).toBeLessThan(0.01);
  });

  test('knows nothing of nothing', () => {
    expect(rateInterval({ successes: 0, total: 0 }, 0.05)).toEqual({ lower: 0, upper: 1 });
  });
});

describe('rateDifferenceInterval', () => {
  test('lies within -1 and 1, holds what was observed, and is turned about with the arms', () => {
    fc.assert(
      fc.property(any, any, alphas, (control, candidate, alpha) => {
        const { lower, upper } = rateDifferenceInterval(control, candidate, alpha);
        expect(lower).toBeGreaterThanOrEqual(-1);
        expect(upper).toBeLessThanOrEqual(1);
        if (control.total > 0 && candidate.total > 0) {
          const observed = candidate.successes / candidate.total - control.successes / control.total;
          expect(lower).toBeLessThanOrEqual(observed + 1e-15);
          expect(upper).toBeGreaterThanOrEqual(observed - 1e-15);
        }
        const turned = rateDifferenceInterval(candidate, control, alpha);
        expect(turned.lower).toBe(-upper);
        expect(turned.upper).toBe(-lower);
        const ofFailures = rateDifferenceInterval(failuresOf(candidate), failuresOf(control), alpha);
        expect(ofFailures.lower).toBeCloseTo(lower, 9);
        expect(ofFailures.upper).toBeCloseTo(upper, 9);
      }),
    );
  });

  test('ends at the extreme difference of all pairs of rates that remain, as a search over them finds it', () => {
    const random = randomOf(8);
    for (let run = 0; run < 40; run += 1) {
      const draw = (): Counts => {
        const total = Math.floor(random() * 200);
        return { successes: Math.floor(random() * (total + 1)), total };
      };
      const [control, candidate, alpha] = [draw(), draw(), 0.001 + random() * 0.2];
      const limit = rateRegret([control, candidate]) - Math.log(alpha);
      const { lower, upper } = rateDifferenceInterval(control, candidate, alpha);
      let [least, greatest] = [1, -1];
      const steps = 400;
      for (let i = 0; i <= steps; i += 1) {
        const ofControl = rateDeviance(control, i / steps);
        if (!(ofControl < limit)) continue;
        for (let k = 0; k <= steps; k += 1) {
          if (!(ofControl + rateDeviance(candidate, k / steps) < limit)) continue;
          least = Math.min(least, (k - i) / steps);
          greatest = Math.max(greatest, (k - i) / steps);
        }
      }
      expect(lower).toBeLessThanOrEqual(least);
      expect(upper).toBeGreaterThanOrEqual(greatest);
      expect(least - lower).toBeLessThan(3 / steps);
      expect(upper - greatest).toBeLessThan(3 / steps);
    }
  });

  test.each([
    [
      { successes: 0, total: 0 },
      { successes: 0, total: 0 },
      { lower: -1, upper: 1 },
    ],
    [
      { successes: 1_000, total: 1_000 },
      { successes: 0, total: 1_000 },
      { lower: -1, upper: -0.98 },
    ],
  ])('gives what can be told of %j and %j', (control, candidate, expected) => {
    const { lower, upper } = rateDifferenceInterval(control, candidate, 0.05);
    expect(lower).toBe(expected.lower);
    expect(upper).toBeLessThanOrEqual(expected.upper);
  });

  test('excludes that there is none only where the likelihood ratio against it is over 1/alpha', () => {
    fc.assert(
      fc.property(countsOf(1_000), countsOf(1_000), alphas, (control, candidate, alpha) => {
        const { lower, upper } = rateDifferenceInterval(control, candidate, alpha);
        if (lower <= 0 && upper >= 0) return;
        const pooled = (control.successes + candidate.successes) / (control.total + candidate.total);
        const evidence = rateDeviance(control, pooled) + rateDeviance(candidate, pooled);
        expect(evidence).toBeGreaterThanOrEqual(-Math.log(alpha) * (1 - 1e-9));
      }),
    );
  });

  test('tells nothing of the difference to an arm without a call', () => {
    const { lower, upper } = rateDifferenceInterval({ successes: 0, total: 0 }, { successes: 99, total: 100 }, 0.05);
    expect(lower).toBeLessThan(0);
    expect(upper).toBeGreaterThan(0.99);
  });

  test('tells an error rate of 2 % from one of 1 % by 6,500 calls a side', () => {
    const [control, candidate] = [
      { successes: 65, total: 6_500 },
      { successes: 130, total: 6_500 },
    ];
    expect(rateDifferenceInterval(control, candidate, 0.025).lower).toBeGreaterThan(0);
  });
});

test.each([
  [{ successes: -1, total: 2 }, 0.05, 'successes'],
  [{ successes: 3, total: 2 }, 0.05, 'successes'],
  [{ successes: 0.5, total: 2 }, 0.05, 'successes'],
  [{ successes: Number.NaN, total: 2 }, 0.05, 'successes'],
  [{ successes: 0, total: Number.NaN }, 0.05, 'total'],
  [{ successes: 0, total: Number.POSITIVE_INFINITY }, 0.05, 'total'],
  [{ successes: 0, total: -1 }, 0.05, 'total'],
  [{ successes: 1, total: 2 }, 0, 'alpha'],
  [{ successes: 1, total: 2 }, 1, 'alpha'],
  [{ successes: 1, total: 2 }, Number.NaN, 'alpha'],
])('counts %j with alpha %d are refused, and the field is named', (counts, alpha, field) => {
  const path = field === 'alpha' ? 'alpha' : `counts.${field}`;
  expect(() => rateInterval(counts, alpha)).toThrow(expect.objectContaining({ code: 'INVALID_SAMPLE', path }));
  expect(() => rateDifferenceInterval({ successes: 1, total: 2 }, counts, alpha)).toThrow(
    expect.objectContaining({ code: 'INVALID_SAMPLE', path: field === 'alpha' ? 'alpha' : `candidate.${field}` }),
  );
});
