import { type Clock, systemClock } from '@lighthouse-compat/sdk';

/** A clock that goes as the machine's does, and can be put forward to the next slot. */
export type SlotClock = Clock & {
  /** Ends the present slot: its timers are called back. */
  toNextSlot(): void;
};

type Timer = { readonly dueMs: number; readonly callback: () => void; cancel: () => void };

/** Makes a clock whose slots begin now; one that takes the machine longer than `slotMs` ends when it is put forward. */
export function createSlotClock(slotMs: number, clock: Clock = systemClock): SlotClock {
  let skippedMs = 0;
  const monotonicMs = (): number => clock.monotonicMs() + skippedMs;
  let slotEndMs = monotonicMs() + slotMs;
  const timers = new Set<Timer>();

  function arm(timer: Timer): void {
    timer.cancel();
    timer.cancel = clock.setTimer(() => fire(timer), Math.max(0, timer.dueMs - monotonicMs()));
  }
  function fire(timer: Timer): void {
    timer.cancel();
    if (timers.delete(timer)) timer.callback();
  }

  return {
    nowMs: () => clock.nowMs() + skippedMs,
    monotonicMs,
    setTimer(callback, delayMs) {
      const timer: Timer = { dueMs: monotonicMs() + delayMs, callback, cancel: () => {} };
      timers.add(timer);
      arm(timer);
      return () => {
        timer.cancel();
        timers.delete(timer);
      };
    },
    toNextSlot() {
      skippedMs += Math.max(0, slotEndMs - monotonicMs());
      slotEndMs = monotonicMs() + slotMs;
      for (const timer of [...timers]) {
        if (timer.dueMs <= monotonicMs()) fire(timer);
        else arm(timer);
      }
    },
  };
}
