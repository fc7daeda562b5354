import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, UnleashProvider, type UnleashProviderOptions } from '@lighthouse-compat/flag-provider/unleash';
import { type Client, OpenFeature, ProviderEvents, type ServerProviderEvents } from '@openfeature/server-sdk';
import { afterAll, afterEach, expect } from 'vitest';
import { type Answer, FlagServer } from './flagServer.js';

export const feature = (name: string, enabled = true) => ({
  name,
  type: 'release',
  enabled,
  strategies: [],
  variants: [],
});
export const flags = (...features: object[]): Answer => ({ kind: 'flags', body: { version: 2, features } });
export const on = flags(feature('flag'));

/** Time that only a test moves. */
export class HeldClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
  advance(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}

const servers: FlagServer[] = [];
const printed: string[] = [];

/** Ends after each test what it began, and prints at the end the table of what was seen. */
export function tendLifecycles(): void {
  afterEach(async () => {
    await OpenFeature.clearProviders();
    await Promise.all(servers.splice(0).map((server) => server.die()));
  });
  afterAll(() => {
    process.stdout.write(`${['row | initialize | status | events | flag', ...printed].join('\n')}\n`);
  });
}

export const serve = async (answer: Answer): Promise<FlagServer> => {
  const server = await FlagServer.open(answer);
  servers.push(server);
  return server;
};

function watch(domain: string): {
  client: Client;
  events: string[];
  next: (event: ServerProviderEvents) => Promise<void>;
} {
  const client = OpenFeature.getClient(domain);
  const events: string[] = [];
  const waiting: { event: string; resolve: () => void }[] = [];
  for (const event of Object.values(ProviderEvents)) {
    client.addHandler(event, (details) => {
      const changed = details && 'flagsChanged' in details && details.flagsChanged ? `(${details.flagsChanged})` : '';
      events.push(`${event.replace('PROVIDER_', '')}${changed}`);
      for (const { resolve } of waiting.filter((one) => one.event === event)) resolve();
    });
  }
  events.length = 0; // What the SDK says of the provider that stood in before.
  return { client, events, next: (event) => new Promise((resolve) => waiting.push({ event, resolve })) };
}

export const base = { appName: 'lifecycle', refreshIntervalMs: 20, metricsIntervalMs: 0 } as const;

/** Sets a provider of these options and follows it. */
export async function startedWith(options: UnleashProviderOptions, duringStart = async (): Promise<void> => {}) {
  const domain = randomUUID();
  const watched = watch(domain);
  const provider = new UnleashProvider(options);
  const ended = OpenFeature.setProviderAndWait(domain, provider).then(
    () => 'resolved',
    (error: { code: string }) => error.code,
  );
  await duringStart();
  const outcome = await ended;
  await nextTurn();
  await nextTurn();
  return { ...watched, provider, outcome };
}

/** Holds a provider to its row of the table: how initialize ended, the status, the events and a flag. */
export async function expectRow(
  name: string,
  { outcome, client, events }: { outcome: string; client: Client; events: readonly string[] },
  expected: readonly string[],
): Promise<void> {
  const { value, reason, errorCode } = await client.getBooleanDetails('flag', false);
  const row = [outcome, client.providerStatus, events.join(','), errorCode ?? `${value} ${reason}`];
  printed.push([name, ...row].join(' | '));
  expect(row).toEqual(expected);
}
