/** Time as the page sees it. */
export type PageClock = {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** Calls back once after `delayMs`; the function returned cancels it. */
  setTimer(callback: () => void, delayMs: number): () => void;
};

/** The browser's own clock. */
export const browserClock: PageClock = {
  nowMs: () => Date.now(),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A date whose local fields are those of UTC, as a plotting library wants it. */
export const utcDate = (atSeconds: number): Date => {
  const date = new Date(atSeconds * 1_000);
  return new Date(
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  );
};
