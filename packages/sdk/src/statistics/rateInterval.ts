import { firstBeyond } from './bisect.js';
import { type Counts, requireCounts } from './counts.js';
import { type Interval, requireAlpha } from './interval.js';
import { rateDeviance, rateRegret } from './rateEvidence.js';

/**
 * Gives a confidence sequence for a rate: with a probability of at least 1 - alpha the rate lies in the intervals of all
 * sample sizes at once, so that they may be looked at as often as one likes and sampling ended at any of them.
 *
 * The guarantee is exact at every size, not asymptotic, for attempts that succeed with the same probability whatever
 * came before. Nothing seen gives 0 to 1. Throws INVALID_SAMPLE for impossible counts or alpha.
 *
 * Source: the method of mixtures with Beta priors, as {@link rateRegret} says.
 */
export function rateInterval(counts: Counts, alpha: number): Interval {
  requireCounts(counts, 'counts');
  requireAlpha(alpha);
  const { successes, total } = counts;
  if (total === 0) return { lower: 0, upper: 1 };
  const limit = rateRegret([counts]) - Math.log(alpha);
  const isBeyond = (rate: number): boolean => rateDeviance(counts, rate) >= limit;
  const observed = successes / total;
  return {
    lower: successes === 0 ? 0 : firstBeyond(observed, 0, isBeyond),
    upper: successes === total ? 1 : firstBeyond(observed, 1, isBeyond),
  };
}
