import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../../packages/sdk/src/clock.js';

/** Time that moves only when it is told to. */
export type VirtualClock = Clock & {
  /** When the next timer is due; undefined when none is set. */
  readonly nextDueMs: number | undefined;
  /** Moves to the next timer and fires it. */
  fireNext(): void;
  moveTo(ms: number): void;
};

/** Starts at 0 with no timer. */
export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  const next = () => {
    let first: { readonly dueMs: number; readonly callback: () => void } | undefined;
    for (const timer of timers) if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    return first;
  };
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer(callback, delayMs) {
      // As a timer of the system does, it keeps the flow in which it was set.
      const timer = { dueMs: nowMs + delayMs, callback: AsyncResource.bind(callback) };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    get nextDueMs() {
      return next()?.dueMs;
    },
    fireNext() {
      const timer = next();
      if (timer === undefined) return;
      timers.delete(timer);
      nowMs = Math.max(nowMs, timer.dueMs);
      timer.callback();
    },
    moveTo(ms) {
      nowMs = Math.max(nowMs, ms);
    },
  };
}
