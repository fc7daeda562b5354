import type { Registry } from 'prom-client';
import { countHealth, type HealthTotals } from '../migration/health/countHealth.js';
import type { Observation } from '../observation.js';
import { counterOn } from './counter.js';
import * as table from './healthTable.js';
import * as labels from './labels.js';

/** Makes a listener that adds up on a registry what observations say about the engines: nothing is looked up for a call but its stratum, and no fraction becomes an object. */
export function createHealthMetrics(registry: Registry): (observation: Observation) => void {
  const attempts = counterOn(registry, table.healthAttempts);
  const durations = counterOn(registry, table.healthDurations);
  const { counts: positive } = counterOn(registry, table.healthLogPositive);
  const { counts: negative } = counterOn(registry, table.healthLogNegative);
  const { counts: squares } = counterOn(registry, table.healthLogSquares);
  const [v4, v5] = [labels.version.placeOf('v4'), labels.version.placeOf('v5')];
  const [answering, other] = [labels.healthRole.placeOf('answering'), labels.healthRole.placeOf('other')];
  const [answered, failed] = [labels.attemptOutcome.placeOf('answered'), labels.attemptOutcome.placeOf('failed')];

  const totals: HealthTotals = {
    attempt: (version, role, isFailed) =>
      attempts.inc(version === 'v5' ? v5 : v4, role === 'answering' ? answering : other, isFailed ? failed : answered),
    duration(stratum, timed, log) {
      // The sums have the same labels, and so the same places.
      const at = durations.indexOf(labels.stratum.placeOf(stratum), labels.timed.placeOf(timed));
      durations.counts[at] = (durations.counts[at] as number) + 1;
      if (log > 0) positive[at] = (positive[at] as number) + log;
      else negative[at] = (negative[at] as number) - log;
      squares[at] = (squares[at] as number) + log * log;
    },
  };
  return (observation) => countHealth(totals, observation);
}
