import type { EventEmitter } from 'node:events';
import type { Logger } from '@openfeature/server-sdk';
import type { Unleash } from 'unleash-client';
import { changedFlags } from './changedFlags.js';
import {
  definitionsOf,
  destroyClient,
  type FlagDefinition,
  fetchEvents,
  flushMetrics,
  isConnected,
  isReady,
  isStarted,
  isStreaming,
  revisionOf,
  staticContextOf,
} from './client.js';
import type { Clock } from './clock.js';
import type { FlagSet } from './evaluate.js';
import { flagsOf } from './flags.js';
import { type Happening, type Notice, type Phase, transition } from './lifecycle.js';
import type { Settings } from './options.js';

/** What a session is opened with. */
export type SessionOptions = {
  readonly unleash: Unleash;
  /** Whether the client is the session's own, to be destroyed with it. */
  readonly owned: boolean;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly tell: (notice: Notice) => void;
  readonly tellChanged: (flagKeys: readonly string[]) => void;
};

/** One life of one Unleash client: follows its events, and keeps the flags that it has. */
export class Session {
  readonly unleash: Unleash;
  readonly #options: SessionOptions;
  readonly #events: EventEmitter;
  readonly #stopListening: (() => void)[] = [];
  #phase: Phase = 'starting';
  #definitions: ReadonlyMap<string, FlagDefinition> | undefined;
  #heard = false;
  #trouble = 'no answer yet';
  #turnedAway: string | undefined;
  #cancelSilence = (): void => {};
  #cancelDeadline = (): void => {};
  #flags: FlagSet | undefined;
  #closed = false;
  // Whether the end of start() is the end of the first attempt.
  readonly #startsClient: boolean;

  constructor(options: SessionOptions) {
    this.unleash = options.unleash;
    this.#options = options;
    this.#events = fetchEvents(options.unleash);
    this.#startsClient = !isStarted(options.unleash);
  }

  /** The flags in force, or undefined while there are none. */
  get flags(): FlagSet | undefined {
    return this.#flags;
  }

  /** Starts the client; how that ends is told as a notice, at the latest after the time that initialize has. */
  open(): void {
    const { unleash, settings, clock } = this.#options;
    this.#listen(this.#events, 'error', (error) => this.#onTrouble(error));
    this.#listen(this.#events, 'warn', (warning) => this.#onTrouble(warning));
    this.#listen(this.#events, 'changed', () => this.#onContact(isConnected(unleash)));
    this.#listen(this.#events, 'unchanged', () => this.#onContact(true));
    this.#listen(this.#events, 'mode', () => this.#onMode());
    this.#listen(unleash, 'ready', () => this.#onReady());
    // Without a listener the client writes its errors to the console.
    this.#listen(unleash, 'error', (error) => this.#options.logger?.debug('unleash-client:', error));
    this.#cancelDeadline = clock.setTimer(() => {
      this.#giveUp(`no flags after ${settings.initializeTimeoutMs} ms: ${this.#trouble}`);
    }, settings.initializeTimeoutMs);
    // Starting a stream only asks for it; should there be none, the client goes over to polling and tells when that was tried.
    const triesAtStart = this.#startsClient && !isStreaming(unleash);
    const started = unleash.start().catch((error: unknown) => this.#onTrouble(error));
    if (isReady(unleash)) this.#onReady();
    if (triesAtStart) void started.then(() => this.#onFirstAttempt());
  }

  /** Stops listening and, if the client is the session's own, the client; the last metrics are sent first if that takes no longer than it may. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelSilence();
    this.#cancelDeadline();
    for (const stop of this.#stopListening) stop();
    const { unleash, owned, clock, settings } = this.#options;
    const stopErrors = ignoreErrors(unleash, this.#events);
    let cancel = (): void => {};
    const tooLong = new Promise<void>((resolve) => {
      cancel = clock.setTimer(resolve, settings.closeTimeoutMs);
    });
    await Promise.race([flushMetrics(unleash), tooLong]);
    cancel();
    if (owned) destroyClient(unleash);
    else stopErrors();
  }

  #onReady(): void {
    if (!isReady(this.unleash)) return;
    this.#definitions ??= definitionsOf(this.unleash);
    const neverAsks = this.#options.settings.refreshIntervalMs === 0;
    const fromServer = this.#heard || isConnected(this.unleash) || neverAsks;
    this.#happen({ kind: 'loaded', fromServer });
    if (fromServer) this.#waitForSilence();
    if (this.#turnedAway !== undefined) this.#happen({ kind: 'turnedAway', message: this.#turnedAway });
  }

  #onFirstAttempt(): void {
    // The client tells of what it has done in later ticks.
    setImmediate(() => this.#giveUp(`no flags: ${this.#trouble}`));
  }

  #onMode(): void {
    if (!isStreaming(this.unleash)) this.#onFirstAttempt();
    if (this.#heard) this.#waitForSilence();
  }

  #onContact(fromServer: boolean): void {
    if (fromServer) {
      this.#heard = true;
      this.#trouble = 'no answer since';
      this.#waitForSilence();
    }
    // A first answer is in force with the client's 'ready', which follows.
    const before = this.#definitions;
    if (before === undefined) return;
    this.#definitions = definitionsOf(this.unleash);
    this.#holdFlags();
    if (fromServer) this.#happen({ kind: 'heard' });
    const changed = changedFlags(before, this.#definitions);
    if (changed.length > 0) this.#options.tellChanged(changed);
  }

  #onTrouble(trouble: unknown): void {
    this.#trouble = trouble instanceof Error ? trouble.message : String(trouble);
    this.#options.logger?.warn(`Unleash: ${this.#trouble}`);
    if (!/ responded 40[13] which means/.test(this.#trouble)) return;
    const message = this.#trouble;
    this.#turnedAway = message;
    // A backup or a bootstrap may still be on its way; with it the client is stale, not refused.
    if (this.#phase === 'starting' && this.#startsClient) return;
    this.#happen({ kind: 'turnedAway', message });
  }

  #giveUp(message: string): void {
    if (this.#closed || this.#phase !== 'starting') return;
    if (this.#turnedAway !== undefined) this.#happen({ kind: 'turnedAway', message: this.#turnedAway });
    else this.#happen({ kind: 'failed', message });
  }

  #waitForSilence(): void {
    const { settings, clock } = this.#options;
    this.#cancelSilence();
    if (settings.staleAfterMs === 0 || isStreaming(this.unleash)) return;
    this.#cancelSilence = clock.setTimer(() => {
      this.#happen({ kind: 'silent', message: `not heard for ${settings.staleAfterMs} ms: ${this.#trouble}` });
    }, settings.staleAfterMs);
  }

  #happen(happening: Happening): void {
    if (this.#closed) return;
    const { phase, notices } = transition(this.#phase, happening);
    this.#phase = phase;
    this.#holdFlags();
    if (phase !== 'starting') this.#cancelDeadline();
    for (const notice of notices) this.#options.tell(notice);
  }

  #holdFlags(): void {
    const { unleash } = this;
    const definitions = this.#definitions;
    if (definitions === undefined || (this.#phase !== 'fresh' && this.#phase !== 'stale')) return;
    this.#flags = {
      unleash,
      flags: flagsOf(definitions),
      staticContext: staticContextOf(unleash),
      environment: this.#options.settings.environment,
      revision: revisionOf(unleash),
      isStale: this.#phase === 'stale',
    };
  }

  #listen(source: EventEmitter, event: string, listener: (detail: unknown) => void): void {
    source.on(event, listener);
    this.#stopListening.push(() => source.off(event, listener));
  }
}

function ignoreErrors(...sources: readonly EventEmitter[]): () => void {
  const ignore = (): void => {};
  for (const source of sources) source.on('error', ignore);
  return () => {
    for (const source of sources) source.off('error', ignore);
  };
}
