import { type Clustering, type ClusterSums, independent, minimumClusters } from '../statistics/clustering.js';
import type { Counts } from '../statistics/counts.js';
import type { Interval } from '../statistics/interval.js';
import { meanDifferenceInterval } from '../statistics/meanDifferenceInterval.js';
import { rateDifferenceInterval } from '../statistics/rateDifferenceInterval.js';
import { isSampleRatioMismatch } from '../statistics/sampleRatio.js';
import type { AbTest, AbTestStatus } from './abTest.js';
import type { ArmRecord } from './armRecorder.js';

/** What the data say about v5 beside v4. */
export type AbTestVerdict = 'better' | 'worse' | 'no_difference_yet' | 'not_enough_data';

/** What was seen of one version; the quantiles describe, and decide nothing. */
export type AbTestArm = {
  readonly requests: number;
  /** Those with a well-formed Engine answer. */
  readonly successes: number;
  /** Their share of the requests; null of none. */
  readonly successRate: number | null;
  /** Requests whose latency counts. */
  readonly timedRequests: number;
  /** Right to 1 % of the value; null of none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
};

/** A test's results at one moment, which may be asked for at any. */
export type AbTestResults = {
  readonly test: AbTest;
  readonly status: AbTestStatus;
  readonly v4: AbTestArm;
  readonly v5: AbTestArm;
  /** v5's success rate less v4's. */
  readonly successRate: { readonly verdict: AbTestVerdict; readonly difference: Interval };
  /** v5's geometric mean latency over v4's: below 1 it is quicker; null while nothing can be said. */
  readonly latency: { readonly verdict: AbTestVerdict; readonly ratio: Interval | null };
  /** Whether sessions, or requests where they are not sticky, came to the arms in the planned share; after a mismatch the verdicts are not to be trusted. */
  readonly split: {
    readonly verdict: 'as_planned' | 'mismatch' | 'not_enough_data';
    readonly units: number;
    readonly v5Units: number;
  };
};

/** The probability of a false alarm that the success rate and the latency have each: 0.05 together. */
const alpha = 0.025;
/** That of the check of the split, which is apart. */
const splitAlpha = 0.01;
/** Below it nothing is said of a difference that is not proven. */
const minimumRequests = 100;

const verdictOf = (difference: Interval, higherIs: 'better' | 'worse'): AbTestVerdict => {
  if (difference.lower > 0) return higherIs;
  if (difference.upper < 0) return higherIs === 'better' ? 'worse' : 'better';
  return 'no_difference_yet';
};

/** What one arm's clusters are, and the variance that its mean would have if every request stood for itself. */
type Clustered = { readonly sums: ClusterSums; readonly ofIndependent: number };

/** How much both arms hang together; null where too few sessions tell it. */
function clusteringOf(v4: Clustered | null, v5: Clustered | null): Clustering | null {
  if (v4 === null || v5 === null) return independent;
  const clusters = Math.min(v4.sums.clusters(), v5.sums.clusters());
  if (clusters < minimumClusters) return null;
  return {
    control: v4.sums.designEffect(v4.ofIndependent),
    candidate: v5.sums.designEffect(v5.ofIndependent),
    degrees: clusters - 1,
  };
}

function clusteredSuccesses({ bySession, counts }: ArmRecord): Clustered | null {
  if (bySession === null) return null;
  const { successes, total } = counts();
  const rate = successes / total;
  return { sums: bySession.successes, ofIndependent: (rate * (1 - rate)) / total };
}

function successRateOf(v4: ArmRecord, v5: ArmRecord): AbTestResults['successRate'] {
  const clustering = clusteringOf(clusteredSuccesses(v4), clusteredSuccesses(v5));
  if (clustering === null) return { verdict: 'not_enough_data', difference: { lower: -1, upper: 1 } };
  const difference = rateDifferenceInterval(v4.counts(), v5.counts(), alpha, clustering);
  const verdict = verdictOf(difference, 'better');
  const isTooFew = verdict === 'no_difference_yet' && Math.min(v4.counts().total, v5.counts().total) < minimumRequests;
  return { verdict: isTooFew ? 'not_enough_data' : verdict, difference };
}

function clusteredLatency({ bySession, logLatency }: ArmRecord): Clustered | null {
  const { count, m2 } = logLatency();
  return bySession && { sums: bySession.logLatency, ofIndependent: m2 / (count - 1) / count };
}

function latencyOf(v4: ArmRecord, v5: ArmRecord): AbTestResults['latency'] {
  const clustering = clusteringOf(clusteredLatency(v4), clusteredLatency(v5));
  if (clustering === null) return { verdict: 'not_enough_data', ratio: null };
  const difference = meanDifferenceInterval(v4.logLatency(), v5.logLatency(), alpha, clustering);
  if (!Number.isFinite(difference.upper)) return { verdict: 'not_enough_data', ratio: null };
  const ratio = { lower: Math.exp(difference.lower), upper: Math.exp(difference.upper) };
  return { verdict: verdictOf(difference, 'worse'), ratio };
}

function splitOf(counts: Counts, v5Percent: number): AbTestResults['split'] {
  const isMismatch = isSampleRatioMismatch(counts, { share: v5Percent / 100, alpha: splitAlpha });
  const verdict = isMismatch ? 'mismatch' : counts.total < minimumRequests ? 'not_enough_data' : 'as_planned';
  return { verdict, units: counts.total, v5Units: counts.successes };
}

function armOf({ counts, logLatency, latencyAtQuantile }: ArmRecord): AbTestArm {
  const { successes, total } = counts();
  return {
    requests: total,
    successes,
    successRate: total === 0 ? null : successes / total,
    timedRequests: logLatency().count,
    p50Ms: latencyAtQuantile(0.5),
    p99Ms: latencyAtQuantile(0.99),
  };
}

/** What is known of a test. */
export type AbTestRecord = { readonly v4: ArmRecord; readonly v5: ArmRecord; readonly split: Counts };

/** Puts together what a test has shown. The verdicts may be read at any time: of arms that do not differ, one of the two is ever `better` or `worse` with a probability of at most 0.05. */
export function resultsOf(test: AbTest, status: AbTestStatus, { v4, v5, split }: AbTestRecord): AbTestResults {
  return {
    test,
    status,
    v4: armOf(v4),
    v5: armOf(v5),
    successRate: successRateOf(v4, v5),
    latency: latencyOf(v4, v5),
    split: splitOf(split, test.v5Percent),
  };
}
