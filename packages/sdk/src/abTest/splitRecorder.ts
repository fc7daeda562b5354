import { normalizedValue } from '@lighthouse-compat/flag-provider';
import { clusterCount } from '../statistics/clustering.js';
import type { Counts } from '../statistics/counts.js';
import type { AbTest } from './abTest.js';

/** Counts what was assigned, each unit once: a session of a sticky test, else a request. */
export type SplitRecorder = {
  /** Gives the cluster that the request belongs to; one without a session belongs to any. */
  record(isV5: boolean, sessionId: string | null, isUnit: boolean): number;
  /** How many of the units went to v5. */
  counts(): Counts;
};

const placeBits = 19;
const filterBits = 2 ** placeBits;
/** Another than the bucket's own, so that what is made of a session's hash says nothing about its arm. */
const seed = 0x51ed270b;

/** A session as it is counted: numbers small enough that none of them is an object. */
type Session = {
  readonly id: string;
  readonly cluster: number;
  readonly lowerPlace: number;
  readonly upperPlace: number;
};

function sessionOf(id: string, testName: string): Session {
  const hash = normalizedValue(id, testName, 2 ** 32, seed) - 1;
  return {
    id,
    cluster: hash % clusterCount,
    lowerPlace: hash & (filterBits - 1),
    upperPlace: hash >>> (32 - placeBits),
  };
}

/** Tells new sessions from those seen before, in 64 KiB (B. H. Bloom, 1970), by two places of each: the lower and the upper bits of its hash. It may take a new one for one seen before, the more often the more it has seen, but whichever arm it goes to: the split of those that pass is not shifted. */
function createSeenSessions(): (session: Session) => boolean {
  const bits = new Uint8Array(filterBits / 8);
  const wasSet = (place: number): boolean => {
    const byte = place >> 3;
    const bit = 1 << (place & 7);
    const before = bits[byte] as number;
    bits[byte] = before | bit;
    return (before & bit) !== 0;
  };
  return ({ lowerPlace, upperPlace }) => {
    const wasLowerSet = wasSet(lowerPlace);
    return wasSet(upperPlace) && wasLowerSet;
  };
}

/** Starts with no units. */
export function createSplitRecorder({ name, stickySessions }: AbTest): SplitRecorder {
  let wasSeen: ((session: Session) => boolean) | undefined;
  let last: Session | undefined;
  let withoutSession = 0;
  let total = 0;
  let v5 = 0;
  const count = (isV5: boolean): void => {
    total += 1;
    if (isV5) v5 += 1;
  };
  return {
    record(isV5, sessionId, isUnit) {
      if (!stickySessions || sessionId === null) {
        if (!stickySessions && isUnit) count(isV5);
        withoutSession = (withoutSession + 1) % clusterCount;
        return withoutSession;
      }
      // One block's calls come one after the other.
      if (last?.id !== sessionId) last = sessionOf(sessionId, name);
      if (isUnit) {
        wasSeen ??= createSeenSessions();
        if (!wasSeen(last)) count(isV5);
      }
      return last.cluster;
    },
    counts: () => ({ successes: v5, total }),
  };
}
