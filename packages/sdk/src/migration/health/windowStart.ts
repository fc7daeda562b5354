import { windowHops } from './judge.js';

/** Where the window that is looked at begins, in milliseconds of one and the same clock: at the reset, and later at one of a few places, never anywhere between them, since each is a test begun anew. */
export function windowStartMs(times: {
  readonly resetMs: number;
  readonly nowMs: number;
  readonly windowMs: number;
}): number {
  const { resetMs, nowMs, windowMs } = times;
  const elapsedMs = nowMs - resetMs;
  if (elapsedMs <= windowMs) return resetMs;
  const hopMs = windowMs / windowHops;
  return resetMs + Math.ceil((elapsedMs - windowMs) / hopMs) * hopMs;
}
