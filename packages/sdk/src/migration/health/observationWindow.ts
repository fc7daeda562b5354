import type { AdapterVersion } from '../../adapters/lighthouseApi.js';
import type { Observation } from '../../observation.js';
import { createMomentsBuilder, type Moments, type MomentsBuilder, mergeMoments } from '../../statistics/moments.js';
import {
  type AttemptTotals,
  callersOf,
  countHealth,
  type DurationTotals,
  type Stratum,
  type Timed,
} from './countHealth.js';
import type { AttemptRole, ComparisonCounts, HealthSample, SpeedStratum, Tally } from './healthSample.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Speed = Readonly<Record<Timed, MomentsBuilder>>;

/** What came about within one stretch of time. */
export type Slice = AttemptTotals &
  DurationTotals & {
    readonly sinceMs: number;
    readonly attempts: Record<AdapterVersion, Record<AttemptRole, Mutable<Tally>>>;
    readonly speed: Map<Stratum, Speed>;
    readonly comparisons: Mutable<ComparisonCounts>;
  };

export const noComparisons: ComparisonCounts = Object.freeze({
  compared: 0,
  differed: 0,
  critical: 0,
  pending: 0,
  notCompared: 0,
});

const tally = (): Mutable<Tally> => ({ attempts: 0, failures: 0 });
const byRole = (): Record<AttemptRole, Mutable<Tally>> => ({ answering: tally(), other: tally() });

const add = (tallied: Mutable<Tally>, isFailed: boolean): void => {
  tallied.attempts += 1;
  if (isFailed) tallied.failures += 1;
};

/** An empty slice. */
export function createSlice(sinceMs: number): Slice {
  const attempts = { v4: byRole(), v5: byRole() };
  const speed = new Map<Stratum, Speed>();
  return {
    sinceMs,
    attempts,
    speed,
    comparisons: { ...noComparisons },
    attempt: (version, role, isFailed) => add(attempts[version][role], isFailed),
    duration(stratum, timed, ms, perMs) {
      const known = speed.get(stratum);
      const made = known ?? { pairs: createMomentsBuilder(), v4: createMomentsBuilder(), v5: createMomentsBuilder() };
      if (known === undefined) speed.set(stratum, made);
      made[timed].add(Math.log(ms / perMs));
    },
  };
}

function countComparison(counts: Mutable<ComparisonCounts>, { comparison }: Observation): void {
  if (comparison === null) return;
  switch (comparison.verdict) {
    case 'match':
      counts.compared += 1;
      break;
    case 'mismatch':
      counts.compared += 1;
      counts.differed += 1;
      break;
    case 'critical':
      counts.compared += 1;
      counts.differed += 1;
      counts.critical += 1;
      break;
    case 'pending':
      counts.pending += 1;
      break;
    case 'not_compared':
      counts.notCompared += 1;
      break;
    // An arm that failed is counted as that, and one that cannot serve the fork was not asked.
    case 'v4_error':
    case 'v5_error':
    case 'both_errors':
    case 'unsupported':
      break;
  }
}

/** Adds a call to a slice. */
export function countObservation(slice: Slice, observation: Observation): void {
  countHealth(slice, observation);
  countComparison(slice.comparisons, observation);
}

const sum = (tallies: readonly Tally[]): Tally => ({
  attempts: tallies.reduce((total, { attempts }) => total + attempts, 0),
  failures: tallies.reduce((total, { failures }) => total + failures, 0),
});

export const addComparisons = (one: ComparisonCounts, two: ComparisonCounts): ComparisonCounts => ({
  compared: one.compared + two.compared,
  differed: one.differed + two.differed,
  critical: one.critical + two.critical,
  pending: one.pending + two.pending,
  notCompared: one.notCompared + two.notCompared,
});

const noMoments: Moments = { count: 0, mean: 0, m2: 0 };

function speedStrata(slices: readonly Slice[]): readonly SpeedStratum[] {
  const names = new Set(slices.flatMap(({ speed }) => [...speed.keys()]));
  return [...names].sort().flatMap((name): readonly SpeedStratum[] => {
    const merged = (of: keyof Speed): Moments =>
      slices.reduce((all, { speed }) => mergeMoments(all, speed.get(name)?.[of].read() ?? noMoments), noMoments);
    return [
      { kind: 'pairs', name, difference: merged('pairs') },
      { kind: 'arms', name, v4: merged('v4'), v5: merged('v5') },
    ];
  });
}

/** Puts slices together. */
export function mergeSlices(slices: readonly Slice[]): Omit<HealthSample, 'comparisonsSinceReset' | 'sharedEngine'> {
  const roles = (version: AdapterVersion) => ({
    answering: sum(slices.map(({ attempts }) => attempts[version].answering)),
    other: sum(slices.map(({ attempts }) => attempts[version].other)),
  });
  const attempts = { v4: roles('v4'), v5: roles('v5') };
  return {
    attempts,
    callers: callersOf(attempts),
    speed: speedStrata(slices),
    comparisons: slices.reduce((all, { comparisons }) => addComparisons(all, comparisons), noComparisons),
  };
}
