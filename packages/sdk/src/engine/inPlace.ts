import type { Lane } from './lane.js';

/** Does a piece of work in a place of its own in a lane: after everything that was called before, and before everything that is called after; null when the lane has no room. `work` must not reject. */
export function inPlace<T>(lane: Lane, work: () => Promise<T>): Promise<T> | null {
  let isEntered = true;
  const done = new Promise<T>((resolve) => {
    isEntered = lane.enter({
      bytes: 0,
      enteredAtMs: Number.NaN,
      reach() {
        void work().then((value) => {
          resolve(value);
          lane.end();
        });
      },
    });
  });
  lane.advance();
  return isEntered ? done : null;
}
