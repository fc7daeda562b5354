import { meanDifferenceInterval } from '../../packages/sdk/src/statistics/meanDifferenceInterval.js';
import { beta, logShare, rateDeviance, rateRegret } from '../../packages/sdk/src/statistics/rateEvidence.js';
import type { Traffic } from './scenario.js';

/** The deviate that a standard normal variable is below with a probability of 0.9. */
const z90 = 1.281_551_566;
const alpha = 0.025;
const splitAlpha = 0.01;

/** The smallest whole number from which on something holds, by doubling and halving. */
function smallest(holds: (requests: number) => boolean): number {
  let high = 64;
  while (!holds(high)) high *= 2;
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

type Counted = { readonly successes: number; readonly total: number };

const logit = ({ successes, total }: Counted): number => Math.log(successes / (total - successes));

/** Whether evidence of this expected size, a log likelihood ratio of the arms' rates against `nullRate` for each, is above `limit` with a probability of 0.9: its signed root is about normal (S. S. Wilks, 1938), and deviates as the rates that it is a function of do (delta method). A rate of 0 or 1 does not deviate. */
function isFound(arms: readonly Counted[], nullRate: number, limit: number): boolean {
  const expected = arms.reduce((sum, arm) => sum + rateDeviance(arm, nullRate), 0);
  const varianceOf = (arm: Counted): number => {
    const spread = (arm.successes * (arm.total - arm.successes)) / arm.total;
    return spread === 0 ? 0 : spread * (logit(arm) - Math.log(nullRate / (1 - nullRate))) ** 2;
  };
  const deviation = Math.sqrt(arms.reduce((sum, arm) => sum + varianceOf(arm), 0) / (2 * expected));
  return Math.sqrt(2 * expected) >= Math.sqrt(2 * limit) + z90 * deviation;
}

type Arms = { readonly share: number; readonly v4: Traffic; readonly v5: Traffic };

/** Requests of both arms at which a difference of the success rates is found in nine of ten tests. */
export function requestsForRates({ share, v4, v5 }: Arms): number {
  return smallest((requests) => {
    const arm = (part: number, { errorRate }: Traffic): Counted => {
      const total = requests * part;
      return { successes: total * (1 - errorRate), total };
    };
    const arms = [arm(1 - share, v4), arm(share, v5)] as const;
    const pooled = (arms[0].successes + arms[1].successes) / (arms[0].total + arms[1].total);
    return isFound(arms, pooled, rateRegret(arms) - Math.log(alpha));
  });
}

/** The variance of the natural logarithm of what latencyFrom draws: that of a normal and, in one of a hundred, of an exponential distribution. */
function logLatencyVariance({ p50Ms, p99Ms }: Traffic): number {
  const deviation = Math.log(p99Ms / p50Ms) / 2.326_347_874;
  return deviation ** 2 + 0.01 * 2 * 0.8 ** 2 - (0.01 * 0.8) ** 2;
}

/** Requests of both arms at which a difference of the mean log latencies is found in nine of ten tests. */
export function requestsForLatency({ share, v4, v5 }: Arms): number {
  const difference = Math.abs(Math.log(v5.p50Ms / v4.p50Ms));
  return smallest((requests) => {
    const arm = (part: number, mean: number, traffic: Traffic) => {
      const count = Math.max(2, Math.round(requests * part * (1 - traffic.errorRate)));
      return { count, mean, m2: logLatencyVariance(traffic) * (count - 1) };
    };
    const [control, candidate] = [arm(1 - share, 0, v4), arm(share, difference, v5)];
    const { lower } = meanDifferenceInterval(control, candidate, alpha);
    const variance = logLatencyVariance(v4) / control.count + logLatencyVariance(v5) / candidate.count;
    return lower >= z90 * Math.sqrt(variance);
  });
}

/** Requests at which a split of `actual` instead of `share` is found in nine of ten tests. */
export function requestsForSplit({ share, actual }: { share: number; actual: number }): number {
  const prior = beta(100 * share, 100 * (1 - share));
  return smallest((requests) => {
    const counts = { successes: requests * actual, total: requests };
    return isFound([counts], share, -logShare(prior, counts) - Math.log(splitAlpha));
  });
}

/** Requests of both arms that a test of one look, at a size fixed before, takes to find a difference of the success rates in nine of ten (J. L. Fleiss, 1981); for comparison. */
export function requestsForOneLook({ share, v4, v5 }: Arms): number {
  const variance = (v4.errorRate * (1 - v4.errorRate)) / (1 - share) + (v5.errorRate * (1 - v5.errorRate)) / share;
  // 2.241 is exceeded on either side with a probability of 0.0125.
  return Math.ceil(((2.241_402_728 + z90) ** 2 * variance) / (v5.errorRate - v4.errorRate) ** 2);
}
