import type { DurationFigures } from './durations.js';
import type { ReportFigures } from './report.js';

/** How one check came out: `not_enough`, the figures do not tell yet. */
export type CheckResult = 'pass' | 'fail' | 'not_enough';

/** One check, with the figure that decided and what it is held against. */
export type Check = {
  readonly name: string;
  readonly result: CheckResult;
  /** In words, with the figures. */
  readonly because: string;
  /** What a failure asks for. */
  readonly onFailure: 'hold' | 'roll_back';
};

/** What to do next: give v5 more, leave it as it is, or take it out. */
export type Recommendation = {
  readonly action: 'promote' | 'hold' | 'roll_back';
  readonly because: string;
  readonly checks: readonly Check[];
};

// The migration's own limits.
const minimumSample = 200;
const maxErrorShare = 0.01;
const minErrors = 3;
const maxMismatchShare = 0.01;
const maxPendingShare = 0.2;
const minCoverage = 0.99;
const maxRegression = 0.05;

/** The lower end of the 95 % interval of a share (Wilson 1927), so that a few failures of few calls are not taken for a rate. */
function shareAtLeast(part: number, whole: number): number {
  if (whole === 0) return 0;
  const z = 1.96;
  const share = part / whole;
  const spread = z * Math.sqrt((share * (1 - share)) / whole + (z * z) / (4 * whole * whole));
  return (share + (z * z) / (2 * whole) - spread) / (1 + (z * z) / whole);
}

/** Over the limit for certain, within it over enough calls, or neither yet. */
function shareResult(part: number, whole: number, limit: number): CheckResult {
  if (part >= minErrors && shareAtLeast(part, whole) > limit) return 'fail';
  return whole >= minimumSample && part <= limit * whole ? 'pass' : 'not_enough';
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

const calls = (count: number): string => (count === 1 ? '1 call' : `${count} calls`);

function divergence({ verdicts }: ReportFigures): Check {
  const { critical } = verdicts;
  return {
    name: 'divergence',
    result: critical > 0 ? 'fail' : 'pass',
    because:
      critical > 0
        ? `the engines contradicted each other on ${calls(critical)}`
        : 'the engines never contradicted each other',
    onFailure: 'roll_back',
  };
}

/** Where v5's answers reach nobody a failure is no reason to roll back: there is nothing to take out. */
const ifV5Answers = ({ answeredBy, fallbacks }: ReportFigures): Check['onFailure'] =>
  answeredBy.v5.calls > 0 || Object.keys(fallbacks).length > 0 ? 'roll_back' : 'hold';

function errors(figures: ReportFigures): Check {
  const sides = Object.values(figures.operations).map(({ v5 }) => v5);
  const sent = sides.reduce((sum, side) => sum + side.sent, 0);
  const failed = sides.reduce((sum, side) => sum + side.failed, 0);
  return {
    name: 'errors of v5',
    result: shareResult(failed, sent, maxErrorShare),
    because: `v5 failed ${failed} of ${sent} sends${sent === 0 ? '' : ` (${percent(failed / sent)})`}; at most ${percent(maxErrorShare)} of at least ${minimumSample}`,
    onFailure: ifV5Answers(figures),
  };
}

function mismatches(figures: ReportFigures): Check {
  const { match, mismatch, critical } = figures.verdicts;
  const compared = match + mismatch + critical;
  return {
    name: 'differing answers',
    result: shareResult(mismatch, compared, maxMismatchShare),
    because: `${mismatch} of ${compared} compared answers differ; at most ${percent(maxMismatchShare)} of at least ${minimumSample}`,
    onFailure: ifV5Answers(figures),
  };
}

function coverage({ verdicts }: ReportFigures): Check {
  const { not_compared: missed, unsupported, pending, ...rest } = verdicts;
  const judged = Object.values(rest).reduce((sum, count) => sum + count, 0);
  const all = judged + pending + missed;
  const isLow = all > 0 && missed > (1 - minCoverage) * all;
  const isPending = pending > maxPendingShare * (judged + pending);
  return {
    name: 'coverage',
    result: isLow ? 'fail' : isPending || all === 0 ? 'not_enough' : 'pass',
    because: `${missed} of ${all} calls went uncompared (at most ${percent(1 - minCoverage)}), and on ${pending} an engine had not judged yet (at most ${percent(maxPendingShare)})`,
    onFailure: 'hold',
  };
}

/** By the logarithms, since latencies are skewed: the ratio of the geometric means, with its 95 % interval (Welch). */
function regressionOf(v4: DurationFigures, v5: DurationFigures): { at: number; low: number; high: number } {
  const difference = v5.meanLog - v4.meanLog;
  const error = 1.96 * Math.sqrt(v5.varianceLog / v5.count + v4.varianceLog / v4.count);
  return {
    at: Math.exp(difference) - 1,
    low: Math.exp(difference - error) - 1,
    high: Math.exp(difference + error) - 1,
  };
}

function speed({ operations }: ReportFigures): readonly Check[] {
  return (['new_payload', 'forkchoice_updated'] as const).map((operation) => {
    const { v4, v5 } = operations[operation];
    const name = `speed of ${operation}`;
    const counts = [v4.durations?.count ?? 0, v5.durations?.count ?? 0];
    if (v4.durations === null || v5.durations === null || Math.min(...counts) < minimumSample) {
      return {
        name,
        result: 'not_enough',
        because: `${counts[0]} durations of v4 and ${counts[1]} of v5 compare; at least ${minimumSample} of each are needed`,
        onFailure: 'hold',
      };
    }
    const { at, low, high } = regressionOf(v4.durations, v5.durations);
    const result = at > maxRegression && low > 0 ? 'fail' : high <= maxRegression || at <= 0 ? 'pass' : 'not_enough';
    return {
      name,
      result,
      because: `v5 takes ${percent(Math.abs(at))} ${at < 0 ? 'less' : 'more'} time than v4 (95 % interval ${percent(low)} to ${percent(high)}); at most ${percent(maxRegression)} more`,
      onFailure: 'hold',
    };
  });
}

/** Says what to do next, by the limits of a migration; each check tells the figures that decided. */
export function recommend(figures: ReportFigures): Recommendation {
  const checks = [divergence(figures), errors(figures), mismatches(figures), coverage(figures), ...speed(figures)];
  const failed = checks.filter(({ result }) => result === 'fail');
  const first = failed.find(({ onFailure }) => onFailure === 'roll_back') ?? failed[0];
  if (first !== undefined) return { action: first.onFailure, because: `${first.name}: ${first.because}`, checks };
  const untold = checks.find(({ result }) => result === 'not_enough');
  if (untold !== undefined) return { action: 'hold', because: `not enough to tell: ${untold.because}`, checks };
  return { action: 'promote', because: 'every check passed', checks };
}
