import type { Clock } from '../clock.js';
import type { FlagChoice } from './flags.js';

/** How long a choice for a key is kept while nothing changes. */
const maxAgeMs = 1_000;
const maxEntries = 1_024;

/** What flags have said about a key: kept until the flags or the mode change, or one second. */
export type DecisionCache = {
  get(key: string): FlagChoice | undefined;
  /** Keeps a choice, unless something has changed since `epoch` was read. */
  set(key: string, choice: FlagChoice, epoch: number): void;
  /** Forgets everything: flags or mode have changed. */
  invalidate(): void;
  readonly epoch: number;
  readonly size: number;
};

/** Makes an empty cache. */
export function createDecisionCache(clock: Clock): DecisionCache {
  let entries = new Map<string, { readonly choice: FlagChoice; readonly atMs: number }>();
  let epoch = 0;
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (clock.monotonicMs() - entry.atMs < maxAgeMs) return entry.choice;
      entries.delete(key);
      return undefined;
    },
    set(key, choice, asOf) {
      if (asOf !== epoch) return;
      if (entries.size >= maxEntries) entries = new Map();
      entries.set(key, { choice, atMs: clock.monotonicMs() });
    },
    invalidate() {
      epoch += 1;
      entries = new Map();
    },
    get epoch() {
      return epoch;
    },
    get size() {
      return entries.size;
    },
  };
}
