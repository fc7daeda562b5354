import type { Clock } from '../../clock.js';
import type { LighthouseCompat } from '../../lighthouseCompat.js';
import type { HealthSource } from '../contracts.js';
import type { ComparisonCounts } from './healthSample.js';
import {
  addComparisons,
  countObservation,
  createSlice,
  mergeSlices,
  noComparisons,
  type Slice,
} from './observationWindow.js';
import { windowStartMs } from './windowStart.js';

/** So finely a window is kept. */
const slicesPerWindow = 180;

/** Makes a health source of the process's own observations: what an instance publishes is counted from now on, and forgotten once it is older than a window. */
export function observationHealth(
  compat: Pick<LighthouseCompat, 'on'>,
  { clock, windowMs }: { readonly clock: Clock; readonly windowMs: number },
): HealthSource {
  const sliceMs = windowMs / slicesPerWindow;
  let slices: Slice[] = [];
  let resetMs = clock.monotonicMs();
  let sinceReset: ComparisonCounts = noComparisons;
  let sharedEngine = false;

  const windowStart = (nowMs: number): number => windowStartMs({ resetMs, nowMs, windowMs });

  function current(nowMs: number): Slice {
    const last = slices.at(-1);
    if (last !== undefined && nowMs - last.sinceMs < sliceMs) return last;
    const slice = createSlice(nowMs);
    const startMs = windowStart(nowMs);
    slices = [...slices.filter(({ sinceMs }) => sinceMs >= startMs), slice];
    return slice;
  }

  const unsubscribe = compat.on('observation', (observation) => {
    const slice = current(clock.monotonicMs());
    const before = { ...slice.comparisons };
    countObservation(slice, observation);
    sharedEngine = observation.sharedEngine;
    const { comparisons } = slice;
    sinceReset = addComparisons(sinceReset, {
      compared: comparisons.compared - before.compared,
      differed: comparisons.differed - before.differed,
      critical: comparisons.critical - before.critical,
      pending: comparisons.pending - before.pending,
      notCompared: comparisons.notCompared - before.notCompared,
    });
  });

  return {
    reset() {
      slices = [];
      sinceReset = noComparisons;
      resetMs = clock.monotonicMs();
    },
    async sample() {
      const startMs = windowStart(clock.monotonicMs());
      const merged = mergeSlices(slices.filter(({ sinceMs }) => sinceMs >= startMs));
      return { ...merged, comparisonsSinceReset: sinceReset, sharedEngine };
    },
    close: unsubscribe,
  };
}
