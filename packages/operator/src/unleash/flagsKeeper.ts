import { FlagProviderError, flagKeys } from '@lighthouse-compat/flag-provider';
import type { Adoption, SettableTarget } from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { nextReset } from './flagMends.js';
import { describeDrifts, driftsFrom, type FlagDrift, type FlagsReading, readShape } from './flagsReading.js';
import { type FlagsShape, isSameShape, shapeOf, targetOfShape } from './flagsShape.js';
import { afterWrite, nextWrite, reachable } from './flagWrites.js';
import type { FlagsInPlace } from './ownedFlags.js';

/** Whether a newer act has taken the place of one. */
type IsOver = () => boolean;

/** The flags that a migration writes, and what they were written to: one act at a time. */
export type FlagsKeeper = {
  /** Takes up what earlier processes may have left. */
  restore(targets: readonly SettableTarget[]): void;
  /** Writes what a target wants, one request after the other, each after reading. Throws DRIFT, with nothing written, where a person has changed something, SUPERSEDED, NOT_WRITTEN and what UnleashAdmin throws. */
  apply(target: SettableTarget, isOver: IsOver): Promise<void>;
  /** Writes it over whatever a person has changed, save `lighthouse_v5`. */
  reset(target: SettableTarget, isOver: IsOver): Promise<void>;
  adopt(): Promise<Adoption>;
  /** Reads the flags, and what about those that are written is not of this keeper's making; null where nothing is. */
  inspect(): Promise<{ readonly reading: FlagsReading; readonly drift: string | null }>;
};

// The longest way from one target to another takes four, and one that mends a few more; others may come between.
const mostPasses = 24;

const drift = (message: string, path: string): OperatorError => new OperatorError('DRIFT', message, { path });

/** Somebody else has changed the strategy since it was read, or an attempt of ours that seemed to fail has arrived: reading tells. */
const isChanged = (error: unknown): boolean =>
  error instanceof FlagProviderError && (error.code === 'FLAG_CHANGED' || error.code === 'CONFLICT');

/** Makes it for flags that are as they are set up, until `restore` tells more. */
export function createFlagsKeeper(flags: Pick<FlagsInPlace, 'read' | 'write'>): FlagsKeeper {
  let wanted: SettableTarget = { kind: 'v4_only' };
  /** How the flags may be without a person's having changed them: what was seen last, and before a write is answered what it makes of that. */
  let known: readonly FlagsShape[] = [shapeOf(wanted)];
  /** Until the flags have been read once, an earlier process may have been ended anywhere on its way. */
  let isUnseen = true;
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  }

  /** The flags as they are set, where they are as this keeper has set them or as they are wanted; otherwise throws DRIFT. */
  function ownShape(reading: FlagsReading, to: FlagsShape): FlagsShape {
    const { shape } = reading;
    if (shape !== null && [...known, to].some((each) => isSameShape(each, shape))) return shape;
    const drifts = driftsOf(reading);
    throw drift(describeDrifts(drifts), drifts[0]?.flagKey ?? flagKeys.lighthouseV5Primary);
  }
  /** What differs from the shape that is nearest. */
  const driftsOf = (reading: FlagsReading): readonly FlagDrift[] =>
    known
      .map((each) => driftsFrom(reading, each))
      .reduce((least, next) => (next.length <= least.length ? next : least));
  const driftOf = (reading: FlagsReading): string => describeDrifts(driftsOf(reading));

  async function pass(target: SettableTarget, isOver: IsOver): Promise<'done' | 'more'> {
    const to = shapeOf(target);
    const read = await flags.read();
    if (isOver()) throw new OperatorError('SUPERSEDED', `${target.kind} is not wanted any more`);
    const reading = readShape(read);
    const shape = ownShape(reading, to);
    isUnseen = false;
    known = [shape];
    // That v4 answers is right whatever the master says.
    if (reading.masterProblem !== null && target.kind !== 'v4_only')
      throw drift(reading.masterProblem, flagKeys.lighthouseV5);
    const write = nextWrite(shape, to);
    if (write === null) return 'done';
    const after = afterWrite(shape, write);
    known = [shape, after];
    await flags.write(write, read);
    known = [after];
    return 'more';
  }

  async function resetPass(target: SettableTarget, isOver: IsOver): Promise<'done' | 'more'> {
    const to = shapeOf(target);
    const read = await flags.read();
    if (isOver()) throw new OperatorError('SUPERSEDED', `${target.kind} is not wanted any more`);
    const request = nextReset(read, to);
    if (request !== null) {
      await flags.write(request, read);
      return 'more';
    }
    isUnseen = false;
    known = [to];
    return 'done';
  }

  async function untilDone(one: () => Promise<'done' | 'more'>, target: SettableTarget): Promise<void> {
    for (let passes = 0; passes < mostPasses; passes += 1) {
      try {
        if ((await one()) === 'done') return;
      } catch (error) {
        if (!isChanged(error)) throw error;
      }
    }
    throw new OperatorError('NOT_WRITTEN', `the flags are not ${target.kind} after ${mostPasses} writes`);
  }

  const seen = async (): Promise<FlagsReading> => readShape(await flags.read());

  return {
    restore([first, ...later]) {
      if (first === undefined) return;
      wanted = later.at(-1) ?? first;
      known = reachable([shapeOf(first)], later);
      isUnseen = true;
    },
    apply(target, isOver) {
      wanted = target;
      return inTurn(async () => {
        // A rollback acts before it is written down: the way to v4 may be the one on which the process ended.
        if (isUnseen) known = reachable(known, [target]);
        await untilDone(() => pass(target, isOver), target);
      });
    },
    reset(target, isOver) {
      wanted = target;
      return inTurn(() => untilDone(() => resetPass(target, isOver), target));
    },
    adopt: () =>
      inTurn(async () => {
        const reading = await seen();
        if (reading.masterProblem !== null) return { target: null, why: reading.masterProblem };
        const target = reading.shape === null ? null : targetOfShape(reading.shape);
        return target === null ? { target, why: driftOf(reading) } : { target };
      }),
    inspect: () =>
      inTurn(async () => {
        const reading = await seen();
        const { shape } = reading;
        const isOwn = shape !== null && [...known, shapeOf(wanted)].some((each) => isSameShape(each, shape));
        return { reading, drift: isOwn ? null : driftOf(reading) };
      }),
  };
}
