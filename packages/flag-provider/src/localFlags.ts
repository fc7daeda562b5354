import {
  ErrorCode,
  type EvaluationContext,
  type FlagValue,
  type FlagValueType,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/server-sdk';
import { FlagProviderError } from './errors.js';
import { evaluateRule, failure } from './evaluateRule.js';
import { FlagFile, type FlagFileOptions } from './file/flagFile.js';
import {
  changedRules,
  type LocalFlagRules,
  type LocalFlags,
  parseLocalFlags,
  parseLocalFlagsDocument,
} from './localFlagRule.js';
import { MemoryFlags } from './memoryFlags.js';

/** The flags that a {@link LocalFlagProvider} starts with, or the JSON file that it follows: `{"flags": {...}}`, of at most 1 MiB. */
export type LocalFlagProviderOptions = { readonly flags: LocalFlags } | FlagFileOptions;

const maximumFileBytes = 2 ** 20;

/**
 * An OpenFeature provider (specification 0.9, section 2) over rules in memory or in a JSON file, with the bucketing of
 * Unleash.
 *
 * A constant resolves with reason STATIC. A rule with a percent resolves with reason SPLIT: `value` for keys whose
 * bucket is at most the percent, and for the others false for a boolean or else the caller's default; at 0 and 100 all
 * keys are alike, so the reason is STATIC and no targetingKey is needed. Its `flagMetadata` is `{percent, groupId}`, and
 * `bucket` (1 to 100) when there is a targetingKey. The variant of a boolean is `on` or `off`, that of another value
 * under a percent `in` or `out`.
 *
 * A file is followed from `initialize` to `onClose`, all of it or nothing: while it is broken or missing the flags that
 * it held last stay in force with reason STALE, and the STALE event says file, line and column.
 *
 * Errors are returned with the caller's default: FLAG_NOT_FOUND, TYPE_MISMATCH, TARGETING_KEY_MISSING, and
 * PROVIDER_NOT_READY between `onClose` and the next `initialize` and before a file could be read.
 */
export class LocalFlagProvider implements Provider {
  readonly metadata = { name: 'lighthouse-compat local flags' } as const;
  readonly runsOn = 'server';
  /** PROVIDER_CONFIGURATION_CHANGED with `flagsChanged`, each time that a rule really changes while the provider is open; with a file also STALE, READY again, and ERROR while it was never good. */
  readonly events: OpenFeatureEventEmitter = new OpenFeatureEventEmitter();

  readonly #source: MemoryFlags | FlagFile<LocalFlagRules>;

  /** Takes the first flags, or a file, which `initialize` reads; throws a FlagProviderError if a flag or an option is not valid. */
  constructor(options: LocalFlagProviderOptions) {
    if ('file' in options && 'flags' in options) {
      throw new FlagProviderError('INVALID_OPTION', 'file', 'the flags are given or in a file, not both');
    }
    this.#source =
      'file' in options
        ? new FlagFile(options, {
            maximumBytes: maximumFileBytes,
            parse: parseLocalFlagsDocument,
            apply: (rules, before = new Map()) => changedRules(before, rules),
            events: this.events,
          })
        : new MemoryFlags(parseLocalFlags(options.flags));
  }

  /** Adds flags and replaces those of the same keys, all or none; throws a FlagProviderError if one of them is not valid, and `FILE_OWNS_FLAGS` if they are those of a file. */
  set(flags: LocalFlags): void {
    const added = parseLocalFlags(flags);
    this.#replaceRules((rules) => new Map([...rules, ...added]));
  }

  /** Forgets flags, so that asking for them is FLAG_NOT_FOUND; keys that no flag has are ignored. Throws `FILE_OWNS_FLAGS` if the flags are those of a file. */
  remove(...flagKeys: readonly string[]): void {
    this.#replaceRules((rules) => new Map([...rules].filter(([key]) => !flagKeys.includes(key))));
  }

  /**
   * Makes a closed provider usable again; one of flags in memory that was never closed needs no initialising.
   *
   * With a file it ends when the file's flags are in force, and rejects with PARSE_ERROR or, if the file cannot be read,
   * GENERAL; the file is watched all the same, and READY tells that it has become good.
   */
  async initialize(): Promise<void> {
    await this.#source.initialize();
  }

  /** Ends evaluations, events and the watching of a file until the next `initialize`; calling it again changes nothing. */
  async onClose(): Promise<void> {
    await this.#source.close();
  }

  /** Resolves a boolean flag. */
  async resolveBooleanEvaluation(
    flagKey: string,
    defaultValue: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolve('boolean', flagKey, defaultValue, context);
  }

  /** Resolves a string flag. */
  async resolveStringEvaluation(
    flagKey: string,
    defaultValue: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#resolve('string', flagKey, defaultValue, context);
  }

  /** Resolves a number flag. */
  async resolveNumberEvaluation(
    flagKey: string,
    defaultValue: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#resolve('number', flagKey, defaultValue, context);
  }

  /** Resolves an object or array flag; the value is frozen, and of the caller's type on the caller's word only. */
  async resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return this.#resolve('object', flagKey, defaultValue, context);
  }

  #resolve<T extends FlagValue>(
    type: FlagValueType,
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
  ): ResolutionDetails<T> {
    const { state } = this.#source;
    switch (state.kind) {
      case 'closed':
        return failure(defaultValue, ErrorCode.PROVIDER_NOT_READY, 'the provider is closed');
      case 'waiting':
        return failure(defaultValue, ErrorCode.PROVIDER_NOT_READY, `there are no flags yet: ${state.message}`);
      case 'flags': {
        const details = evaluateRule(state.flags.get(flagKey), { flagKey, type, defaultValue, context });
        const isAnswer = details.errorCode === undefined;
        return state.isStale && isAnswer ? { ...details, reason: StandardResolutionReasons.STALE } : details;
      }
    }
  }

  #replaceRules(replacing: (rules: LocalFlagRules) => LocalFlagRules): void {
    const source = this.#source;
    if (source instanceof FlagFile) {
      throw new FlagProviderError('FILE_OWNS_FLAGS', 'flags', `they are those of ${source.file}: change the file`);
    }
    const flagsChanged = source.replace(replacing);
    if (flagsChanged.length > 0) {
      this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [...flagsChanged] });
    }
  }
}
