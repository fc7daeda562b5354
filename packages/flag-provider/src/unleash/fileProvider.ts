import {
  ErrorCode,
  type EvaluationContext,
  type FlagValue,
  type FlagValueType,
  type JsonValue,
  type Logger,
  OpenFeatureEventEmitter,
  type Provider,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import type { UnleashConfig } from 'unleash-client';
import { FlagProviderError } from '../errors.js';
import { failure } from '../evaluateRule.js';
import { FlagFile, type FlagFileOptions } from '../file/flagFile.js';
import { changedFlags } from './changedFlags.js';
import { definitionsOf, type FlagDefinition, staticContextOf } from './client.js';
import { type ClientFeatures, parseClientFeatures } from './clientFeatures.js';
import { evaluate } from './evaluate.js';
import { type Flags, flagsOf } from './flags.js';
import { type OfflineClient, offlineClient } from './offlineClient.js';

/** A file in Unleash's client-features format, of at most 4 MiB, and how it is evaluated. */
export type UnleashFileProviderOptions = FlagFileOptions & {
  /** What constraints on appName see, by default `lighthouse-compat`. */
  readonly appName?: string;
  /** What constraints on the environment see, and flagMetadata names; by default the client's `default`, which is not named. */
  readonly environment?: string;
  /** Activation strategies of the caller's own; one that is not known is never on. */
  readonly strategies?: NonNullable<UnleashConfig['strategies']>;
};

const maximumFileBytes = 4 * 2 ** 20;

/**
 * An OpenFeature provider (specification 0.9, section 2) of the flags in a JSON file as an Unleash server sends them at
 * `/api/client/features`, evaluated by unleash-client without any server.
 *
 * It answers as UnleashProvider does, and follows its file as LocalFlagProvider does: all of it or nothing, and while it
 * is broken or missing the flags that it held last stay in force with reason STALE.
 */
export class UnleashFileProvider implements Provider {
  readonly metadata = { name: 'Unleash file' } as const;
  readonly runsOn = 'server';
  /** STALE with file, line and column, READY again, ERROR while the file was never good, and PROVIDER_CONFIGURATION_CHANGED with the flags that did change. */
  readonly events: OpenFeatureEventEmitter = new OpenFeatureEventEmitter();

  readonly #client: OfflineClient;
  readonly #environment: string | undefined;
  readonly #source: FlagFile<ClientFeatures>;
  #definitions: ReadonlyMap<string, FlagDefinition> = new Map();
  #flags: Flags = new Map();

  /** Checks the options and reads nothing; throws a FlagProviderError `INVALID_OPTION`. */
  constructor(options: UnleashFileProviderOptions) {
    const { appName = 'lighthouse-compat', environment, strategies } = options;
    if (typeof appName !== 'string' || appName === '') {
      throw new FlagProviderError('INVALID_OPTION', 'appName', 'expected a name');
    }
    this.#source = new FlagFile(options, {
      maximumBytes: maximumFileBytes,
      parse: parseClientFeatures,
      apply: (features) => this.#apply(features),
      events: this.events,
    });
    const config = { appName, ...(environment && { environment }), ...(strategies && { strategies }) };
    this.#client = offlineClient(config);
    this.#environment = environment;
  }

  /** Ends when the file's flags are in force; rejects with PARSE_ERROR or, if the file cannot be read, GENERAL, after which READY tells that it has become good. */
  async initialize(): Promise<void> {
    await this.#source.initialize();
  }

  /** Ends evaluations, events and the watching of the file until the next `initialize`; calling it again changes nothing. */
  async onClose(): Promise<void> {
    await this.#source.close();
  }

  /** Resolves a boolean flag: whether it is on. */
  async resolveBooleanEvaluation(
    flagKey: string,
    defaultValue: boolean,
    context: EvaluationContext,
    logger?: Logger,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolve('boolean', flagKey, defaultValue, context, logger);
  }

  /** Resolves a text: a variant's payload of type string or csv. */
  async resolveStringEvaluation(
    flagKey: string,
    defaultValue: string,
    context: EvaluationContext,
    logger?: Logger,
  ): Promise<ResolutionDetails<string>> {
    return this.#resolve('string', flagKey, defaultValue, context, logger);
  }

  /** Resolves a number: a variant's payload of type number. */
  async resolveNumberEvaluation(
    flagKey: string,
    defaultValue: number,
    context: EvaluationContext,
    logger?: Logger,
  ): Promise<ResolutionDetails<number>> {
    return this.#resolve('number', flagKey, defaultValue, context, logger);
  }

  /** Resolves an object or array: a variant's payload of type json; of the caller's type on the caller's word only. */
  async resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
    logger?: Logger,
  ): Promise<ResolutionDetails<T>> {
    return this.#resolve('object', flagKey, defaultValue, context, logger);
  }

  #apply(features: ClientFeatures): readonly string[] {
    const before = this.#definitions;
    this.#client.hold(features);
    this.#definitions = definitionsOf(this.#client.unleash);
    this.#flags = flagsOf(this.#definitions);
    return changedFlags(before, this.#definitions);
  }

  #resolve<T extends FlagValue>(
    type: FlagValueType,
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
    logger: Logger | undefined,
  ): ResolutionDetails<T> {
    const { state } = this.#source;
    switch (state.kind) {
      case 'closed':
        return failure(defaultValue, ErrorCode.PROVIDER_NOT_READY, 'the provider is closed');
      case 'waiting':
        return failure(defaultValue, ErrorCode.PROVIDER_NOT_READY, `there are no flags yet: ${state.message}`);
      case 'flags': {
        const { unleash } = this.#client;
        const set = {
          unleash,
          staticContext: staticContextOf(unleash),
          flags: this.#flags,
          environment: this.#environment,
          revision: state.flags.revision,
          isStale: state.isStale,
        };
        return evaluate(set, { flagKey, type, defaultValue, context }, logger);
      }
    }
  }
}
