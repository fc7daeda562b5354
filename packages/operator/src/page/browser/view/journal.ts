import type { HealthCheck, JournalRecord } from '@lighthouse-compat/sdk';
import type { JournalAnswer } from '../../../control/answers.js';
import { duration, percent, time, words } from './format.js';
import { percentSet, stateText } from './state.js';

/** A record as a row. */
export type JournalRow = {
  readonly seq: number;
  readonly time: string;
  readonly what: string;
  readonly why: string;
  readonly state: string;
};

/** So many records are shown at once. */
export const journalPageSize = 50;

function checkText({ verdict, decidedBy, criteria, isCritical, why }: HealthCheck): string {
  const decided = criteria.find(({ name }) => name === decidedBy);
  const figure =
    decided === undefined
      ? ''
      : `: ${words(decided.name)} ${percent(decided.valuePercent)}, limit ${percent(decided.limitPercent)}`;
  return `${words(verdict)}${why === undefined ? figure : `: ${why}`}${isCritical ? ', contradiction' : ''}`;
}

function whyOf({ event }: JournalRecord): string {
  switch (event.type) {
    case 'check':
      return checkText(event.check);
    case 'hold':
    case 'pause':
      return `${event.why} (${event.by})`;
    case 'rollback':
      return `${event.reason} (${event.by}${event.force ? ', forced' : ''})`;
    case 'clear':
      return `${event.reason} (${event.by})`;
    case 'abort':
      return `${event.by}${event.force ? ', forced' : ''}`;
    case 'start':
    case 'release':
    case 'resume':
    case 'promote':
    case 'retry':
    case 'finalize':
    case 'reset':
      return event.by;
    case 'adopt':
      return event.found.target === null
        ? `${event.found.why} (${event.by})`
        : `${words(event.found.target.kind)} (${event.by})`;
    case 'latched':
      return event.reason;
    case 'verified':
      return `v4 carries on, seen within ${duration(event.durationMs)}`;
    case 'unverified':
      return event.why;
    case 'drilled':
      return `${event.drill.ok ? 'well' : event.drill.problems.join('; ')} (${event.drill.by}${event.drill.live ? ', live' : ''})`;
    case 'applied':
      return words(event.target.kind);
    case 'unlatched':
      return '';
  }
}

const rowOf = (record: JournalRecord): JournalRow => ({
  seq: record.seq,
  time: time(record.atMs),
  what: words(record.event.type),
  why: whyOf(record),
  state: `${stateText(record.state)}${record.state.held === null ? '' : `, ${record.state.held.kind === 'hold' ? 'held' : 'paused'}`}; v5 ${percent(percentSet(record.state))}`,
});

/** A page of the journal, newest first, and where the pages beside it begin. */
export type JournalView = {
  readonly rows: readonly JournalRow[];
  readonly place: string;
  /** What to ask for as `before`; null where there is none. */
  readonly older: number | null;
  readonly newer: number | null;
};

/** What a page of the journal shows. */
export function journalView({ records, lastSeq, before }: JournalAnswer): JournalView {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined)
    return { rows: [], place: 'The journal is empty.', older: null, newer: null };
  return {
    rows: records.map(rowOf).reverse(),
    place: `${last.seq} to ${first.seq} of ${lastSeq}`,
    older: before,
    newer: last.seq < lastSeq ? Math.min(last.seq + journalPageSize, lastSeq) + 1 : null,
  };
}
