export { actionNames, actionSchemas } from './control/actions.js';
export {
  type AccessAnswer,
  type ActionAnswer,
  type ActionName,
  type ControlEvents,
  controlVersion,
  type DecisionAnswer,
  type ErrorAnswer,
  type JournalAnswer,
  type Json,
  type ReadinessAnswer,
  type ReportAnswer,
  type StatusAnswer,
} from './control/answers.js';
export {
  type ActionBody,
  type ControlClient,
  type ControlClientOptions,
  controlClient,
} from './control/controlClient.js';
export { type ControlHandler, type ControlHandlerOptions, createControlHandler } from './control/controlHandler.js';
export { decisionSchemas } from './control/decisions.js';
export { type Peer, peerLatches } from './control/peerLatches.js';
export { OperatorError, type OperatorErrorCode } from './errors.js';
export { fileJournal } from './journal/fileJournal.js';
export type { PrometheusHealthOptions } from './prometheus/options.js';
export { type PrometheusHealth, prometheusHealth } from './prometheus/prometheusHealth.js';
export type { FlagAdmin } from './unleash/ownedFlags.js';
export type { PeerLatch } from './unleash/peerLatch.js';
export { type UnleashActuatorOptions, unleashActuator } from './unleash/unleashActuator.js';
