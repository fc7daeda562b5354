import { resolve } from 'node:path';
import { TextDecoder } from 'node:util';
import {
  ErrorCode,
  GeneralError,
  type OpenFeatureEventEmitter,
  ParseError,
  ProviderEvents,
} from '@openfeature/server-sdk';
import { FlagProviderError } from '../errors.js';
import type { FlagsState } from '../flagsState.js';
import { type Clock, systemClock } from '../unleash/clock.js';
import { FileWatcher } from './fileWatcher.js';
import { readJsonText } from './jsonText.js';
import { type Finding, type Notice, type Phase, transition } from './lifecycle.js';
import type { Content } from './readBytes.js';

/** A file of flags, and how it is watched. */
export type FlagFileOptions = {
  /** A JSON file; a relative path is taken from the working directory that the provider is made in. */
  readonly file: string;
  /** How often the file is looked at, by default every 500 ms. */
  readonly checkIntervalMs?: number;
  readonly clock?: Clock;
};

/** What a file is to its provider. */
export type FlagFileUse<T> = {
  readonly maximumBytes: number;
  /** Makes flags of the document; throws a FlagProviderError with the path of the first fault. */
  readonly parse: (document: unknown) => T;
  /** Takes flags into force, and names those that differ from the flags before. */
  readonly apply: (flags: T, before: T | undefined) => readonly string[];
  readonly events: OpenFeatureEventEmitter;
};

/** One time between initialize and close. */
type Run<T> = {
  readonly initialized: Promise<void>;
  /** Ends initialize if it has not ended, as closed, and the watching. */
  readonly end: () => Promise<void>;
  phase: Phase;
  flags: T | undefined;
  /** Why there are none yet. */
  fault: string;
};

/** The flags of a file, between each initialize and close: all that the file holds, or all that it held when it was good last. */
export class FlagFile<T> {
  readonly file: string;
  readonly #path: string;
  readonly #checkIntervalMs: number;
  readonly #clock: Clock;
  readonly #use: FlagFileUse<T>;
  #run: Run<T> | undefined;
  #closing: Promise<void> = Promise.resolve();
  #closings = 0;

  /** Checks the options and reads nothing; throws a FlagProviderError `INVALID_OPTION`. */
  constructor({ file, checkIntervalMs = 500, clock = systemClock }: FlagFileOptions, use: FlagFileUse<T>) {
    if (typeof file !== 'string' || file === '')
      throw new FlagProviderError('INVALID_OPTION', 'file', 'expected a path');
    if (typeof checkIntervalMs !== 'number' || !(checkIntervalMs >= 1 && checkIntervalMs <= 2 ** 31 - 1)) {
      throw new FlagProviderError('INVALID_OPTION', 'checkIntervalMs', 'expected a number of at least 1');
    }
    this.file = file;
    this.#path = resolve(file);
    this.#checkIntervalMs = checkIntervalMs;
    this.#clock = clock;
    this.#use = use;
  }

  /** What the file stands for now. */
  get state(): FlagsState<T> {
    const run = this.#run;
    if (run === undefined) return { kind: 'closed' };
    if (run.flags === undefined) return { kind: 'waiting', message: run.fault };
    return { kind: 'flags', flags: run.flags, isStale: run.phase === 'stale' };
  }

  /** Ends when the flags are in force; rejects with ParseError or GeneralError if the file is broken or missing, after which READY tells that it is good. */
  async initialize(): Promise<void> {
    if (this.#run?.flags !== undefined) return;
    if (this.#run?.phase === 'unavailable') await this.close();
    const closings = this.#closings;
    await this.#closing;
    if (closings !== this.#closings) throw closedMeanwhile();
    this.#run ??= this.#start();
    await this.#run.initialized;
  }

  /** Ends the watching; calling it again changes nothing. */
  async close(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    this.#closings++;
    if (run !== undefined) this.#closing = run.end();
    return this.#closing;
  }

  #start(): Run<T> {
    const { events } = this.#use;
    const { promise, resolve: fulfil, reject } = withResolvers();
    const tell = (notice: Notice): void => {
      switch (notice.kind) {
        case 'initialized':
          fulfil();
          break;
        case 'rejected':
          reject(errorOf(notice));
          break;
        case 'ready':
          events.emit(ProviderEvents.Ready);
          break;
        case 'stale':
          events.emit(ProviderEvents.Stale, { message: notice.message });
          break;
        case 'error':
          events.emit(ProviderEvents.Error, { message: notice.message, errorCode: notice.errorCode });
          break;
      }
    };
    const watcher = new FileWatcher({
      path: this.#path,
      maximumBytes: this.#use.maximumBytes,
      checkIntervalMs: this.#checkIntervalMs,
      clock: this.#clock,
      tell: (content) => {
        const reading = this.#read(content);
        const { phase, notice } = transition(run.phase, reading);
        const before = run.flags;
        run.phase = phase;
        if (reading.kind === 'broken') run.fault = reading.message;
        // In force before anybody is told.
        const flagsChanged = reading.kind === 'good' ? this.#use.apply(reading.flags, before) : [];
        if (reading.kind === 'good') run.flags = reading.flags;
        if (notice !== undefined) tell(notice);
        if (before !== undefined && flagsChanged.length > 0) {
          events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [...flagsChanged] });
        }
      },
    });
    const end = (): Promise<void> => {
      reject(closedMeanwhile());
      return watcher.stop();
    };
    const run: Run<T> = { initialized: promise, end, phase: 'starting', flags: undefined, fault: 'not read yet' };
    watcher.start();
    return run;
  }

  #read(content: Content): (Finding & { kind: 'broken' }) | { readonly kind: 'good'; readonly flags: T } {
    const broken = (errorCode: ErrorCode.PARSE_ERROR | ErrorCode.GENERAL, message: string) =>
      ({ kind: 'broken', errorCode, message }) as const;
    if (content.kind === 'unreadable') return broken(ErrorCode.GENERAL, `${this.file}: ${content.message}`);
    let text: string;
    try {
      // A byte order mark, which some editors write, is left out.
      text = new TextDecoder('utf-8', { fatal: true }).decode(content.bytes);
    } catch {
      return broken(ErrorCode.PARSE_ERROR, `${this.file}: not UTF-8`);
    }
    const reading = readJsonText(text, this.#use.parse);
    return reading.kind === 'good'
      ? { kind: 'good', flags: reading.value }
      : broken(ErrorCode.PARSE_ERROR, `${this.file}:${reading.message}`);
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let settle: { resolve: () => void; reject: (error: Error) => void } = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

function errorOf({ errorCode, message }: Notice & { kind: 'rejected' }): Error {
  return errorCode === ErrorCode.PARSE_ERROR ? new ParseError(message) : new GeneralError(message);
}

function closedMeanwhile(): Error {
  return new GeneralError('the provider was closed while it was initialised');
}
