import { gammaln } from 'simple-statistics';
import type { Counts } from './counts.js';

/** A Beta distribution, `a` for successes and `b` for failures, as what might be true before anything was seen. */
export type Beta = { readonly a: number; readonly b: number; readonly logNorm: number };

const halfLogTwoPi = Math.log(2 * Math.PI) / 2;

/** What log gamma(x) is above Stirling's (x - 1/2) log x - x + log(2 pi) / 2; the series is that of DLMF 5.11.1, whose first term left out is below 1e-12 from 10 on. */
function stirlingRemainder(x: number): number {
  if (x < 10) return gammaln(x) - ((x - 0.5) * Math.log(x) - x + halfLogTwoPi);
  const inverse = 1 / x;
  const square = inverse * inverse;
  return inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
}

/** (x + count - 1/2) log(x + count) - count log(count) and the remainder: the part of log gamma(x + count) beside the likelihood, without the difference of two large numbers. */
const beyondLikelihood = (count: number, x: number): number =>
  (count === 0 ? 0 : count * Math.log1p(x / count)) + (x - 0.5) * Math.log(x + count) + stirlingRemainder(x + count);

/** The Beta distribution with both parameters above 0. */
export const beta = (a: number, b: number): Beta => ({ a, b, logNorm: gammaln(a) + gammaln(b) - gammaln(a + b) });

/** log of the average likelihood of the counts under `prior`, less log of the greatest likelihood that any rate gives them. */
export const logShare = ({ a, b, logNorm }: Beta, { successes, total }: Counts): number =>
  total === 0
    ? 0
    : halfLogTwoPi +
      beyondLikelihood(successes, a) +
      beyondLikelihood(total - successes, b) -
      beyondLikelihood(total, a + b) -
      logNorm;

/** Rates of every order of size, on either side: centres at 2^-1 to 2^-17 and as far from 1, each with a relative deviation of 0.7, and the Jeffreys prior for what none of them fits. */
const priors: readonly Beta[] = [
  beta(0.5, 0.5),
  beta(2, 2),
  ...Array.from({ length: 16 }, (_none, k) => 2 ** (k + 3) - 2).flatMap((rest) => [beta(2, rest), beta(rest, 2)]),
];

/**
 * What the arms' counts cost whoever did not know the rates: log of the greatest likelihood less log of the likelihood
 * averaged over a fixed mixture of priors, in which all arms have rates of one order of size.
 *
 * The average over the likelihood at any given rates is a martingale that starts at 1 if those are the true ones,
 * whatever the order in which the arms are served, as long as it does not look ahead: by Ville's inequality it is ever
 * above 1/alpha with a probability of at most alpha. So the rates whose log likelihood is within `rateRegret +
 * log(1/alpha)` of the greatest are a confidence sequence, at every sample size and not asymptotically.
 *
 * H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Stat. 41(5), 1970 (the
 * method of mixtures); S. R. Howard, A. Ramdas, J. McAuliffe and J. Sekhon, "Time-uniform, nonparametric, nonasymptotic
 * confidence sequences", Ann. Stat. 49(2), 2021.
 */
export function rateRegret(arms: readonly Counts[]): number {
  const shares = priors.map((prior) => arms.reduce((sum, counts) => sum + logShare(prior, counts), 0));
  const greatest = Math.max(...shares);
  const sum = shares.reduce((total, share) => total + Math.exp(share - greatest), 0);
  // Rounding aside an average is never above the greatest.
  return Math.max(0, Math.log(priors.length) - greatest - Math.log(sum));
}

/** count log(rate / observed), where observed is count of total and `apart` is rate - observed; 0 of nothing. */
function logGain({ count, total, rate, apart }: { count: number; total: number; rate: number; apart: number }): number {
  if (count === 0) return 0;
  const relative = (apart * total) / count;
  // Near the observed rate the gains of successes and failures nearly cancel, and their difference is what counts.
  return count * (Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log((rate * total) / count));
}

/** How far, in log likelihood, the counts are from `rate`: total times the Kullback-Leibler divergence; 0 of nothing, infinite where the rate is impossible. */
export function rateDeviance({ successes, total }: Counts, rate: number): number {
  if (total === 0) return 0;
  const apart = rate - successes / total;
  const ofSuccesses = logGain({ count: successes, total, rate, apart });
  const ofFailures = logGain({ count: total - successes, total, rate: 1 - rate, apart: -apart });
  return Math.max(0, -ofSuccesses - ofFailures);
}
