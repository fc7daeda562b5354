export type { AdapterVersion } from './adapters/lighthouseApi.js';
export type { CallOptions } from './calls/callOptions.js';
export type { NewPayloadArguments } from './calls/newPayloadRequest.js';
export { type Clock, systemClock } from './clock.js';
export { createLighthouseCompat, type LighthouseCompat } from './compat.js';
export type { EngineOptions, LighthouseCompatOptions } from './config.js';
export type { EngineName } from './engine/engineClient.js';
export {
  type CallErrorCode,
  CompatError,
  type CompatErrorCode,
  type CompatErrorFacts,
  type ConfigErrorCode,
  type EngineErrorCode,
} from './errors.js';
export type { CompatEvents } from './events.js';
export type { Logger } from './logger.js';
export type { ArmObservation, Observation, Outcome } from './observation.js';
export type { Operation } from './operation.js';
export type { UnusableFlag } from './selection/flags.js';
export type { CallMode, MigrationMode } from './selection/migrationMode.js';
export type { Decision, DecisionReason } from './selection/select.js';
export type { Stickiness, StickyCall } from './selection/targetingKey.js';
