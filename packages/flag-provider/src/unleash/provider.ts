import {
  ErrorCode,
  type EvaluationContext,
  type FlagValue,
  type FlagValueType,
  GeneralError,
  type JsonValue,
  type Logger,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  ProviderFatalError,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/server-sdk';
import { Unleash } from 'unleash-client';
import { failure } from '../evaluateRule.js';
import { systemClock } from './clock.js';
import { evaluate } from './evaluate.js';
import type { Notice } from './lifecycle.js';
import { clientConfig, readSettings, type Settings, type UnleashProviderOptions } from './options.js';
import { Outbox } from './outbox.js';
import { Session } from './session.js';
import { impactTracker } from './track.js';

/** One time between initialize and onClose. */
type Run = {
  readonly session: Session;
  readonly initialized: Promise<void>;
  readonly track: ReturnType<typeof impactTracker>;
  /** Ends initialize if it has not ended, as closed. */
  readonly abandon: () => void;
  readonly hasFailed: () => boolean;
};

/**
 * An OpenFeature provider (specification 0.9, section 2) of the flags of an Unleash server.
 *
 * Booleans are whether a flag is on; texts, numbers and objects are the payload of its variant. Flags that Unleash does
 * not know are FLAG_NOT_FOUND; payloads are read strictly (TYPE_MISMATCH, PARSE_ERROR); without flags or after `onClose`
 * the answer is PROVIDER_NOT_READY. All errors are returned with the caller's default. `flagMetadata` has
 * `feature_enabled`, and where they are known `project`, `environment`, `revision` and the `bucket` (1 to 100) of a
 * gradual rollout.
 *
 * `track` counts in Unleash's impact metrics.
 */
export class UnleashProvider implements Provider {
  readonly metadata = { name: 'Unleash' } as const;
  readonly runsOn = 'server';
  /** STALE, READY again, ERROR with its code, and PROVIDER_CONFIGURATION_CHANGED with the flags that did change. */
  readonly events: OpenFeatureEventEmitter = new OpenFeatureEventEmitter();

  readonly #options: UnleashProviderOptions;
  readonly #settings: Settings;
  #run: Run | undefined;
  #closing: Promise<void> = Promise.resolve();
  #closings = 0;

  /** Checks the options and connects to nothing; throws a FlagProviderError `INVALID_OPTION`. */
  constructor(options: UnleashProviderOptions) {
    this.#options = options;
    this.#settings = readSettings(options);
  }

  /**
   * Ends when flags can be evaluated: those of the server, or of a bootstrap or backup, which count as STALE until the
   * server was reached.
   *
   * Rejects within `initializeTimeoutMs` otherwise: with PROVIDER_FATAL if the server turned the client away, and else
   * with GENERAL, after which the client goes on asking and READY tells that flags have come.
   */
  async initialize(): Promise<void> {
    if (this.#run?.session.flags !== undefined) return;
    if (this.#run?.hasFailed()) await this.onClose();
    const closings = this.#closings;
    await this.#closing;
    if (closings !== this.#closings) throw closedMeanwhile();
    this.#run ??= this.#start();
    await this.#run.initialized;
  }

  /** Ends evaluations and events, sends the last metrics and stops the client; calling it again changes nothing, and `initialize` begins anew. */
  async onClose(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    this.#closings++;
    if (run === undefined) return this.#closing;
    run.abandon();
    this.#closing = run.session.close();
    return this.#closing;
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

  /** Resolves an object or array: a variant's payload of type json, of the caller's type on the caller's word only. */
  async resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
    logger?: Logger,
  ): Promise<ResolutionDetails<T>> {
    return this.#resolve('object', flagKey, defaultValue, context, logger);
  }

  /** Counts an event in Unleash's impact metrics, and keeps its value there if it has one; what comes while the provider is closed is lost. */
  track(trackingEventName: string, _context?: EvaluationContext, details?: TrackingEventDetails): void {
    this.#run?.track(trackingEventName, details);
  }

  #resolve<T extends FlagValue>(
    type: FlagValueType,
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
    logger: Logger | undefined,
  ): ResolutionDetails<T> {
    if (this.#run === undefined) return failure(defaultValue, ErrorCode.PROVIDER_NOT_READY, 'the provider is closed');
    const { flags } = this.#run.session;
    if (flags === undefined) return failure(defaultValue, ErrorCode.PROVIDER_NOT_READY, 'there are no flags yet');
    return evaluate(flags, { flagKey, type, defaultValue, context }, logger);
  }

  #start(): Run {
    const options = this.#options;
    const owned = !('unleash' in options);
    const unleash = owned ? new Unleash(clientConfig(options, this.#settings)) : options.unleash;
    const outbox = new Outbox((event, details) => this.events.emit(event, details));
    let failed = false;
    let settle: { resolve: () => void; reject: (error: Error) => void } = { resolve: () => {}, reject: () => {} };
    const initialized = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    const tell = (notice: Notice): void => {
      switch (notice.kind) {
        case 'initialized':
          outbox.hold();
          settle.resolve();
          break;
        case 'rejected':
          failed = true;
          outbox.hold();
          settle.reject(errorOf(notice));
          break;
        case 'ready':
          outbox.send(ProviderEvents.Ready, {});
          break;
        case 'stale':
          outbox.send(ProviderEvents.Stale, { message: notice.message });
          break;
        case 'error':
          outbox.send(ProviderEvents.Error, { message: notice.message, errorCode: notice.errorCode });
          break;
      }
    };
    const session = new Session({
      unleash,
      owned,
      settings: this.#settings,
      clock: options.clock ?? systemClock,
      logger: options.logger,
      tell,
      tellChanged: (flagsChanged) =>
        outbox.send(ProviderEvents.ConfigurationChanged, { flagsChanged: [...flagsChanged] }),
    });
    session.open();
    const abandon = (): void => {
      outbox.close();
      settle.reject(closedMeanwhile());
    };
    return { session, initialized, track: impactTracker(unleash), abandon, hasFailed: () => failed };
  }
}

function errorOf({ errorCode, message }: Notice & { kind: 'rejected' }): Error {
  return errorCode === ErrorCode.PROVIDER_FATAL ? new ProviderFatalError(message) : new GeneralError(message);
}

function closedMeanwhile(): Error {
  return new GeneralError('the provider was closed while it was initialised');
}
