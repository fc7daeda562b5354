import type { Clock } from './clock.js';

/** Waits for work that may never end; rejects once so many milliseconds of the clock are over. */
export function within<T>(clock: Clock, deadlineMs: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
    Promise.resolve().then(work).then(resolve, reject).finally(cancel);
  });
}

/** Resolves after so many milliseconds of the clock. */
export const delay = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimer(resolve, delayMs));
