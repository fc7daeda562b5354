import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClusterSums, independent, studentSquare } from '../../../packages/sdk/src/statistics/clustering.js';
import { meanDifferenceInterval } from '../../../packages/sdk/src/statistics/meanDifferenceInterval.js';
import { rateDifferenceInterval } from '../../../packages/sdk/src/statistics/rateDifferenceInterval.js';
import { randomOf } from '../../support/random.js';

/** The design effect of so many clusters of so many values, each value a share of its cluster's own and the rest of its own. */
function effectOf({ clusters, size, shared }: { clusters: number; size: number; shared: number }): number {
  const random = randomOf(17);
  const sums = createClusterSums();
  let [count, sum, squares] = [0, 0, 0];
  for (let cluster = 0; cluster < clusters; cluster += 1) {
    const common = random();
    for (let i = 0; i < size; i += 1) {
      const value = Math.sqrt(shared) * common + Math.sqrt(1 - shared) * random();
      sums.add(cluster % 256, value);
      count += 1;
      sum += value;
      squares += value ** 2;
    }
  }
  return sums.designEffect((squares / count - (sum / count) ** 2) / count);
}

describe('the design effect', () => {
  test('is near 1 where values stand for themselves', () => {
    expect(effectOf({ clusters: 20_000, size: 1, shared: 0 })).toBeLessThan(1.3);
    expect(effectOf({ clusters: 2_000, size: 10, shared: 0 })).toBeLessThan(1.3);
  });

  test('is 1 + (size - 1) times the correlation of values in a cluster', () => {
    for (const [size, shared] of [
      [10, 0.3],
      [10, 0.9],
      [50, 0.5],
    ] as const) {
      const effect = effectOf({ clusters: 5_000, size, shared });
      // Four deviations of a variance that 256 clusters tell.
      expect(Math.abs(effect / (1 + (size - 1) * shared) - 1)).toBeLessThan(4 * Math.sqrt(2 / 256));
    }
  });

  test('is 1 of values that are all equal', () => {
    const sums = createClusterSums();
    for (let cluster = 0; cluster < 20; cluster += 1) sums.add(cluster, 3);
    expect(sums.designEffect(0)).toBe(1);
    expect(sums.clusters()).toBe(20);
  });
});

test("Student's square is never below the normal one, and comes to it with more degrees", () => {
  const degrees = fc.integer({ min: 1, max: 1_000 });
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 60, noNaN: true }), degrees, (square, few) => {
      expect(studentSquare(square, few)).toBeGreaterThanOrEqual(square);
    }),
  );
  // Below 3 it first rises a little with the degrees; an interval asks for squares from 6 on (alpha is at most 0.05).
  fc.assert(
    fc.property(fc.double({ min: 3, max: 60, noNaN: true }), degrees, (square, few) => {
      expect(studentSquare(square, few + 1)).toBeLessThanOrEqual(studentSquare(square, few) * (1 + 1e-12));
    }),
  );
  expect(studentSquare(11, 1e9)).toBeCloseTo(11, 5);
  expect(studentSquare(11, Number.POSITIVE_INFINITY)).toBe(11);
});

test('values that hang together never narrow an interval', () => {
  const counts = fc
    .integer({ min: 1, max: 100_000 })
    .chain((total) => fc.record({ successes: fc.nat(total), total: fc.constant(total) }));
  const effect = fc.double({ min: 1, max: 1_000, noNaN: true });
  const clusterings = fc.record({ control: effect, candidate: effect, degrees: fc.integer({ min: 9, max: 255 }) });
  fc.assert(
    fc.property(counts, counts, clusterings, (control, candidate, clustering) => {
      const plain = rateDifferenceInterval(control, candidate, 0.025, independent);
      const wide = rateDifferenceInterval(control, candidate, 0.025, clustering);
      expect(wide.lower).toBeLessThanOrEqual(plain.lower + 1e-12);
      expect(wide.upper).toBeGreaterThanOrEqual(plain.upper - 1e-12);
      expect(wide.lower >= -1 && wide.upper <= 1).toBe(true);
      const momentsOf = (count: number, mean: number) => ({ count: count + 100, mean, m2: (count + 99) / 4 });
      const means = [momentsOf(control.total, 3), momentsOf(candidate.total, 3.1)] as const;
      const [plainMean, wideMean] = [
        meanDifferenceInterval(...means, 0.025),
        meanDifferenceInterval(...means, 0.025, clustering),
      ];
      expect(wideMean.lower <= plainMean.lower && wideMean.upper >= plainMean.upper).toBe(true);
    }),
  );
});
