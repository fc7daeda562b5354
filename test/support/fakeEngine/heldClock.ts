import { type Clock, systemClock } from '@lighthouse-compat/sdk';

/** A clock whose timers fire when the test says so. */
export type HeldClock = Clock & {
  /** Fires every timer that waits. */
  expire(): void;
  /** Fires the timer that has waited longest. */
  expireOldest(): void;
};

/** Makes a clock that tells the machine's time and never fires a timer by itself. */
export function createHeldClock(): HeldClock {
  const waiting = new Set<{ readonly fire: () => void }>();
  const fire = (timer: { readonly fire: () => void }): void => {
    if (waiting.delete(timer)) timer.fire();
  };
  return {
    ...systemClock,
    setTimer(callback) {
      const timer = { fire: callback };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
    expire() {
      for (const timer of [...waiting]) fire(timer);
    },
    expireOldest() {
      for (const timer of waiting) {
        fire(timer);
        return;
      }
    },
  };
}
