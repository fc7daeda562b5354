/** Time as the SDK sees it: injected, so that a test can own it. */
export type Clock = {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** Milliseconds since some fixed moment, never going back. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`; the function returned cancels it. A timer does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): () => void;
};

const monotonicMs = performance.now.bind(performance);

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: monotonicMs,
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The machine's own chance: numbers from 0 up to but not 1. */
export const systemRandom: () => number = Math.random;

/** Reads an HTTP date as Unix milliseconds; NaN for what is none. */
export const httpDateMs = (text: string): number => Date.parse(text);
