export { type FlagDifference, flagDifferences, initialRollout, migrationModeVariants } from './flagShape.js';
export type { FlagState, FlagSummary, ProjectState, StrategyState, StrategyVariant } from './flagState.js';
export type { UnleashAdminOptions } from './options.js';
export { isPassing } from './request.js';
export { type FlagSetUp, setUpFlags } from './setUpFlags.js';
export { type FlagPlace, type NewFlag, type NewRollout, UnleashAdmin } from './unleashAdmin.js';
