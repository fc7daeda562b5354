import type { Registry } from 'prom-client';
import {
  type AttemptTotals,
  countAttempts,
  countDurations,
  type DurationTotals,
  type Stratum,
  type Timed,
} from '../migration/health/countHealth.js';
import type { Observation } from '../observation.js';
import type { CallKind } from './callKind.js';
import { type Cell, counterOn } from './counter.js';
import * as table from './healthTable.js';
import * as labels from './labels.js';

/** What is added up on a registry of what observations say about the engines. */
export type HealthMetrics = {
  /** The cells of the attempts of every call of a kind. */
  attemptsOf(kind: CallKind): readonly Cell[];
  /** Adds a call's durations: nothing is looked up but their stratum, and no fraction becomes an object. */
  countDurations(observation: Observation): void;
};

type Sums = Readonly<Record<'count' | 'positive' | 'negative' | 'squares', Cell>>;

/** Registers what a migration's health is scraped from. */
export function createHealthMetrics(registry: Registry): HealthMetrics {
  const attempts = counterOn(registry, table.healthAttempts);
  const counters = {
    count: counterOn(registry, table.healthDurations),
    positive: counterOn(registry, table.healthLogPositive),
    negative: counterOn(registry, table.healthLogNegative),
    squares: counterOn(registry, table.healthLogSquares),
  };
  const sumsOf = (stratum: Stratum, timed: Timed): Sums => {
    const [of, by] = [labels.stratum.placeOf(stratum), labels.timed.placeOf(timed)];
    return {
      count: counters.count.cell(of, by),
      positive: counters.positive.cell(of, by),
      negative: counters.negative.cell(of, by),
      squares: counters.squares.cell(of, by),
    };
  };
  const byTimed = (stratum: Stratum) => ({
    pairs: sumsOf(stratum, 'pairs'),
    v4: sumsOf(stratum, 'v4'),
    v5: sumsOf(stratum, 'v5'),
  });
  const durations: Readonly<Record<Stratum, ReturnType<typeof byTimed>>> = {
    new_payload: byTimed('new_payload'),
    forkchoice_updated: byTimed('forkchoice_updated'),
    get_payload: byTimed('get_payload'),
    forkchoice_updated_alone: byTimed('forkchoice_updated_alone'),
    get_payload_alone: byTimed('get_payload_alone'),
  };

  const totals: DurationTotals = {
    duration(stratum, timed, ms, perMs) {
      const log = Math.log(ms / perMs);
      const { pairs, v4, v5 } = durations[stratum];
      // By name, so that the stratum is the only look-up.
      const { count, positive, negative, squares } = timed === 'pairs' ? pairs : timed === 'v5' ? v5 : v4;
      count.inc();
      positive.add(log);
      negative.add(-log);
      squares.add(log * log);
    },
  };
  return {
    attemptsOf(kind) {
      const cells: Cell[] = [];
      const attempt = (...[version, role, isFailed]: Parameters<AttemptTotals['attempt']>): void => {
        const [of, as] = [labels.version.placeOf(version), labels.healthRole.placeOf(role)];
        cells.push(attempts.cell(of, as, labels.attemptOutcome.placeOf(isFailed ? 'failed' : 'answered')));
      };
      countAttempts({ attempt }, kind);
      return cells;
    },
    countDurations: (observation) => countDurations(totals, observation),
  };
}
