import { type Clock, systemClock } from '@lighthouse-compat/sdk';

/** A clock whose wall time a test sets. */
export type HandClock = Clock & { nowIs(ms: number): void };

export function createHandClock(startMs: number): HandClock {
  let now = startMs;
  return {
    ...systemClock,
    nowMs: () => now,
    nowIs(ms) {
      now = ms;
    },
  };
}
