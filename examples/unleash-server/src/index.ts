export { UnleashServerError, type UnleashServerErrorCode } from './errors.js';
export type { HostExit } from './hostProcess.js';
export { startUnleashServer, type UnleashServer } from './unleashServer.js';
