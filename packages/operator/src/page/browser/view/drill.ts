import type { DrillResult } from '@lighthouse-compat/sdk';
import type { JournalAnswer } from '../../../control/answers.js';
import { duration, milliseconds, time } from './format.js';
import type { Tone } from './parts.js';

/** A rehearsal of the rollback, and when it ended by the service's clock, in Unix milliseconds. */
export type TimedDrill = { readonly atMs: number; readonly drill: DrillResult };

/** The newest rehearsal among a page's records; null where there is none. */
export function drillIn({ records }: Pick<JournalAnswer, 'records'>): TimedDrill | null {
  for (const { atMs, event } of records.toReversed()) if (event.type === 'drilled') return { atMs, drill: event.drill };
  return null;
}

/** What a rehearsal has shown. */
export type DrillView = {
  readonly tone: Extract<Tone, 'good' | 'bad'>;
  readonly title: string;
  readonly text: string;
  /** What was wrong. */
  readonly problems: readonly string[];
};

const lengthText = (ms: number): string => (ms < 10_000 ? milliseconds(Math.round(ms)) : duration(ms));

/** A rehearsal in words. */
export function drillView({ atMs, drill }: TimedDrill): DrillView {
  const { ok, live, by, durationMs, problems, verification } = drill;
  const { payloadsReplayed } = verification;
  const replayed = payloadsReplayed === 0 ? '' : `, ${payloadsReplayed} payloads replayed to v4`;
  return {
    tone: ok ? 'good' : 'bad',
    title: ok ? 'The rollback was rehearsed, and is well' : 'The rehearsal of the rollback failed',
    text: `${lengthText(durationMs)}${replayed}; ${live ? 'live, ' : ''}by ${by}, ${time(atMs)}`,
    problems,
  };
}
