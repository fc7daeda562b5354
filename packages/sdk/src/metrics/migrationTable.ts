import type { CounterDefinition, GaugeDefinition } from './definition.js';
import {
  criterion,
  drillOutcome,
  healthVerdict,
  heldBy,
  heldKind,
  migrationAlarm,
  migrationState,
  rollbackOutcome,
  startedBy,
} from './labels.js';

// What a migration controller tells: its state when it is asked for, and what happens as it happens. A registry takes one controller, since two would tell of two migrations at once.

const ofOne = { merge: 'max', isOfOne: true } as const;

export const state: GaugeDefinition<[typeof migrationState]> = {
  name: 'lighthouse_compat_migration_state',
  type: 'gauge',
  unit: '1',
  help: '1 for the state in which the migration is, 0 for the others.',
  labels: [migrationState],
  ...ofOne,
};

export const v5Ratio: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_migration_v5_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'The share of the calls that v5 is to answer in that state, from 0 to 1; what it does answer is in `lighthouse_compat_calls_total`.',
  labels: [],
  ...ofOne,
};

export const progress: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_migration_progress_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'How much of the plan is behind, from 0 to 1: the parallel phase, each step and the final validation count as one part each.',
  labels: [],
  ...ofOne,
};

export const held: GaugeDefinition<[typeof heldKind, typeof heldBy]> = {
  name: 'lighthouse_compat_migration_held',
  type: 'gauge',
  unit: '1',
  help: '1 for how and by whom the plan is kept from moving up, 0 for the others; all are 0 while nothing keeps it.',
  labels: [heldKind, heldBy],
  ...ofOne,
};

export const due: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_migration_due_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When the plan moves up next at the earliest; not there where nothing is waited for, or while the plan is paused.',
  labels: [],
  ...ofOne,
};

export const checks: CounterDefinition<[typeof healthVerdict]> = {
  name: 'lighthouse_compat_migration_health_checks_total',
  type: 'counter',
  unit: 'checks',
  help: 'Health checks by their verdict.',
  labels: [healthVerdict],
  startsAtZero: true,
};

export const verdict: GaugeDefinition<[typeof healthVerdict]> = {
  name: 'lighthouse_compat_migration_health_verdict',
  type: 'gauge',
  unit: '1',
  help: '1 for the verdict of the newest health check, 0 for the others; all are 0 before the first.',
  labels: [healthVerdict],
  ...ofOne,
};

export const figure: GaugeDefinition<[typeof criterion]> = {
  name: 'lighthouse_compat_migration_health_figure_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'What the newest health check found of each criterion: an error rate, the share of answers that differ or are pending, by how much v5 is slower. Not there where it is not known.',
  labels: [criterion],
  ...ofOne,
};

export const limit: GaugeDefinition<[typeof criterion]> = {
  name: 'lighthouse_compat_migration_health_limit_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: "The plan's limit of that figure.",
  labels: [criterion],
  ...ofOne,
};

export const failing: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_migration_failing_checks',
  type: 'gauge',
  unit: 'checks',
  help: 'Failing checks in a row; as many as the plan allows are a rollback.',
  labels: [],
  ...ofOne,
};

export const rollbacksStarted: CounterDefinition<[typeof startedBy]> = {
  name: 'lighthouse_compat_migration_rollbacks_started_total',
  type: 'counter',
  unit: 'changes',
  help: 'Rollbacks, by who began them: the controller after its checks, a person, or whoever set the latch beside it.',
  labels: [startedBy],
  startsAtZero: true,
};

export const rollbacksEnded: CounterDefinition<[typeof rollbackOutcome]> = {
  name: 'lighthouse_compat_migration_rollbacks_ended_total',
  type: 'counter',
  unit: 'changes',
  help: 'Verifications of rollbacks, by how they ended: with failed the latch holds, and that v4 carries on has not been seen.',
  labels: [rollbackOutcome],
  startsAtZero: true,
};

export const rollbackDuration: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_migration_rollback_duration_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'How long the rollback took in which the migration has ended, its verification included; not there otherwise.',
  labels: [],
  ...ofOne,
};

export const alarms: CounterDefinition<[typeof migrationAlarm]> = {
  name: 'lighthouse_compat_migration_alarms_total',
  type: 'counter',
  unit: 'changes',
  help: 'What a person should have been told at once.',
  labels: [migrationAlarm],
  startsAtZero: true,
};

export const drills: CounterDefinition<[typeof drillOutcome]> = {
  name: 'lighthouse_compat_migration_drills_total',
  type: 'counter',
  unit: 'changes',
  help: 'Rehearsals of a rollback, by how they ended.',
  labels: [drillOutcome],
  startsAtZero: true,
};

export const drilled: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_migration_drill_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When a rollback was last rehearsed with success, by the journal; not there where it never was.',
  labels: [],
  ...ofOne,
};
