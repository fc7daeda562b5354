import { type Clock, systemClock } from '@lighthouse-compat/sdk';

/** The machine's own clock for a command, which somebody waits for: its timers keep the process alive until they are due. */
export const commandClock: Clock = {
  ...systemClock,
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
