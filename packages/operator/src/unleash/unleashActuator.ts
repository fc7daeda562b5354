import { flagKeys } from '@lighthouse-compat/flag-provider';
import {
  type Actuator,
  type Clock,
  type LighthouseCompat,
  type SettableTarget,
  systemClock,
  within,
} from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { createFlagsKeeper } from './flagsKeeper.js';
import type { FlagsReading } from './flagsReading.js';
import { type FlagAdmin, flagsInPlace } from './ownedFlags.js';
import type { PeerLatch } from './peerLatch.js';
import { createTelling, notTold } from './telling.js';

/** Where a migration's flags are, and who is latched with this process. */
export type UnleashActuatorOptions = {
  /** An UnleashAdmin whose token may change flags and strategies. */
  readonly admin: FlagAdmin;
  readonly project: string;
  readonly environment: string;
  /** The instance that the controller has. */
  readonly compat: Pick<LighthouseCompat, 'clearLatch' | 'latch' | 'migrationMode' | 'rollback'>;
  /** Every other process of the fleet; without them they learn of a rollback from Unleash. */
  readonly peers?: readonly PeerLatch[];
  /** How long Unleash and each peer have to be told of a rollback, retries included; by default 10 s. */
  readonly tellWithinMs?: number;
  readonly clock?: Clock;
};

function readOptions({ project, environment, peers = [], tellWithinMs = 10_000 }: UnleashActuatorOptions) {
  const refuse = (path: string, what: string): never => {
    throw new OperatorError('INVALID_OPTION', `${path}: ${what}`, { path });
  };
  for (const [path, value] of Object.entries({ project, environment }))
    if (typeof value !== 'string' || value === '') refuse(path, 'a text that is not empty is needed');
  if (!Number.isSafeInteger(tellWithinMs) || tellWithinMs < 1) refuse('tellWithinMs', 'a whole number from 1 on');
  const names = new Set(peers.map(({ name }) => name));
  if (names.size < peers.length || names.has('Unleash') || names.has(''))
    refuse('peers', 'each needs a name of its own');
  return { peers, tellWithinMs };
}

/** Waits for all; rejects with the only failure, or with all of them in one. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  const failures = (await Promise.allSettled(works)).flatMap((each) =>
    each.status === 'rejected' ? [each.reason as unknown] : [],
  );
  const [first, second] = failures;
  if (first === undefined) return;
  if (second === undefined) throw first;
  const messages = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  throw new OperatorError('NOT_TOLD', messages.join('; '), { cause: first });
}

/**
 * Makes an actuator that acts through flags in Unleash, for every process that asks them: `lighthouse_parallel_mode`,
 * `lighthouse_v5_primary` and `lighthouse_migration_mode`, which it writes, and `lighthouse_v5`, which it only ever
 * switches off, by a rollback. Every write follows a reading; what a person has changed is DRIFT, and nothing is written
 * until it is adopted or reset. Throws INVALID_OPTION.
 */
export function unleashActuator(options: UnleashActuatorOptions): Required<Actuator> {
  const { admin, compat, clock = systemClock } = options;
  const { peers, tellWithinMs } = readOptions(options);
  const flags = flagsInPlace(options);
  const keeper = createFlagsKeeper(flags);
  const telling = createTelling({ admin, master: flags.place(flagKeys.lighthouseV5), peers, clock, tellWithinMs });
  let isLatched = false;
  let round = 0;

  /** Of two acts the later one counts, also where the earlier is still under way. */
  function beginAct(): () => boolean {
    round += 1;
    const own = round;
    return () => own !== round;
  }

  function driftOf(reading: FlagsReading, drift: string | null, overruled: string | null): string | null {
    const { kind } = compat.migrationMode;
    const found = [
      // What a rollback has switched off stays off until a person has cleared it, and is then the person's to switch on.
      ...(isLatched ? [] : [reading.masterProblem]),
      isLatched && reading.isMasterOn && !telling.owesUnleash
        ? `${flagKeys.lighthouseV5} is on, and the rollback has not been cleared`
        : null,
      overruled === null ? null : `${overruled} is on`,
      drift,
      // The flags leave to it what they give to nobody.
      kind === 'v4_only' ? null : `the configured mode is ${kind} in place of v4_only`,
    ].filter((each) => each !== null);
    return found.length === 0 ? null : found.join('; ');
  }

  /** Sees to it that the flags give v5 nothing, before a latch that holds it back is lifted. */
  async function leaveToV4(isOver: () => boolean): Promise<void> {
    try {
      await keeper.apply({ kind: 'v4_only' }, isOver);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'DRIFT') throw error;
      // A person's change stays as it is while the master keeps it from mattering.
      if ((await keeper.inspect()).reading.isMasterOn) throw error;
    }
  }

  return {
    restore: (targets) => keeper.restore(targets),
    async apply(target: SettableTarget) {
      const isOver = beginAct();
      await allDone([keeper.apply(target, isOver), isLatched ? telling.rest() : Promise.resolve()]);
    },
    adopt: () => keeper.adopt(),
    reset: (target) => keeper.reset(target, beginAct()),
    async inspect() {
      try {
        const [{ reading, drift }, overruled] = await Promise.all([keeper.inspect(), flags.readOverruling()]);
        return { unknown: null, drift: driftOf(reading, drift, overruled) };
      } catch (error) {
        return { unknown: error instanceof Error ? error.message : String(error), drift: null };
      }
    },
    latch(reason) {
      // This process first: nothing before it may wait, or throw.
      const own = compat.latch === null ? compat.rollback(reason) : Promise.resolve();
      beginAct();
      isLatched = true;
      telling.begin(reason);
      return allDone([own, telling.rest()]);
    },
    async unlatch(cleared) {
      const isOver = beginAct();
      await leaveToV4(isOver);
      // A rollback that has come meanwhile is not the one that was cleared.
      if (isOver()) throw new OperatorError('SUPERSEDED', 'there is a newer rollback than the one that was cleared');
      isLatched = false;
      telling.end();
      const own = compat.latch === null ? Promise.resolve() : compat.clearLatch(cleared);
      const lifted = await Promise.allSettled([
        own,
        ...peers.map((peer) => within(clock, tellWithinMs, () => peer.unlatch(cleared))),
      ]);
      const failures = lifted.flatMap((each, at) =>
        each.status === 'rejected' ? [{ name: peers[at - 1]?.name ?? 'this process', error: each.reason }] : [],
      );
      if (failures.length > 0) throw notTold('not told that the rollback has been cleared', failures);
    },
  };
}
