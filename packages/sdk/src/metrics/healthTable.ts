import type { CounterDefinition } from './definition.js';
import { attemptOutcome, healthRole, stratum, timed, version } from './labels.js';

// What a migration of a fleet is judged by, by the very rules of one of a single process: the sums of which a mean and a variance are made, so that what many processes have seen can be put together.

export const healthAttempts: CounterDefinition<[typeof version, typeof healthRole, typeof attemptOutcome]> = {
  name: 'lighthouse_compat_health_attempts_total',
  type: 'counter',
  unit: 'sends',
  help: 'What each version was sent and what came of it, without failures that say nothing about an engine: on which both engines agree, or that the caller or the end of the instance caused. The answering ones are also the calls, by the version that their callers were answered by.',
  labels: [version, healthRole, attemptOutcome],
  startsAtZero: true,
};

type OfDurations = [typeof stratum, typeof timed];

export const healthDurations: CounterDefinition<OfDurations> = {
  name: 'lighthouse_compat_health_durations_total',
  type: 'counter',
  unit: '1',
  help: "Durations that compare, as natural logarithms of milliseconds; of pairs, both versions' for one call, that of v5's over v4's.",
  labels: [stratum, timed],
  startsAtZero: true,
};

export const healthLogPositive: CounterDefinition<OfDurations> = {
  name: 'lighthouse_compat_health_log_positive_total',
  type: 'counter',
  unit: '1',
  help: 'The sum of those logarithms that are above 0.',
  labels: [stratum, timed],
  startsAtZero: true,
};

export const healthLogNegative: CounterDefinition<OfDurations> = {
  name: 'lighthouse_compat_health_log_negative_total',
  type: 'counter',
  unit: '1',
  help: 'The sum of those below 0, without its sign, so that it only grows.',
  labels: [stratum, timed],
  startsAtZero: true,
};

export const healthLogSquares: CounterDefinition<OfDurations> = {
  name: 'lighthouse_compat_health_log_squares_total',
  type: 'counter',
  unit: '1',
  help: 'The sum of the squares of all of them.',
  labels: [stratum, timed],
  startsAtZero: true,
};
