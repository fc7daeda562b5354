import type { CounterDefinition, GaugeDefinition } from './definition.js';
import {
  buildVersion,
  configuredMode,
  engine,
  engineState,
  event,
  flagProviderStatus,
  method,
  replayOutcome,
} from './labels.js';

// What is told of the instance itself: events as they come, and states when they are asked for.

export const standbyChanges: CounterDefinition<[typeof engine, typeof engineState]> = {
  name: 'lighthouse_compat_standby_changes_total',
  type: 'counter',
  unit: 'changes',
  help: 'How often an engine came into a state.',
  labels: [engine, engineState],
  startsAtZero: true,
};

export const standbyState: GaugeDefinition<[typeof engine, typeof engineState]> = {
  name: 'lighthouse_compat_standby_state',
  type: 'gauge',
  unit: '1',
  help: '1 for the state in which an engine is, 0 for the others. Not there with one shared engine, which has no standby.',
  labels: [engine, engineState],
  merge: 'sum',
};

export const replays: CounterDefinition<[typeof engine, typeof replayOutcome]> = {
  name: 'lighthouse_compat_replays_total',
  type: 'counter',
  unit: 'changes',
  help: 'Attempts to bring an engine back, by how they ended.',
  labels: [engine, replayOutcome],
  startsAtZero: true,
};

export const replayedPayloads: CounterDefinition<[typeof engine]> = {
  name: 'lighthouse_compat_replayed_payloads_total',
  type: 'counter',
  unit: 'payloads',
  help: 'Payloads that an engine was given to bring it back.',
  labels: [engine],
  startsAtZero: true,
};

export const laneCalls: GaugeDefinition<[typeof engine]> = {
  name: 'lighthouse_compat_lane_calls',
  type: 'gauge',
  unit: 'calls',
  help: 'Calls that wait for an engine, the one being served included; at most 64.',
  labels: [engine],
  merge: 'sum',
};

export const laneBytes: GaugeDefinition<[typeof engine]> = {
  name: 'lighthouse_compat_lane_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'About what those calls hold in memory; at most 64 MiB, save for a single call over that.',
  labels: [engine],
  merge: 'sum',
};

export const laneOldestAge: GaugeDefinition<[typeof engine]> = {
  name: 'lighthouse_compat_lane_oldest_age_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'How long ago the oldest of those calls was made; 0 where none waits.',
  labels: [engine],
  merge: 'max',
};

export const detachedSends: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_detached_sends',
  type: 'gauge',
  unit: 'sends',
  help: 'Calls on their way that wait in no lane: fetches of built payloads, and of their twins.',
  labels: [],
  merge: 'sum',
};

export const payloadPins: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_payload_pins',
  type: 'gauge',
  unit: '1',
  help: 'Payload ids of which it is known which engine issued them; at most 512.',
  labels: [],
  merge: 'sum',
};

export const replayBufferPayloads: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_replay_buffer_payloads',
  type: 'gauge',
  unit: 'payloads',
  help: 'Payloads that are kept to bring an engine back with.',
  labels: [],
  merge: 'sum',
};

export const replayBufferBytes: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_replay_buffer_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'About what those payloads hold in memory.',
  labels: [],
  merge: 'sum',
};

export const cachedDecisions: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_cached_decisions',
  type: 'gauge',
  unit: '1',
  help: 'Keys of which it is known what the flags say; at most 1024.',
  labels: [],
  merge: 'sum',
};

export const configuredModeState: GaugeDefinition<[typeof configuredMode]> = {
  name: 'lighthouse_compat_configured_mode',
  type: 'gauge',
  unit: '1',
  help: '1 for the configured mode, which counts where no flag decides, 0 for the others.',
  labels: [configuredMode],
  merge: 'sum',
};

export const latchSet: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_latch_set',
  type: 'gauge',
  unit: '1',
  help: '1 while the rollback latch is set, else 0.',
  labels: [],
  merge: 'sum',
};

export const latchSetTimestamp: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_latch_set_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When the rollback latch was set, in Unix time; not there while it is not set.',
  labels: [],
  merge: 'max',
};

export const flagProvider: GaugeDefinition<[typeof flagProviderStatus]> = {
  name: 'lighthouse_compat_flag_provider_status',
  type: 'gauge',
  unit: '1',
  help: '1 for the status of the flag provider as its OpenFeature client tells it, 0 for the others; not there without flags.',
  labels: [flagProviderStatus],
  merge: 'sum',
};

export const flagProviderTimestamp: GaugeDefinition<[]> = {
  name: 'lighthouse_compat_flag_provider_status_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'Since when the flag provider has had its status, in Unix time, as far as this process has seen; not there without flags.',
  labels: [],
  merge: 'max',
};

export const unknownFields: CounterDefinition<[typeof method]> = {
  name: 'lighthouse_compat_unknown_answer_fields_total',
  type: 'counter',
  unit: 'fields',
  help: 'Fields of answers that the specification does not know, each once.',
  labels: [method],
  startsAtZero: false,
};

export const listenerErrors: CounterDefinition<[typeof event]> = {
  name: 'lighthouse_compat_listener_errors_total',
  type: 'counter',
  unit: 'calls',
  help: 'Listeners that threw.',
  labels: [event],
  startsAtZero: true,
};

export const buildInfo: GaugeDefinition<[typeof buildVersion]> = {
  name: 'lighthouse_compat_build_info',
  type: 'gauge',
  unit: '1',
  help: '1, with the version of this package.',
  labels: [buildVersion],
  merge: 'max',
};
