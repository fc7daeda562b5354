import type { EventEmitter } from 'node:events';
import type { Unleash, UnleashConfig, Context as UnleashContext, Variant } from 'unleash-client';

/** The context that the Unleash client evaluates with. */
export type Context = UnleashContext;
/** The custom fields of a context. */
export type Properties = NonNullable<Context['properties']>;
/** A variant's payload. */
export type Payload = NonNullable<Variant['payload']>;
/** A flag's definition as the server sent it, its segments written out. */
export type FlagDefinition = ReturnType<Unleash['getFeatureToggleDefinitions']>[number];
/** One of a flag's activation strategies. */
export type StrategyDefinition = NonNullable<FlagDefinition['strategies']>[number];
/** One of a flag's or a strategy's variants, with its weight. */
export type VariantDefinition = NonNullable<FlagDefinition['variants']>[number];
/** The headers that go with every request. */
export type CustomHeaders = NonNullable<UnleashConfig['customHeaders']>;

/** What the client keeps to itself and a provider has to know; each part is missing in a client that has it no longer. */
type Internals = {
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly staticContext?: Context;
  readonly repository?: EventEmitter & {
    readonly connected?: boolean;
    readonly etag?: string;
    getMode?(): 'polling' | 'streaming';
  };
  readonly metrics?: { readonly timer?: NodeJS.Timeout };
  readonly client?: { forceGetVariant?(name: string, context: Context): Variant };
};

const internalsOf = (unleash: Unleash): Internals => unleash as unknown as Internals;

/** Whether flags can be evaluated: the client answers with fallbacks until it says so. */
export function isReady(unleash: Unleash): boolean {
  return internalsOf(unleash).ready ?? unleash.isSynchronized();
}

/** Whether somebody has started the client, so that the end of start() tells nothing. */
export function isStarted(unleash: Unleash): boolean {
  return internalsOf(unleash).started ?? false;
}

/** Whether the server itself gave flags: the client's events are the same for a bootstrap. */
export function isConnected(unleash: Unleash): boolean {
  return internalsOf(unleash).repository?.connected ?? unleash.isSynchronized();
}

/** Whether flags come by a stream, which is silent while nothing changes; the client itself leaves a stream that has broken for polling. */
export function isStreaming(unleash: Unleash): boolean {
  return internalsOf(unleash).repository?.getMode?.() === 'streaming';
}

/** Where the news of fetching come from: the repository, because the client's own events mix in those of metrics. */
export function fetchEvents(unleash: Unleash): EventEmitter {
  return internalsOf(unleash).repository ?? unleash;
}

/** The revision of the flags in force, which the server writes into its ETag (`"<query hash>:<revision>"`), if it does. */
export function revisionOf(unleash: Unleash): number | undefined {
  const revision = /^(?:W\/)?"[^":]*:(\d{1,15})[":]/.exec(internalsOf(unleash).repository?.etag ?? '')?.[1];
  return revision === undefined ? undefined : Number(revision);
}

/** The context that the client adds to every evaluation: appName and environment. */
export function staticContextOf(unleash: Unleash): Context {
  return internalsOf(unleash).staticContext ?? {};
}

/** The variant that a context gets, without counting it as a second evaluation; the context has the client's own fields already. */
export function peekVariant(unleash: Unleash, flagKey: string, context: Context): Variant | undefined {
  return internalsOf(unleash).client?.forceGetVariant?.(flagKey, context);
}

/** The definitions of all flags, by name. */
export function definitionsOf(unleash: Unleash): ReadonlyMap<string, FlagDefinition> {
  return new Map(readDefinitions(unleash).map((flag) => [flag.name, flag]));
}

function readDefinitions(unleash: Unleash): readonly FlagDefinition[] {
  try {
    return unleash.getFeatureToggleDefinitions(true);
  } catch {
    // A malformed definition, which the client takes in nevertheless: what its strategies are is not known then.
    return unleash.getFeatureToggleDefinitions().map(({ strategies: _, ...flag }) => flag);
  }
}

/** Sends the metrics counted so far; never rejects. */
export async function flushMetrics(unleash: Unleash): Promise<void> {
  // Sending sets a timer anew and forgets the one before, which would outlive the client.
  clearTimeout(internalsOf(unleash).metrics?.timer);
  await unleash.flushMetrics().catch(() => {});
}

/** Stops a client for good. */
export function destroyClient(unleash: Unleash): void {
  const events = fetchEvents(unleash);
  unleash.destroy();
  // Destroying removes every listener, and a request in flight that fails after that is an 'error' without one: a crash.
  events.on('error', () => {});
}
