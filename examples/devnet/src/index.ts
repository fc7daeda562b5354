export type { DevnetAccount } from './accounts.js';
export {
  type BlockDriver,
  type BlockRecord,
  createBlockDriver,
  type DriverHead,
  type EngineApi,
} from './blockDriver.js';
export type { ClientExit } from './clientProcess.js';
export { type Devnet, type DevnetOptions, startDevnet } from './devnet.js';
export type { ChainBlock, EngineRpc, PoolAnswer, RequestOptions } from './engineRpc.js';
export { type BlockStep, DevnetError, type DevnetErrorCode, type DevnetErrorFacts } from './errors.js';
export { type ExecutionClient, type ExecutionClientOptions, startExecutionClient } from './executionClient.js';
export { type Genesis, type GenesisAccount, makeGenesis } from './genesis.js';
