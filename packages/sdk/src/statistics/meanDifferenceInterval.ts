import { type Clustering, independent, studentSquare } from './clustering.js';
import { type Interval, requireAlpha } from './interval.js';
import { type Moments, requireMoments } from './moments.js';

/** Below it the normal approximation that the guarantee stands on is not made. */
const minimumForMean = 100;

/** The difference at which the interval is narrowest for its sample: a tenth, which for a log latency is ten percent. */
const expectedDifference = 0.1;

const unknown: Interval = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

/** The variance of one value; 0 for what is no more than the rounding of equal ones. */
function varianceOf({ count, mean, m2 }: Moments): number {
  const variance = m2 / (count - 1);
  return Math.sqrt(variance) > Math.abs(mean) * 1e-12 ? variance : 0;
}

/**
 * Gives an asymptotic confidence sequence for the candidate's mean less control's: as the sizes at which one begins to
 * look grow, the probability that the difference lies in all intervals from there on at once tends to at least 1 - alpha.
 *
 * At shares of the arms that do not depend on what was seen, constant or not, the difference of the means over its
 * variance V is in the limit a Brownian motion in the time 1/V with the true difference as its drift (so in group
 * sequential trials: C. Jennison and B. W. Turnbull, 1997); its mixture martingale with a normal prior of deviation
 * `expectedDifference` gives sqrt(V (1 + V/rho^2) (log(1 + rho^2/V) - 2 log alpha)) to either side, which for one sample
 * is equation (2) of the source. The guarantee is asymptotic because the variances are estimated and the values not
 * normal: below 100 values in either arm, or where all the values of an arm are equal, nothing is known, -Infinity to
 * Infinity. For values that hang together `clustering` widens the interval. Throws INVALID_SAMPLE for impossible moments or alpha.
 *
 * Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy and A. Ramdas, "Time-uniform central limit theory and
 * asymptotic confidence sequences", Ann. Stat. 52(6), 2024; https://arxiv.org/abs/2103.06476
 */
export function meanDifferenceInterval(
  control: Moments,
  candidate: Moments,
  alpha: number,
  clustering: Clustering = independent,
): Interval {
  requireMoments(control, 'control');
  requireMoments(candidate, 'candidate');
  requireAlpha(alpha);
  if (control.count < minimumForMean || candidate.count < minimumForMean) return unknown;
  const [ofControl, ofCandidate] = [varianceOf(control), varianceOf(candidate)];
  if (ofControl === 0 || ofCandidate === 0) return unknown;
  const variance =
    (clustering.control * ofControl) / control.count + (clustering.candidate * ofCandidate) / candidate.count;
  const prior = expectedDifference ** 2;
  const logs = Math.log(variance + prior) - Math.log(variance) - 2 * Math.log(alpha);
  const square = studentSquare((1 + variance / prior) * logs, clustering.degrees);
  const halfWidth = Math.sqrt(variance) * Math.sqrt(square);
  const difference = candidate.mean - control.mean;
  if (!Number.isFinite(halfWidth) || !Number.isFinite(difference)) return unknown;
  return { lower: difference - halfWidth, upper: difference + halfWidth };
}
