import { isDeepStrictEqual } from 'node:util';
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
} from '@openfeature/server-sdk';
import { evaluateRule, failure } from './evaluateRule.js';
import { type LocalFlagRule, type LocalFlags, parseLocalFlags } from './localFlagRule.js';

/** The flags that a {@link LocalFlagProvider} starts with. */
export type LocalFlagProviderOptions = { readonly flags: LocalFlags };

/**
 * An OpenFeature provider (specification 0.9, section 2) over rules in memory, with the bucketing of Unleash.
 *
 * A constant resolves with reason STATIC. A rule with a percent resolves with reason SPLIT: `value` for keys whose
 * bucket is at most the percent, and for the others false for a boolean or else the caller's default; at 0 and 100 all
 * keys are alike, so the reason is STATIC and no targetingKey is needed. Its `flagMetadata` is `{percent, groupId}`, and
 * `bucket` (1 to 100) when there is a targetingKey. The variant of a boolean is `on` or `off`, that of another value
 * under a percent `in` or `out`.
 *
 * Errors are returned with the caller's default: FLAG_NOT_FOUND, TYPE_MISMATCH, TARGETING_KEY_MISSING, and
 * PROVIDER_NOT_READY between `onClose` and the next `initialize`.
 */
export class LocalFlagProvider implements Provider {
  readonly metadata = { name: 'lighthouse-compat local flags' } as const;
  readonly runsOn = 'server';
  /** PROVIDER_CONFIGURATION_CHANGED with `flagsChanged`, each time that a rule really changes while the provider is open. */
  readonly events: OpenFeatureEventEmitter = new OpenFeatureEventEmitter();

  #rules: ReadonlyMap<string, LocalFlagRule>;
  // The SDK goes on calling a provider that it has closed, so the provider has to know.
  #closed = false;

  /** Takes the first flags; throws a FlagProviderError if one of them is not valid. */
  constructor({ flags }: LocalFlagProviderOptions) {
    this.#rules = parseLocalFlags(flags);
  }

  /** Adds flags and replaces those of the same keys, all or none; throws a FlagProviderError if one of them is not valid. */
  set(flags: LocalFlags): void {
    this.#replaceRules(new Map([...this.#rules, ...parseLocalFlags(flags)]));
  }

  /** Forgets flags, so that asking for them is FLAG_NOT_FOUND; keys that no flag has are ignored. */
  remove(...flagKeys: readonly string[]): void {
    this.#replaceRules(new Map([...this.#rules].filter(([key]) => !flagKeys.includes(key))));
  }

  /** Makes a closed provider usable again; one that was never closed needs no initialising. */
  async initialize(): Promise<void> {
    this.#closed = false;
  }

  /** Ends evaluations and events until the next `initialize`; calling it again changes nothing. */
  async onClose(): Promise<void> {
    this.#closed = true;
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
    if (this.#closed) return failure(defaultValue, ErrorCode.PROVIDER_NOT_READY, 'the provider is closed');
    return evaluateRule(this.#rules.get(flagKey), { flagKey, type, defaultValue, context });
  }

  #replaceRules(next: ReadonlyMap<string, LocalFlagRule>): void {
    const before = this.#rules;
    this.#rules = next;
    const keys = new Set([...before.keys(), ...next.keys()]);
    const flagsChanged = [...keys].filter((key) => !isDeepStrictEqual(before.get(key), next.get(key)));
    if (flagsChanged.length > 0 && !this.#closed) {
      this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
    }
  }
}
