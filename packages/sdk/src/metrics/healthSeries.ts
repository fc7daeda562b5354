import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import { callersOf, type Stratum, type Timed } from '../migration/health/countHealth.js';
import type { ComparisonCounts, HealthSample, SpeedStratum, Tally } from '../migration/health/healthSample.js';
import type { Moments } from '../statistics/moments.js';
import { comparisons } from './callTable.js';
import type { CounterDefinition } from './definition.js';
import * as table from './healthTable.js';
import { type LabelSet, LabelSpace } from './label.js';
import * as labels from './labels.js';

/** One series of a process: a metric and the labels that the SDK gives it. */
export type HealthSeries = { readonly name: string; readonly labels: LabelSet; readonly isWhole: boolean };

const definitions = [...Object.values(table), comparisons] as readonly unknown[] as readonly CounterDefinition[];
const wholeUnits = new Set([table.healthAttempts, table.healthDurations, comparisons].map(({ name }) => name));

/** Every series that a health sample is made of, in the order in which {@link healthSampleOf} takes their increases; all of them are told at every scrape, from 0 on. `isWhole`: it counts, and a number that is not whole is none of its values. */
export const healthSeries: readonly HealthSeries[] = definitions.flatMap(({ name, labels: ofMetric }) => {
  const space = new LabelSpace(ofMetric);
  return Array.from({ length: space.size }, (_, at) => ({ name, labels: space.at(at), isWhole: wholeUnits.has(name) }));
});

const keyOf = (name: string, values: LabelSet): string =>
  [
    name,
    ...Object.entries(values)
      .sort()
      .map(([label, value]) => `${label}=${value}`),
  ].join(' ');

const places: ReadonlyMap<string, number> = new Map(
  healthSeries.map((series, at) => [keyOf(series.name, series.labels), at]),
);

/** The place of a series among {@link healthSeries}, its labels given in any order; undefined where it is none of them. */
export const healthSeriesAt = (name: string, values: LabelSet): number | undefined => places.get(keyOf(name, values));

/** Below it, for each value, a sum of squared deviations is what the rounding of sums leaves: logarithms that are as much alike no clock tells. */
const roundingPerValue = 1e-9;

/** Makes a sample of by how much each of {@link healthSeries} has grown, over all processes. */
export function healthSampleOf(
  increases: ArrayLike<number>,
): Omit<HealthSample, 'comparisonsSinceReset' | 'sharedEngine'> {
  const of = ({ name }: { readonly name: string }, values: LabelSet): number => {
    const at = healthSeriesAt(name, values);
    return at === undefined ? Number.NaN : (increases[at] ?? Number.NaN);
  };
  const tally = (metric: { readonly name: string }, values: LabelSet): Tally => {
    const failures = of(metric, { ...values, outcome: 'failed' });
    return { attempts: of(metric, { ...values, outcome: 'answered' }) + failures, failures };
  };
  const roles = (version: AdapterVersion) => ({
    answering: tally(table.healthAttempts, { version, role: 'answering' }),
    other: tally(table.healthAttempts, { version, role: 'other' }),
  });
  const moments = (stratum: Stratum, timed: Timed): Moments => {
    const values = { stratum, timed };
    const count = of(table.healthDurations, values);
    if (count === 0) return { count: 0, mean: 0, m2: 0 };
    const sum = of(table.healthLogPositive, values) - of(table.healthLogNegative, values);
    const m2 = of(table.healthLogSquares, values) - (sum * sum) / count;
    return { count, mean: sum / count, m2: m2 < roundingPerValue * count ? 0 : m2 };
  };
  const speed = [...labels.stratum.values].sort().flatMap((name): readonly SpeedStratum[] => {
    const [difference, v4, v5] = [moments(name, 'pairs'), moments(name, 'v4'), moments(name, 'v5')];
    if (difference.count === 0 && v4.count === 0 && v5.count === 0) return [];
    return [
      { kind: 'pairs', name, difference },
      { kind: 'arms', name, v4, v5 },
    ];
  });
  const attempts = { v4: roles('v4'), v5: roles('v5') };
  return {
    attempts,
    callers: callersOf(attempts),
    speed,
    comparisons: comparisonsOf(of),
  };
}

function comparisonsOf(of: (metric: { readonly name: string }, values: LabelSet) => number): ComparisonCounts {
  const verdicts = (verdict: string): number =>
    labels.operation.values.reduce((sum, operation) => sum + of(comparisons, { operation, verdict }), 0);
  const [mismatch, critical] = [verdicts('mismatch'), verdicts('critical')];
  return {
    compared: verdicts('match') + mismatch + critical,
    differed: mismatch + critical,
    critical,
    pending: verdicts('pending'),
    notCompared: verdicts('not_compared'),
  };
}
