export { OperatorError, type OperatorErrorCode } from './errors.js';
export { fileJournal } from './journal/fileJournal.js';
export type { FlagAdmin } from './unleash/ownedFlags.js';
export type { PeerLatch } from './unleash/peerLatch.js';
export { type UnleashActuatorOptions, unleashActuator } from './unleash/unleashActuator.js';
