import type { Clock } from '../clock.js';

/** How much may wait in a lane, the call being served included. */
export type LaneBounds = { readonly maxCalls: number; readonly maxBytes: number };

/** What waits in a lane. */
export type LaneEntry = {
  /** About what the call holds in memory while it waits. */
  readonly bytes: number;
  /** When it took its place, by the lane's clock; the lane sets it, if it has one. */
  enteredAtMs: number;
  /** It is this entry's turn; it must end with one `end` of the lane. */
  reach(): void;
};

/** The order of one engine: what changes its state goes one at a time, as the caller made the calls (execution-apis, src/engine/common.md, message ordering). */
export type Lane = {
  /** Takes the next place at once; false when the lane is full. Nothing is reached before `advance`. */
  enter(entry: LaneEntry): boolean;
  /** Reaches the first in line, unless one is being served. */
  advance(): void;
  /** Ends the entry being served and reaches the next. */
  end(): void;
  /** Takes an entry that has not been reached out of the line; false when there is no such entry. */
  remove(entry: LaneEntry): boolean;
  /** Calls in the lane, the one being served included. */
  calls(): number;
  bytes(): number;
  /** When the oldest of them took its place, in the clock's monotonic milliseconds; null where the lane is empty, NaN where it has no clock. */
  oldestMs(): number | null;
  /** Resolves when the lane is empty. */
  settled(): Promise<void>;
};

/** Makes an empty lane; without a clock it does not know how old its calls are, which only metrics ask, and no call pays for a look at one. */
export function createLane(bounds: LaneBounds, clock: Clock | null = null): Lane {
  // The first in line stands apart: nearly always it is the only one, and an array's shift costs more than the rest of a place.
  let first: LaneEntry | undefined;
  const line: LaneEntry[] = [];
  let serving: LaneEntry | undefined;
  let bytes = 0;
  let whenEmpty: (() => void)[] = [];

  function release(entry: LaneEntry): void {
    bytes -= entry.bytes;
    if (whenEmpty.length === 0 || calls() > 0) return;
    const waiting = whenEmpty;
    whenEmpty = [];
    for (const resolve of waiting) resolve();
  }

  function advance(): void {
    if (serving !== undefined) return;
    serving = first;
    first = line.length === 0 ? undefined : line.shift();
    serving?.reach();
  }

  const calls = (): number => line.length + (first === undefined ? 0 : 1) + (serving === undefined ? 0 : 1);

  return {
    enter(entry) {
      const inLine = calls();
      // A single call over the byte bound still passes an empty lane: it is the engine's to refuse.
      if (inLine >= bounds.maxCalls || (inLine > 0 && bytes + entry.bytes > bounds.maxBytes)) return false;
      if (first === undefined) first = entry;
      else line.push(entry);
      bytes += entry.bytes;
      if (clock !== null) entry.enteredAtMs = clock.monotonicMs();
      return true;
    },
    advance,
    end() {
      const ended = serving;
      if (ended === undefined) return;
      serving = undefined;
      release(ended);
      advance();
    },
    remove(entry) {
      if (entry === first) {
        first = line.shift();
      } else {
        const at = line.indexOf(entry);
        if (at === -1) return false;
        line.splice(at, 1);
      }
      release(entry);
      return true;
    },
    calls,
    bytes: () => bytes,
    oldestMs: () => (serving ?? first)?.enteredAtMs ?? null,
    settled: () => (calls() === 0 ? Promise.resolve() : new Promise((resolve) => whenEmpty.push(resolve))),
  };
}
