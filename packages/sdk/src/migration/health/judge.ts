import type { Interval } from '../../statistics/interval.js';
import { meanDifferenceInterval } from '../../statistics/meanDifferenceInterval.js';
import { rateDifferenceInterval } from '../../statistics/rateDifferenceInterval.js';
import { rateInterval } from '../../statistics/rateInterval.js';
import { type HealthLimits, type MigrationPlan, planDurationMs } from '../plan.js';
import type { Criterion, CriterionName, HealthCheck, HealthVerdict } from './healthCheck.js';
import type { HealthSample, Tally } from './healthSample.js';
import { combineSpeed } from './speed.js';

/** A rate is healthy up to this share of its limit; between it and the limit neither promise is made. */
const healthyShare = 0.1;

/** How many criteria can raise a false alarm. */
const testedCriteria = 4;

/** A window begins anew so often within its length. */
export const windowHops = 3;

/**
 * The probability of error that one criterion may spend on one window, so that all of them, over all the windows that a
 * plan goes through, spend what the plan allows: a bound by their sum.
 */
export function alphaOf(plan: MigrationPlan): number {
  const hopMs = plan.health.windowMs / windowHops;
  const rises = plan.steps.reduce(
    (sum, step, at) => sum + Math.ceil((step - (plan.steps[at - 1] ?? 0)) / plan.incrementPoints),
    0,
  );
  // A window for each change, and one for each hop in between.
  const windows = rises + 2 + Math.ceil(planDurationMs(plan) / hopMs);
  return plan.health.falseAlarm / (testedCriteria * windows);
}

const isTally = ({ attempts, failures }: Tally): boolean =>
  Number.isSafeInteger(attempts) && Number.isSafeInteger(failures) && failures >= 0 && failures <= attempts;

const rateOf = ({ attempts, failures }: Tally): number => failures / attempts;

const percent = (value: number): number | null => (Number.isFinite(value) ? 100 * value : null);

type Figures = {
  readonly name: CriterionName;
  readonly limitPercent: number;
  readonly samples: Criterion['samples'];
  readonly value?: number;
  readonly control?: number;
  readonly interval?: Interval;
};

const criterion = (
  verdict: HealthVerdict,
  { name, limitPercent, samples, value, control, interval }: Figures,
): Criterion => ({
  name,
  verdict,
  limitPercent,
  samples,
  valuePercent: value === undefined ? null : percent(value),
  controlPercent: control === undefined ? null : percent(control),
  lowerPercent: interval === undefined ? null : percent(interval.lower),
  upperPercent: interval === undefined ? null : percent(interval.upper),
});

const asCounts = ({ attempts, failures }: Tally): { successes: number; total: number } => ({
  successes: failures,
  total: attempts,
});

/** A rate of v5, beside v4's at the same time where there is one: `fail` when it is over its limit and cannot be a healthy one, nor merely what v4 has as well. */
function judgeRate(
  figures: { readonly name: CriterionName; readonly limitPercent: number },
  { v5, v4, minimum }: { readonly v5: Tally; readonly v4: Tally | null; readonly minimum: number },
  alpha: number,
): Criterion {
  const samples = { v4: v4?.attempts ?? null, v5: v5.attempts };
  if (!isTally(v5) || v5.attempts < minimum || (v4 !== null && (!isTally(v4) || v4.attempts < minimum)))
    return criterion('no_data', { ...figures, samples });
  const limit = figures.limitPercent / 100;
  const value = rateOf(v5);
  // Of both sides only the lower end can fail a check.
  const interval = rateInterval(asCounts(v5), 2 * alpha);
  const seen = { ...figures, samples, value, interval, ...(v4 === null ? {} : { control: rateOf(v4) }) };
  if (value <= limit) return criterion('pass', seen);
  if (interval.lower <= healthyShare * limit) return criterion('inconclusive', seen);
  const isV4Well = v4 === null || rateOf(v4) <= limit;
  const isWorse = isV4Well || rateDifferenceInterval(asCounts(v4), asCounts(v5), 2 * alpha).lower > 0;
  return criterion(isWorse ? 'fail' : 'inconclusive', seen);
}

/** How much slower v5 is: `fail` when the mean is over its limit and v5 cannot be as fast as v4. */
function judgeSpeed(sample: HealthSample, limits: HealthLimits, alpha: number): Criterion {
  const figures = { name: 'latency', limitPercent: limits.latencyRegressionPercent } as const;
  const isKnown = sample.speed.every((stratum) =>
    (stratum.kind === 'pairs' ? [stratum.difference] : [stratum.v4, stratum.v5]).every(
      ({ count, mean, m2 }) => Number.isSafeInteger(count) && Number.isFinite(mean) && m2 >= 0,
    ),
  );
  const speed = isKnown ? combineSpeed(sample.speed) : null;
  if (speed === null) return criterion('no_data', { ...figures, samples: { v4: 0, v5: 0 } });
  const { control, candidate, samples } = speed;
  if (Math.min(samples.v4, samples.v5) < limits.minimumSamples) return criterion('no_data', { ...figures, samples });
  const interval = meanDifferenceInterval(control, candidate, 2 * alpha);
  const value = Math.expm1(candidate.mean);
  const seen = {
    ...figures,
    samples,
    value,
    interval: { lower: Math.expm1(interval.lower), upper: Math.expm1(interval.upper) },
  };
  if (!Number.isFinite(value)) return criterion('no_data', seen);
  if (value * 100 <= limits.latencyRegressionPercent) return criterion('pass', seen);
  return criterion(interval.lower > 0 ? 'fail' : 'inconclusive', seen);
}

const both = (one: Tally, two: Tally): Tally => ({
  attempts: one.attempts + two.attempts,
  failures: one.failures + two.failures,
});

/** The gravest first: what fails decides, then what is not known, then what is not clear. */
const gravest: readonly HealthVerdict[] = ['fail', 'no_data', 'inconclusive'];

/** Judges a sample by the plan: pure. A criterion that its set-up never has data for is left out. */
export function judge(sample: HealthSample, plan: MigrationPlan): HealthCheck {
  const { health: limits } = plan;
  const alpha = alphaOf(plan);
  const minimum = limits.minimumSamples;
  const { attempts, callers, comparisons, sharedEngine } = sample;
  const criteria: Criterion[] = [];

  const isCritical = comparisons.critical > 0;
  if (isCritical)
    criteria.push(
      criterion('fail', { name: 'critical', limitPercent: 0, samples: { v4: null, v5: comparisons.critical } }),
    );

  criteria.push(
    judgeRate(
      { name: 'v5_errors', limitPercent: limits.errorRatePercent },
      {
        v5: both(attempts.v5.answering, attempts.v5.other),
        // A shared engine's calls go by one version or the other, and at last by v5 alone.
        v4: sharedEngine ? null : both(attempts.v4.answering, attempts.v4.other),
        minimum,
      },
      alpha,
    ),
  );
  // At small shares v5 answers few; then its attempts, which are many more, decide alone.
  if (!(callers.v5.attempts < minimum))
    criteria.push(
      judgeRate(
        { name: 'callers_errors', limitPercent: limits.errorRatePercent },
        { v5: callers.v5, v4: null, minimum },
        alpha,
      ),
    );
  if (!sharedEngine) {
    criteria.push(judgeSpeed(sample, limits, alpha));
    criteria.push(
      judgeRate(
        { name: 'divergence', limitPercent: limits.divergencePercent },
        { v5: { attempts: comparisons.compared, failures: comparisons.differed }, v4: null, minimum },
        alpha,
      ),
    );
    const answers = comparisons.compared + comparisons.pending;
    const isPending = answers > 0 && comparisons.pending * 100 > limits.pendingPercent * answers;
    criteria.push(
      criterion(isPending ? 'inconclusive' : 'pass', {
        name: 'pending',
        limitPercent: limits.pendingPercent,
        samples: { v4: null, v5: answers },
        ...(answers > 0 ? { value: comparisons.pending / answers } : {}),
      }),
    );
  }

  const verdict = gravest.find((grave) => criteria.some((each) => each.verdict === grave)) ?? 'pass';
  const deciding = verdict === 'pass' ? undefined : criteria.find((each) => each.verdict === verdict);
  return { verdict, isCritical, decidedBy: deciding?.name ?? null, criteria };
}
