import { CompatError } from '../errors.js';
import { type Counts, requireCounts } from './counts.js';
import { requireAlpha } from './interval.js';
import { beta, logShare, rateDeviance } from './rateEvidence.js';

/** What the prior weighs, in units: it looks for shares about as far from the planned one as a hundred units would be by chance. */
const concentration = 100;

/**
 * Tells whether units went to an arm (`successes` of `total`) in another share than the planned one: a sequential test
 * that says so of a split as planned at any of all sizes with a probability of at most `alpha`, however often it is
 * asked. A share of 0 or 1 is contradicted by a single unit.
 *
 * The guarantee is exact at every size, not asymptotic, for units that are assigned one by one, each with the planned
 * probability whatever came before. Throws INVALID_SAMPLE for impossible counts, share or alpha.
 *
 * Source: M. Lindon and A. Malek, "Anytime-Valid Inference For Multinomial Count Data", NeurIPS 2022,
 * https://arxiv.org/abs/2011.03567: the Bayes factor of a Dirichlet prior around the planned shares.
 */
export function isSampleRatioMismatch(counts: Counts, { share, alpha }: { share: number; alpha: number }): boolean {
  requireCounts(counts, 'counts');
  requireAlpha(alpha);
  const { successes, total } = counts;
  if (!(share >= 0 && share <= 1))
    throw new CompatError('INVALID_SAMPLE', 'share: a number from 0 to 1 is needed', { path: 'share' });
  if (share === 0) return successes > 0;
  if (share === 1) return successes < total;
  const prior = beta(concentration * share, concentration * (1 - share));
  return rateDeviance(counts, share) + logShare(prior, counts) >= -Math.log(alpha);
}
