import { addGrowth, addTo, noSums } from './growth.js';
import type { Scrape } from './scrapes.js';

/** So finely a window is kept. */
const slicesPerWindow = 180;

/** By how much the series of each instance have grown. */
export type Sums = ReadonlyMap<string, Float64Array>;

type Slice = { readonly sinceMs: number; readonly sums: Map<string, Float64Array> };

function addAll(sums: Map<string, Float64Array>, more: Sums): void {
  for (const [name, figures] of more) {
    const own = sums.get(name) ?? noSums();
    sums.set(name, own);
    addTo(own, figures);
  }
}

/** What has been added up of all instances within a window. Times are Prometheus's `atMs` of a scrape, and those of this process. */
export type GrowthWindow = {
  /** The newest scrape of each instance that has been added up. */
  readonly lasts: ReadonlyMap<string, Scrape>;
  /** Adds what is newer than them. `startMs`, where the window begins, and `nowMs` are this process's; `nowAtMs` is now by Prometheus's clock. */
  add(
    scrapes: ReadonlyMap<string, readonly Scrape[]>,
    times: { readonly startMs: number; readonly nowMs: number; readonly nowAtMs: number },
  ): void;
  /** What is in the window. */
  read(): Sums;
  /** The same since the last reset, over all instances. */
  readonly sinceReset: Float64Array;
  reset(): void;
};

/** Starts with nothing; a scrape older than `forgetAfterMs` is not asked for again, and its instance may be forgotten. */
export function createGrowthWindow({
  windowMs,
  forgetAfterMs,
}: {
  readonly windowMs: number;
  readonly forgetAfterMs: number;
}): GrowthWindow {
  const sliceMs = windowMs / slicesPerWindow;
  let slices: readonly Slice[] = [];
  let sinceReset = noSums();
  let lasts: ReadonlyMap<string, Scrape> = new Map();
  let addedMs = Number.NEGATIVE_INFINITY;

  return {
    get lasts() {
      return lasts;
    },
    add(scrapes, { startMs, nowMs, nowAtMs }) {
      const sums = new Map<string, Float64Array>();
      const newest = new Map(lasts);
      for (const [name, found] of scrapes) {
        const own = noSums();
        const last = addGrowth(own, found, { last: lasts.get(name), windowStartMs: nowAtMs - (nowMs - startMs) });
        if (last !== undefined) newest.set(name, last);
        sums.set(name, own);
        addTo(sinceReset, own);
      }
      lasts = new Map([...newest].filter(([, { atMs }]) => atMs >= nowAtMs - forgetAfterMs));
      const within = slices.filter(({ sinceMs }) => sinceMs >= startMs);
      const current = within.at(-1);
      if (current !== undefined && nowMs - current.sinceMs < sliceMs) addAll(current.sums, sums);
      else within.push({ sinceMs: Math.max(addedMs, startMs), sums });
      slices = within;
      addedMs = nowMs;
    },
    read() {
      const merged = new Map<string, Float64Array>();
      for (const { sums } of slices) addAll(merged, sums);
      return merged;
    },
    get sinceReset() {
      return sinceReset;
    },
    reset() {
      slices = [];
      sinceReset = noSums();
    },
  };
}
