import type { Logger } from '@openfeature/server-sdk';
import { InMemStorageProvider, type Unleash, type UnleashConfig } from 'unleash-client';
import { FlagProviderError } from '../errors.js';
import type { CustomHeaders } from './client.js';
import type { Clock } from './clock.js';

type ProviderOptions = {
  /** How often the server is asked, by default 15 s; 0 is never. For a client made by the caller, what it was made with. */
  readonly refreshIntervalMs?: number;
  /** After how many refresh intervals without word from the server the flags count as stale, by default 3. */
  readonly staleAfterIntervals?: number;
  /** How long `initialize` waits for flags, by default 10 s. */
  readonly initializeTimeoutMs?: number;
  /** How long `onClose` waits for the last metrics to be sent, by default 2 s. */
  readonly closeTimeoutMs?: number;
  /** The environment, as flagMetadata names it; by default the one in the token. */
  readonly environment?: string;
  /** Told of what goes wrong between evaluations; by default nobody is. */
  readonly logger?: Logger;
  readonly clock?: Clock;
};

/** Options of unleash-client that have no name of their own here. */
export type UnleashClientOptions = Omit<
  UnleashConfig,
  | 'url'
  | 'appName'
  | 'customHeaders'
  | 'customHeadersFunction'
  | 'environment'
  | 'refreshInterval'
  | 'metricsInterval'
  | 'backupPath'
  | 'storageProvider'
  | 'bootstrap'
  | 'disableAutoStart'
>;

/** The server, and how the provider's own Unleash client asks it. */
export type UnleashConnectionOptions = ProviderOptions & {
  /** The client API, as in `https://unleash.example.org/api`. */
  readonly url: string;
  readonly appName: string;
  /** A client token, sent as Authorization. */
  readonly token?: string;
  readonly customHeaders?: CustomHeaders;
  /** How often metrics are sent, by default 60 s; 0 is never. */
  readonly metricsIntervalMs?: number;
  /** A directory for the last flags, which a restart begins with; by default there is none. */
  readonly backupPath?: string;
  /** Flags to begin with. */
  readonly bootstrap?: NonNullable<UnleashConfig['bootstrap']>;
  /** Anything else that unleash-client takes. */
  readonly client?: UnleashClientOptions;
};

/** An Unleash client that the caller made and will destroy; the provider starts it if it was not started. */
export type UnleashInstanceOptions = ProviderOptions & { readonly unleash: Unleash };

/** What an UnleashProvider is made of. */
export type UnleashProviderOptions = UnleashConnectionOptions | UnleashInstanceOptions;

/** The options of any kind, checked and with their defaults. */
export type Settings = {
  readonly refreshIntervalMs: number;
  readonly staleAfterMs: number;
  readonly initializeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly environment: string | undefined;
};

/** Checks what can be checked without a server; throws `INVALID_OPTION` with the option's name. */
export function readSettings(options: UnleashProviderOptions): Settings {
  const refreshIntervalMs = options.refreshIntervalMs ?? 15_000;
  const staleAfterIntervals = options.staleAfterIntervals ?? 3;
  const { initializeTimeoutMs = 10_000, closeTimeoutMs = 2_000 } = options;
  atLeast('refreshIntervalMs', refreshIntervalMs, 0);
  atLeast('staleAfterIntervals', staleAfterIntervals, 1);
  atLeast('initializeTimeoutMs', initializeTimeoutMs, 1);
  atLeast('closeTimeoutMs', closeTimeoutMs, 0);
  if (!('unleash' in options)) {
    if (typeof options.appName !== 'string' || options.appName === '') refuse('appName', 'expected a name');
    if (!URL.canParse(options.url)) refuse('url', 'expected an absolute URL');
    atLeast('metricsIntervalMs', options.metricsIntervalMs ?? 60_000, 0);
  }
  const environment = options.environment ?? ('unleash' in options ? undefined : environmentIn(options.token));
  return {
    refreshIntervalMs,
    staleAfterMs: refreshIntervalMs * staleAfterIntervals,
    initializeTimeoutMs,
    closeTimeoutMs,
    environment,
  };
}

/** Gives what unleash-client is made with. */
export function clientConfig(options: UnleashConnectionOptions, { refreshIntervalMs }: Settings): UnleashConfig {
  const { url, appName, token, customHeaders, environment, bootstrap, backupPath, client } = options;
  return {
    skipInstanceCountWarning: true,
    ...client,
    // What is counted and never sent would only grow.
    ...(options.metricsIntervalMs === 0 ? { disableMetrics: true } : {}),
    url,
    appName,
    customHeaders: { ...customHeaders, ...(token === undefined ? {} : { Authorization: token }) },
    refreshInterval: refreshIntervalMs,
    metricsInterval: options.metricsIntervalMs ?? 60_000,
    ...(environment === undefined ? {} : { environment }),
    ...(bootstrap === undefined ? {} : { bootstrap }),
    // The client's own default is a file in the temporary directory, where anyone may leave flags for it.
    ...(backupPath === undefined ? { storageProvider: new InMemStorageProvider() } : { backupPath }),
    // A client that starts by itself would be asking before anyone listens.
    disableAutoStart: true,
  };
}

/** The environment of a client token, `project:environment.secret`. */
function environmentIn(token: string | undefined): string | undefined {
  return /^[^:]+:([^.]+)\../.exec(token ?? '')?.[1];
}

function atLeast(option: string, value: unknown, minimum: number): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < minimum) {
    refuse(option, `expected a number of at least ${minimum}`);
  }
}

function refuse(option: string, detail: string): never {
  throw new FlagProviderError('INVALID_OPTION', option, detail);
}
