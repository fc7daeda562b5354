import type { Registry } from 'prom-client';
import { countHealth, type HealthTotals } from '../migration/health/countHealth.js';
import type { Observation } from '../observation.js';
import { counterOn } from './counter.js';
import * as table from './healthTable.js';
import * as labels from './labels.js';

/** Makes a listener that adds up on a registry what observations say about the engines. */
export function createHealthMetrics(registry: Registry): (observation: Observation) => void {
  const attempts = counterOn(registry, table.healthAttempts);
  const callers = counterOn(registry, table.healthCallers);
  const durations = counterOn(registry, table.healthDurations);
  const positive = counterOn(registry, table.healthLogPositive);
  const negative = counterOn(registry, table.healthLogNegative);
  const squares = counterOn(registry, table.healthLogSquares);
  const outcomeOf = (isFailed: boolean) => labels.attemptOutcome.placeOf(isFailed ? 'failed' : 'answered');

  const totals: HealthTotals = {
    attempt: (version, role, isFailed) =>
      attempts.inc(labels.version.placeOf(version), labels.healthRole.placeOf(role), outcomeOf(isFailed)),
    caller: (version, isFailed) => callers.inc(labels.version.placeOf(version), outcomeOf(isFailed)),
    duration(ofStratum, ofTimed, log) {
      const stratum = labels.stratum.placeOf(ofStratum);
      const timed = labels.timed.placeOf(ofTimed);
      durations.inc(stratum, timed);
      if (log > 0) positive.add(log, stratum, timed);
      else negative.add(-log, stratum, timed);
      squares.add(log * log, stratum, timed);
    },
  };
  return (observation) => countHealth(totals, observation);
}
