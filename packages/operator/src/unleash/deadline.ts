import type { Clock } from '@lighthouse-compat/sdk';

/** Waits for work that may never end; rejects when its time is over. */
export function within<T>(clock: Clock, deadlineMs: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
    Promise.resolve().then(work).then(resolve, reject).finally(cancel);
  });
}

/** Resolves after so long. */
export const delay = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimer(resolve, delayMs));
