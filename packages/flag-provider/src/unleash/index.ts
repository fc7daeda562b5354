export { type FlagDifference, migrationModeVariants } from './admin/flagShape.js';
export type { FlagState, FlagSummary, ProjectState, StrategyState, StrategyVariant } from './admin/flagState.js';
export type { UnleashAdminOptions } from './admin/options.js';
export { type FlagSetUp, setUpFlags } from './admin/setUpFlags.js';
export { type FlagPlace, type NewFlag, type NewRollout, UnleashAdmin } from './admin/unleashAdmin.js';
export type { Clock } from './clock.js';
export { UnleashFileProvider, type UnleashFileProviderOptions } from './fileProvider.js';
export type {
  UnleashClientOptions,
  UnleashConnectionOptions,
  UnleashInstanceOptions,
  UnleashProviderOptions,
} from './options.js';
export { UnleashProvider } from './provider.js';
