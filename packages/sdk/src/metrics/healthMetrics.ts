import type { Registry } from 'prom-client';
import { countHealth, type HealthTotals, type Stratum, type Timed } from '../migration/health/countHealth.js';
import type { Observation } from '../observation.js';
import { type Cell, counterOn } from './counter.js';
import * as table from './healthTable.js';
import * as labels from './labels.js';

type Sums = Readonly<Record<'count' | 'positive' | 'negative' | 'squares', Cell>>;

/** A value of each of a label's. */
const forEach = <V extends string, T>(values: readonly V[], make: (value: V) => T): Readonly<Record<V, T>> =>
  Object.fromEntries(values.map((value) => [value, make(value)])) as Record<V, T>;

/** Makes a listener that adds up on a registry what observations say about the engines: nothing is looked up for a call but its stratum, and no fraction becomes an object. */
export function createHealthMetrics(registry: Registry): (observation: Observation) => void {
  const counters = {
    attempts: counterOn(registry, table.healthAttempts),
    count: counterOn(registry, table.healthDurations),
    positive: counterOn(registry, table.healthLogPositive),
    negative: counterOn(registry, table.healthLogNegative),
    squares: counterOn(registry, table.healthLogSquares),
  };
  const attempts = forEach(labels.version.values, (version) =>
    forEach(labels.healthRole.values, (role) => {
      const [at, as] = [labels.version.placeOf(version), labels.healthRole.placeOf(role)];
      return forEach(labels.attemptOutcome.values, (outcome) =>
        counters.attempts.cell(at, as, labels.attemptOutcome.placeOf(outcome)),
      );
    }),
  );
  const sumsOf = (stratum: Stratum, timed: Timed): Sums => {
    const [of, by] = [labels.stratum.placeOf(stratum), labels.timed.placeOf(timed)];
    return {
      count: counters.count.cell(of, by),
      positive: counters.positive.cell(of, by),
      negative: counters.negative.cell(of, by),
      squares: counters.squares.cell(of, by),
    };
  };
  const durations = forEach(labels.stratum.values, (stratum) =>
    forEach(labels.timed.values, (timed) => sumsOf(stratum, timed)),
  );

  const totals: HealthTotals = {
    attempt(version, role, isFailed) {
      const { answered, failed } = attempts[version][role];
      if (isFailed) failed.inc();
      else answered.inc();
    },
    duration(stratum, timed, ms, perMs) {
      const log = Math.log(ms / perMs);
      const { count, positive, negative, squares } = durations[stratum][timed];
      count.inc();
      positive.add(log);
      negative.add(-log);
      squares.add(log * log);
    },
  };
  return (observation) => countHealth(totals, observation);
}
