import type { Streak } from '../state.js';
import type { HealthVerdict } from './healthCheck.js';

/** Adds a check to what the checks before it add up to: the same rule in every state. Past `enough` failing ones are not counted. */
export function nextStreak(
  { fails, unsureSinceMs }: Streak,
  verdict: HealthVerdict,
  { nowMs, enough }: { readonly nowMs: number; readonly enough: number },
): Streak {
  switch (verdict) {
    case 'pass':
      return { fails: 0, unsureSinceMs: null };
    case 'fail':
      return { fails: Math.min(fails + 1, enough), unsureSinceMs: null };
    case 'inconclusive':
    case 'no_data':
      return { fails, unsureSinceMs: unsureSinceMs ?? nowMs };
  }
}
