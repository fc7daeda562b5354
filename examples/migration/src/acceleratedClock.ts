import { type Clock, systemClock } from '@lighthouse-compat/sdk';

/** A clock that goes `factor` times as fast as the machine's. */
export function acceleratedClock(factor: number): Clock {
  const [beganAtMs, beganMs] = [systemClock.nowMs(), systemClock.monotonicMs()];
  const elapsedMs = (): number => (systemClock.monotonicMs() - beganMs) * factor;
  return {
    nowMs: () => beganAtMs + elapsedMs(),
    monotonicMs: elapsedMs,
    setTimer: (callback, delayMs) => systemClock.setTimer(callback, delayMs / factor),
  };
}
