import { describe, expect, test } from 'vitest';
import { isSampleRatioMismatch } from '../../../packages/sdk/src/statistics/sampleRatio.js';

describe('isSampleRatioMismatch', () => {
  test.each([0.01, 0.1, 0.5, 0.95])(
    'is said of a split as planned, of %d, at any of the first 1,000 sizes with less than the promised probability, reckoned without chance',
    (share) => {
      const alpha = 0.05;
      // The share of all ways to this size at which nothing has been said yet, by the units of v5.
      let unsaid = new Float64Array([1]);
      let said = 0;
      for (let total = 1; total <= 1_000; total += 1) {
        const next = new Float64Array(total + 1);
        for (const [successes, ways] of unsaid.entries()) {
          next[successes] = (next[successes] as number) + ways * (1 - share);
          next[successes + 1] = (next[successes + 1] as number) + ways * share;
        }
        for (const [successes, ways] of next.entries()) {
          if (ways < 1e-15 || !isSampleRatioMismatch({ successes, total }, { share, alpha })) continue;
          said += ways;
          next[successes] = 0;
        }
        unsaid = next;
      }
      expect(said).toBeLessThanOrEqual(alpha);
      expect(said).toBeGreaterThan(alpha / 100);
    },
  );

  test('is the Bayes factor of its source', () => {
    // Beta(50, 50) against a share of 1/2, by its definition: B(50 + 60, 50 + 20) / B(50, 50) * 2^80.
    const logFactorials = [0];
    for (let n = 1; n < 200; n += 1) logFactorials.push((logFactorials[n - 1] as number) + Math.log(n));
    const logBeta = (a: number, b: number): number =>
      (logFactorials[a - 1] as number) + (logFactorials[b - 1] as number) - (logFactorials[a + b - 1] as number);
    const factor = Math.exp(logBeta(110, 70) - logBeta(50, 50) + 80 * Math.LN2);
    const counts = { successes: 60, total: 80 };
    expect(isSampleRatioMismatch(counts, { share: 0.5, alpha: 1.001 / factor })).toBe(true);
    expect(isSampleRatioMismatch(counts, { share: 0.5, alpha: 0.999 / factor })).toBe(false);
  });

  test.each([
    [{ successes: 0, total: 0 }, 0.5, false],
    [{ successes: 0, total: 1e6 }, 0, false],
    [{ successes: 1, total: 1e6 }, 0, true],
    [{ successes: 1e6, total: 1e6 }, 1, false],
    [{ successes: 1e6 - 1, total: 1e6 }, 1, true],
    [{ successes: 4.5e15, total: 9e15 }, 0.5, false],
    [{ successes: 4.6e15, total: 9e15 }, 0.5, true],
  ])('of %j where %d is planned is %s', (counts, share, expected) => {
    expect(isSampleRatioMismatch(counts, { share, alpha: 0.01 })).toBe(expected);
  });

  test.each([
    [{ successes: 2, total: 1 }, 0.5, 0.01, 'counts.successes'],
    [{ successes: 1, total: 2 }, 1.01, 0.01, 'share'],
    [{ successes: 1, total: 2 }, Number.NaN, 0.01, 'share'],
    [{ successes: 1, total: 2 }, 0.5, 1, 'alpha'],
  ])('refuses %j with a share of %d and alpha %d, and names the field', (counts, share, alpha, path) => {
    expect(() => isSampleRatioMismatch(counts, { share, alpha })).toThrow(
      expect.objectContaining({ code: 'INVALID_SAMPLE', path }),
    );
  });
});
