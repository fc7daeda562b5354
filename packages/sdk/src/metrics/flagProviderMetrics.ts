import { type Client, ProviderEvents } from '@openfeature/server-sdk';
import type { Registry } from 'prom-client';
import type { Clock } from '../clock.js';
import { flagProviderStatus } from './labels.js';
import { readingOn } from './reading.js';
import { flagProvider, flagProviderTimestamp } from './stateTable.js';

type Status = (typeof flagProviderStatus)['values'][number];

const changes = [ProviderEvents.Ready, ProviderEvents.Stale, ProviderEvents.Error] as const;

/** The client's word on its provider; null where it says nothing that is known. */
function statusOf({ providerStatus }: Client): Status | null {
  const status = String(providerStatus).toLowerCase();
  return flagProviderStatus.values.find((known) => known === status) ?? null;
}

/** Tells how the flag provider is, and since when; the function returned ends that. */
export function createFlagProviderMetrics(registry: Registry, client: Client, clock: Clock): () => void {
  let status = statusOf(client);
  let sinceMs = clock.nowMs();
  // The client's own word counts, which also knows of a provider that has been put in place of another; an event only says when to ask.
  const ask = (): void => {
    const now = statusOf(client);
    if (now === status) return;
    status = now;
    sinceMs = clock.nowMs();
  };
  for (const event of changes) client.addHandler(event, ask);
  const endings = [
    readingOn(registry, flagProvider).read((tell) => {
      ask();
      for (const known of flagProviderStatus.values) tell(known === status ? 1 : 0, known);
    }),
    readingOn(registry, flagProviderTimestamp).read((tell) => {
      ask();
      tell(sinceMs / 1000);
    }),
  ];
  return () => {
    for (const event of changes) client.removeHandler(event, ask);
    for (const end of endings) end();
  };
}
