import type { Moments } from '../../statistics/moments.js';
import type { SpeedStratum } from './healthSample.js';

/** Below it a stratum's own variance is too uncertain to weigh it by. */
const minimumPerStratum = 30;

type Part = { readonly difference: number; readonly variance: number; readonly v4: number; readonly v5: number };

const varianceOfMean = ({ count, m2 }: Moments): number => m2 / (count - 1) / count;

function partOf(stratum: SpeedStratum): Part | null {
  if (stratum.kind === 'pairs') {
    const { count, mean } = stratum.difference;
    const variance = varianceOfMean(stratum.difference);
    return count < minimumPerStratum || !(variance > 0) ? null : { difference: mean, variance, v4: count, v5: count };
  }
  const { v4, v5 } = stratum;
  const variance = varianceOfMean(v4) + varianceOfMean(v5);
  if (v4.count < minimumPerStratum || v5.count < minimumPerStratum || !(variance > 0)) return null;
  return { difference: v5.mean - v4.mean, variance, v4: v4.count, v5: v5.count };
}

/** By how much v5's log latency is above v4's, as two arms of equal moments: the form in which it is tested. */
export type SpeedDifference = {
  readonly control: Moments;
  readonly candidate: Moments;
  /** Durations that it stands on. */
  readonly samples: { readonly v4: number; readonly v5: number };
};

/** Puts the strata together: only like is held against like, each stratum weighs by what it knows (the inverse of its variance), and those that know too little are left out. Null where all are. */
export function combineSpeed(strata: readonly SpeedStratum[]): SpeedDifference | null {
  const parts = strata.map(partOf).filter((part) => part !== null);
  if (parts.length === 0) return null;
  const weight = parts.reduce((sum, { variance }) => sum + 1 / variance, 0);
  const difference = parts.reduce((sum, part) => sum + part.difference / part.variance, 0) / weight;
  const samples = {
    v4: parts.reduce((sum, part) => sum + part.v4, 0),
    v5: parts.reduce((sum, part) => sum + part.v5, 0),
  };
  // Half of the variance to either arm, so that the two together have all of it.
  const arm = (count: number, mean: number): Moments => ({ count, mean, m2: (count * (count - 1)) / (2 * weight) });
  return { control: arm(samples.v4, 0), candidate: arm(samples.v5, difference), samples };
}
