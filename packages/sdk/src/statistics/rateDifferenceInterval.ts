import { firstBeyond } from './bisect.js';
import { type Clustering, independent, studentSquare } from './clustering.js';
import { type Counts, requireCounts } from './counts.js';
import { type Interval, requireAlpha } from './interval.js';
import { rateDeviance, rateRegret } from './rateEvidence.js';

/** Beyond it a rate is 0 or 1 for all that a number can tell, and its square is still a number. */
const greatestPull = 1e150;

/** Where a rate is pulled to from the observed one, upwards: the root in [0, 1] of total (rate - observed) = pull rate (1 - rate). */
function pulledUp({ successes, total }: Counts, pull: number): number {
  const rest = total - pull;
  const root = Math.sqrt(rest * rest + 4 * pull * successes);
  // Of the two ways to write it the one that adds numbers of one sign.
  const rate = rest > 0 ? (2 * successes) / (rest + root) : (root - rest) / (2 * pull);
  return Math.min(1, rate);
}

const failuresOf = ({ successes, total }: Counts): Counts => ({ successes: total - successes, total });

/** An arm's counts, and by how much less they weigh because they hang together. */
type Weighed = { readonly counts: Counts; readonly designEffect: number };

/** The least difference whose two rates, both as likely as they can be, are within `limit` of the greatest likelihood: on the way there control's rate rises and the candidate's falls, each by Lagrange's condition for the same pull. */
function leastDifference(control: Weighed, candidate: Weighed, limit: number): number {
  const rise = ({ counts, designEffect }: Weighed, pull: number): number => pulledUp(counts, pull * designEffect);
  const cost = (arm: Weighed, pull: number): number => rateDeviance(arm.counts, rise(arm, pull)) / arm.designEffect;
  const failures = { ...candidate, counts: failuresOf(candidate.counts) };
  const isBeyond = (pull: number): boolean => cost(control, pull) + cost(failures, pull) >= limit;
  let pull = 1;
  while (pull < greatestPull && !isBeyond(pull)) pull *= 2;
  pull = firstBeyond(pull === 1 ? 0 : pull / 2, pull, isBeyond);
  return 1 - rise(failures, pull) - rise(control, pull);
}

/**
 * Gives a confidence sequence for the candidate's rate less control's: with a probability of at least 1 - alpha the
 * difference lies in the intervals of all pairs of sample sizes at once, however often they are looked at.
 *
 * The guarantee is exact at every size, not asymptotic, and for any shares of the arms, also such as change on the way,
 * as long as each arm's attempts succeed with one probability whatever came before. It holds as well for arms that see
 * the same calls only if their outcomes do not depend on each other beyond that. For attempts that hang together
 * `clustering` widens the interval; the guarantee is asymptotic then. Nothing seen gives -1 to 1. Throws INVALID_SAMPLE
 * for impossible counts or alpha.
 *
 * Source: the product of both arms' mixture martingales, as {@link rateRegret} says, projected on the difference; the
 * pairs of rates that remain are a convex set, so the differences are an interval.
 */
export function rateDifferenceInterval(
  control: Counts,
  candidate: Counts,
  alpha: number,
  clustering: Clustering = independent,
): Interval {
  requireCounts(control, 'control');
  requireCounts(candidate, 'candidate');
  requireAlpha(alpha);
  if (control.total === 0 && candidate.total === 0) return { lower: -1, upper: 1 };
  const limit = studentSquare(2 * (rateRegret([control, candidate]) - Math.log(alpha)), clustering.degrees) / 2;
  const one = { counts: control, designEffect: clustering.control };
  const other = { counts: candidate, designEffect: clustering.candidate };
  return { lower: leastDifference(one, other, limit), upper: -leastDifference(other, one, limit) };
}
