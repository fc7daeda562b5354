import type { AdapterVersion } from '../../adapters/lighthouseApi.js';
import type { ArmObservation, Observation } from '../../observation.js';
import { createMomentsBuilder, type Moments, type MomentsBuilder, mergeMoments } from '../../statistics/moments.js';
import type { AttemptRole, ComparisonCounts, HealthSample, SpeedStratum, Tally } from './healthSample.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Speed = { readonly pairs: MomentsBuilder; readonly v4: MomentsBuilder; readonly v5: MomentsBuilder };

/** What came about within one stretch of time. */
export type Slice = {
  readonly sinceMs: number;
  readonly attempts: Record<AdapterVersion, Record<AttemptRole, Mutable<Tally>>>;
  readonly callers: Record<AdapterVersion, Mutable<Tally>>;
  readonly speed: Map<string, Speed>;
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

/** An empty slice. */
export const createSlice = (sinceMs: number): Slice => ({
  sinceMs,
  attempts: { v4: byRole(), v5: byRole() },
  callers: { v4: tally(), v5: tally() },
  speed: new Map(),
  comparisons: { ...noComparisons },
});

/** Failures that say nothing about an engine: the caller's abort, the end of the instance, what a caller asked wrongly, and what neither engine can serve. */
const notTheEngines = new Set([
  'ABORTED',
  'CLOSED',
  'FORKCHOICE_SUPERSEDED',
  'INVALID_PARAMS',
  'INVALID_FORKCHOICE_STATE',
  'INVALID_PAYLOAD_ATTRIBUTES',
  'ENGINE_UNSUPPORTED_FORK',
  'TOO_LARGE_REQUEST',
  'TOO_DEEP_REORG',
  'UNSUPPORTED_FORK',
]);

function count(tallied: Mutable<Tally>, { outcome }: ArmObservation, agreed: boolean): void {
  if (outcome.kind === 'failed') {
    if (agreed || notTheEngines.has(outcome.code)) return;
    tallied.attempts += 1;
    tallied.failures += 1;
  }
  if (outcome.kind === 'answered') tallied.attempts += 1;
}

/** A duration that may be held against another engine's; null where there is none. */
function speedOf(arm: ArmObservation | null): number | null {
  if (arm === null || arm.durationMs === null || !(arm.durationMs > 0)) return null;
  return arm.outcome.kind === 'answered' && !arm.outcome.builtHere ? Math.log(arm.durationMs) : null;
}

function speedAt(slice: Slice, name: string): Speed {
  const known = slice.speed.get(name);
  if (known !== undefined) return known;
  const made = { pairs: createMomentsBuilder(), v4: createMomentsBuilder(), v5: createMomentsBuilder() };
  slice.speed.set(name, made);
  return made;
}

function countSpeed(slice: Slice, { operation, answering, other, bothWhole }: Observation): void {
  const [one, two] = [speedOf(answering), speedOf(other)];
  // Both did the same work for the same call: the sharpest comparison that there is.
  if (bothWhole && one !== null && two !== null) {
    speedAt(slice, operation).pairs.add(answering.adapter === 'v5' ? one - two : two - one);
    return;
  }
  // A part that left the attributes out is less work than one that builds.
  const stratum = bothWhole || operation === 'new_payload' ? operation : `${operation}, answering alone`;
  if (one !== null) speedAt(slice, stratum)[answering.adapter].add(one);
  if (two !== null && other !== null && operation === 'new_payload') speedAt(slice, stratum)[other.adapter].add(two);
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
  const { answering, other, comparison, sharedEngine } = observation;
  // Both engines refuse the call alike: it is the call that is at fault.
  const agreed = comparison?.verdict === 'both_errors' && comparison.differences.length === 0;
  count(slice.attempts[answering.adapter].answering, answering, agreed);
  if (other !== null) count(slice.attempts[other.adapter].other, other, agreed);
  count(slice.callers[answering.adapter], answering, agreed);
  if (!sharedEngine) countSpeed(slice, observation);
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
  return {
    attempts: { v4: roles('v4'), v5: roles('v5') },
    callers: { v4: sum(slices.map(({ callers }) => callers.v4)), v5: sum(slices.map(({ callers }) => callers.v5)) },
    speed: speedStrata(slices),
    comparisons: slices.reduce((all, { comparisons }) => addComparisons(all, comparisons), noComparisons),
  };
}
