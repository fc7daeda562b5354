import { healthSeries } from '@lighthouse-compat/sdk';
import type { Scrape } from './scrapes.js';

/** By how much each of `healthSeries` has grown between two scrapes of one process. All of them begin at 0 with the process: where one has gone back, it has been started anew. */
function increaseBetween(before: Scrape, after: Scrape): Float64Array {
  const isNew = after.totals.some((total, at) => total < (before.totals[at] as number));
  return isNew ? after.totals : after.totals.map((total, at) => total - (before.totals[at] as number));
}

/** Which of them count contradictions. */
const isCritical: readonly boolean[] = healthSeries.map(({ labels }) => labels['verdict'] === 'critical');

/** Figures of nothing. */
export const noSums = (): Float64Array => new Float64Array(healthSeries.length);

/** Adds one row of figures to another, in place. */
export function addTo(sums: Float64Array, more: ArrayLike<number>): void {
  for (let at = 0; at < sums.length; at += 1) sums[at] = (sums[at] as number) + (more[at] as number);
}

/**
 * Adds to `sums` by how much the series of one process have grown since its last scrape that was looked at, from the first scrape
 * after the window began. What was counted between two windows belongs to neither, save for contradictions of the engines, of
 * which none may be lost. Gives the newest scrape; undefined where there never was one.
 */
export function addGrowth(
  sums: Float64Array,
  scrapes: readonly Scrape[],
  { last, windowStartMs }: { readonly last: Scrape | undefined; readonly windowStartMs: number },
): Scrape | undefined {
  let before = last;
  for (const scrape of scrapes) {
    if (before !== undefined && scrape.atMs <= before.atMs) continue;
    if (before !== undefined && (last !== undefined || scrape.atMs > windowStartMs)) {
      const increase = increaseBetween(before, scrape);
      const isWithin = before.atMs > windowStartMs;
      addTo(sums, isWithin ? increase : increase.map((value, at) => (isCritical[at] ? value : 0)));
    }
    before = scrape;
  }
  return before;
}
