import { types } from 'node:util';

/** Timers as the provider sees them: injected, so that a test can own time. The SDK's clock is one of these. */
export type Clock = {
  /** Calls back once after `delayMs`; the function returned cancels it. A timer does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): () => void;
};

/** The machine's own clock. */
export const systemClock: Clock = {
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The machine's own clock for what somebody awaits: its timers keep the process alive until they are due. */
export const awaitedClock: Clock = {
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Reads a moment from a Date, a text that Date understands or Unix milliseconds; undefined if it is none. */
export function readTime(value: unknown): Date | undefined {
  if (!types.isDate(value) && typeof value !== 'string' && typeof value !== 'number') return undefined;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
