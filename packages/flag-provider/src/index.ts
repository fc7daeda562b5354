export { defaultGroupId, normalizedValue } from './bucketing.js';
export { FlagProviderError, type FlagProviderErrorCode } from './errors.js';
export type { FlagFileOptions } from './file/flagFile.js';
export {
  type BooleanFlagDescription,
  type BooleanFlagKey,
  type FlagKey,
  flagKeys,
  flagVocabulary,
  type MigrationModeFlagValue,
  type StringFlagDescription,
  type StringFlagKey,
} from './flagKeys.js';
export type { JsonData } from './frozenJson.js';
export type { LocalConstantFlag, LocalFlag, LocalFlags, LocalFlagValue, LocalPercentFlag } from './localFlagRule.js';
export { LocalFlagProvider, type LocalFlagProviderOptions } from './localFlags.js';
export type { Clock } from './unleash/clock.js';
