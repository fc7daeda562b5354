import type { Clock } from '../clock.js';
import type { Operation } from '../operation.js';
import type { FlagChoice } from './flags.js';
import type { Decision } from './select.js';

/** How long a choice for a key is kept, at most, while nothing changes. */
const maxAgeMs = 1_000;
const maxEntries = 1_024;

/** What the flags have said about a key, and the decision that it came to, once there has been one. */
export type Known = { readonly choice: FlagChoice; decision: Decision | undefined };

type Entries = Record<Operation, Map<string, Known>>;

const noEntries = (): Entries => ({ new_payload: new Map(), forkchoice_updated: new Map(), get_payload: new Map() });

/** What flags have said about a key: kept until the flags or the mode change, or one second. */
export type DecisionCache = {
  get(operation: Operation, key: string): Known | undefined;
  /** Keeps a choice, unless something has changed since `epoch` was read. */
  set(operation: Operation, key: string, choice: FlagChoice, epoch: number): void;
  /** Forgets everything: flags or mode have changed. */
  invalidate(): void;
  epoch(): number;
  size(): number;
};

/** Makes an empty cache. */
export function createDecisionCache(clock: Clock): DecisionCache {
  // A map for each operation, so that a look-up takes the key as it is: a text put together anew has to be hashed anew.
  let entries = noEntries();
  let epoch = 0;
  let cancelExpiry: (() => void) | undefined;
  const size = (): number => entries.new_payload.size + entries.forkchoice_updated.size + entries.get_payload.size;

  function forget(): void {
    entries = noEntries();
    cancelExpiry?.();
    cancelExpiry = undefined;
  }

  return {
    get: (operation, key) => entries[operation].get(key),
    set(operation, key, choice, asOf) {
      if (asOf !== epoch) return;
      if (size() >= maxEntries) forget();
      // One timer from the oldest entry on, in place of a look at the clock for each call.
      cancelExpiry ??= clock.setTimer(forget, maxAgeMs);
      entries[operation].set(key, { choice, decision: undefined });
    },
    invalidate() {
      epoch += 1;
      forget();
    },
    epoch: () => epoch,
    size,
  };
}
