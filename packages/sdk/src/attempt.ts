import { isEngineErrorCode } from './dispatch/fallback.js';
import type { Outcome } from './observation.js';

/** How a part ended, and after how long: null where nothing was sent. */
type EndedPart<D> = { readonly outcome: Outcome; readonly durationMs: D | null };

/** How an attempt on an engine ended; null where there was none: what was refused or ended before its send, or ended by `close`, was no attempt, but a send to an engine that is not there was one. */
export function attemptOf({ outcome, durationMs }: EndedPart<unknown>): 'answered' | 'failed' | null {
  switch (outcome.kind) {
    case 'answered':
      return 'answered';
    case 'failed':
      return isEngineErrorCode(outcome.code) || (durationMs !== null && outcome.code !== 'CLOSED') ? 'failed' : null;
    case 'dropped':
    case 'unneeded':
    case 'unsupported':
      return null;
  }
}

/** The milliseconds of an attempt whose speed compares; null for an answer from a cache, as a block that the engine built itself has, and for whatever a shared engine is sent. */
export const comparableMs = <D>({ outcome, durationMs }: EndedPart<D>, sharedEngine: boolean): D | null =>
  outcome.kind === 'answered' && !outcome.builtHere && !sharedEngine ? durationMs : null;
