import type { Streak } from '../state.js';
import type { HealthVerdict } from './healthCheck.js';

/** Adds a check to what the checks before it add up to: the same rule in every state. */
export function nextStreak({ fails, unsureSinceMs }: Streak, verdict: HealthVerdict, nowMs: number): Streak {
  switch (verdict) {
    case 'pass':
      return { fails: 0, unsureSinceMs: null };
    case 'fail':
      return { fails: fails + 1, unsureSinceMs: null };
    case 'inconclusive':
    case 'no_data':
      return { fails, unsureSinceMs: unsureSinceMs ?? nowMs };
  }
}
