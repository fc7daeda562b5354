import { type Clock, delay, systemClock } from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import type { PeerLatch } from '../unleash/peerLatch.js';
import { type ControlClient, controlClient } from './controlClient.js';

/** Another process of the fleet, by its control API. */
export type Peer = { readonly name: string; readonly url: string; readonly tokenFile: string };

const firstWaitMs = 100;
const attempts = 4;

/** Whether another attempt may end otherwise: what the process has refused it will refuse again. */
const mayPass = (error: unknown): boolean =>
  error instanceof OperatorError && (error.code === 'CONTROL_UNREACHABLE' || error.code === 'CONTROL_TIMEOUT');

/** Makes the latches of other processes, which a rollback of this one sets over HTTP: each asked by itself, up to four times, each time for `deadlineMs` at most (default 2 000). `by`: who is said to have done it. Rejects as a control client does. */
export function peerLatches(
  peers: readonly Peer[],
  options: { readonly deadlineMs?: number; readonly by?: string; readonly clock?: Clock } = {},
): readonly PeerLatch[] {
  const { deadlineMs = 2_000, by: self = 'the migration', clock = systemClock } = options;

  async function persistently(act: () => Promise<unknown>): Promise<void> {
    for (let made = 1; ; made += 1) {
      try {
        await act();
        return;
      } catch (error) {
        if (made === attempts || !mayPass(error)) throw error;
      }
      await delay(clock, firstWaitMs * 2 ** (made - 1));
    }
  }

  return peers.map(({ name, url, tokenFile }) => {
    const client: ControlClient = controlClient({ url, tokenFile, deadlineMs, clock });
    return {
      name,
      latch: (reason) => persistently(() => client.act('latch', { by: self, reason })),
      unlatch: (cleared) => persistently(() => client.act('clear-latch', cleared)),
    };
  });
}
