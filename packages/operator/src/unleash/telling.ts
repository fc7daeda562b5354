import { FlagProviderError } from '@lighthouse-compat/flag-provider';
import { type FlagPlace, isPassing, type UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash/admin';
import { type Clock, delay, within } from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import type { PeerLatch } from './peerLatch.js';

const firstWaitMs = 250;
const mostWaitMs = 5_000;

/** Tells a fleet of a rollback: Unleash, whose master switch goes off, and every peer, all at once. */
export type Telling = {
  /** From now on everybody has to be told of this. */
  begin(reason: string): void;
  /** Tells those who have not been told yet; rejects with NOT_TOLD, naming who is left. */
  rest(): Promise<void>;
  /** Nobody has to be told any more. */
  end(): void;
  /** Whether Unleash has still to be told. */
  readonly owesUnleash: boolean;
};

/** Names who could not be reached, and why, in one error. */
export function notTold(
  what: string,
  failures: readonly { readonly name: string; readonly error: unknown }[],
): OperatorError {
  const told = failures.map(({ name, error }) => `${name} (${error instanceof Error ? error.message : String(error)})`);
  return new OperatorError('NOT_TOLD', `${what}: ${told.join('; ')}`, { cause: failures[0]?.error });
}

/** Makes it; tells nobody before `begin`. */
export function createTelling(parts: {
  readonly admin: Pick<UnleashAdmin, 'readFlag' | 'switchFlag'>;
  readonly master: FlagPlace;
  readonly peers: readonly PeerLatch[];
  readonly clock: Clock;
  /** How long each has to be told, retries included. */
  readonly tellWithinMs: number;
}): Telling {
  const { admin, master, peers, clock, tellWithinMs } = parts;
  const owed = new Map<string, (reason: string) => Promise<void>>();
  const unleash = 'Unleash';
  let latchedFor = '';
  let underWay: Promise<void> | undefined;
  let round = 0;

  /** Switches the master off and sees that it is; a flag that is not there counts as off. */
  async function switchOff(): Promise<void> {
    const own = round;
    const untilMs = clock.monotonicMs() + tellWithinMs;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, mostWaitMs)) {
      let failure: Error = new OperatorError('NOT_WRITTEN', `${master.flagKey} is still on`, { path: master.flagKey });
      try {
        await admin.switchFlag(master, 'off');
        if ((await admin.readFlag(master))?.enabled !== true) return;
      } catch (error) {
        if (!(error instanceof FlagProviderError)) throw error;
        if (error.code === 'NOT_FOUND' && (await admin.readFlag(master)) === undefined) return;
        if (!isPassing(error)) throw error;
        failure = error;
      }
      if (clock.monotonicMs() + waitMs >= untilMs) throw failure;
      await delay(clock, waitMs);
      // It has been cleared meanwhile: the switch is a person's again.
      if (own !== round) return;
    }
  }

  async function tellAll(): Promise<void> {
    const tellings = [...owed].map(async ([name, tell]) => {
      const own = round;
      try {
        await within(clock, tellWithinMs, () => tell(latchedFor));
        if (own === round) owed.delete(name);
        return [];
      } catch (error) {
        return [{ name, error }];
      }
    });
    const failures = (await Promise.all(tellings)).flat();
    if (failures.length > 0) throw notTold('not told of the rollback', failures);
  }

  return {
    begin(reason) {
      latchedFor = reason;
      round += 1;
      underWay = undefined;
      owed.set(unleash, switchOff);
      for (const peer of peers) owed.set(peer.name, (why) => peer.latch(why));
    },
    rest() {
      if (underWay === undefined) {
        const telling = tellAll().finally(() => {
          if (underWay === telling) underWay = undefined;
        });
        underWay = telling;
      }
      return underWay;
    },
    end() {
      round += 1;
      underWay = undefined;
      owed.clear();
    },
    get owesUnleash() {
      return owed.has(unleash);
    },
  };
}
