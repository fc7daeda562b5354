import type { Clock } from '../clock.js';
import type { Operation } from '../operation.js';
import type { FlagChoice } from './flags.js';

/** How long a choice for a key is kept while nothing changes. */
const maxAgeMs = 1_000;
const maxEntries = 1_024;

type Entries = Record<Operation, Map<string, { readonly choice: FlagChoice; readonly atMs: number }>>;

const noEntries = (): Entries => ({ new_payload: new Map(), forkchoice_updated: new Map(), get_payload: new Map() });

/** What flags have said about a key: kept until the flags or the mode change, or one second. */
export type DecisionCache = {
  get(operation: Operation, key: string): FlagChoice | undefined;
  /** Keeps a choice, unless something has changed since `epoch` was read. */
  set(operation: Operation, key: string, choice: FlagChoice, epoch: number): void;
  /** Forgets everything: flags or mode have changed. */
  invalidate(): void;
  readonly epoch: number;
  readonly size: number;
};

/** Makes an empty cache. */
export function createDecisionCache(clock: Clock): DecisionCache {
  // A map for each operation, so that a look-up takes the key as it is: a text put together anew has to be hashed anew.
  let entries = noEntries();
  let epoch = 0;
  const sizeNow = (): number => entries.new_payload.size + entries.forkchoice_updated.size + entries.get_payload.size;
  return {
    get(operation, key) {
      const entry = entries[operation].get(key);
      if (entry === undefined) return undefined;
      if (clock.monotonicMs() - entry.atMs < maxAgeMs) return entry.choice;
      entries[operation].delete(key);
      return undefined;
    },
    set(operation, key, choice, asOf) {
      if (asOf !== epoch) return;
      if (sizeNow() >= maxEntries) entries = noEntries();
      entries[operation].set(key, { choice, atMs: clock.monotonicMs() });
    },
    invalidate() {
      epoch += 1;
      entries = noEntries();
    },
    get epoch() {
      return epoch;
    },
    get size() {
      return sizeNow();
    },
  };
}
