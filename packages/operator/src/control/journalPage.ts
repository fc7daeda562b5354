import type { JournalRecord } from '@lighthouse-compat/sdk';
import { type Answer, ok, refusal } from './answer.js';
import type { JournalAnswer } from './answers.js';
import { readQuery } from './query.js';

const defaultLimit = 100;

/** No page holds more records. */
const maximumLimit = 1_000;

function whole(text: string | undefined, name: string, max: number): { value: number | null } | { refused: Answer } {
  if (text === undefined) return { value: null };
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return { value };
  const path = `query.${name}`;
  return { refused: refusal(400, 'INVALID_FIELD', `${path}: a whole number from 0 to ${max} is needed`, { path }) };
}

/** A page of a journal: the records that follow the number `after`, or the last ones in front of `before`, `limit` at most. The place of a record is its number, so that a page costs what it holds. */
export function journalPage(records: readonly JournalRecord[], search: URLSearchParams): Answer {
  const query = readQuery(search, ['after', 'before', 'limit']);
  if ('refused' in query) return query.refused;
  const after = whole(query.values.after, 'after', Number.MAX_SAFE_INTEGER);
  if ('refused' in after) return after.refused;
  const before = whole(query.values.before, 'before', Number.MAX_SAFE_INTEGER);
  if ('refused' in before) return before.refused;
  const asked = whole(query.values.limit, 'limit', maximumLimit);
  if ('refused' in asked) return asked.refused;
  if (after.value !== null && before.value !== null)
    return refusal(400, 'INVALID_FIELD', 'query.before: it is given beside after', { path: 'query.before' });

  const limit = Math.max(1, asked.value ?? defaultLimit);
  const end =
    before.value === null
      ? Math.min((after.value ?? 0) + limit, records.length)
      : Math.min(Math.max(0, before.value - 1), records.length);
  const start = before.value === null ? Math.min(after.value ?? 0, records.length) : Math.max(0, end - limit);
  const page: Omit<JournalAnswer, 'version'> = {
    records: records.slice(start, end),
    lastSeq: records.length,
    after: end < records.length ? end : null,
    before: start > 0 ? start + 1 : null,
  };
  return ok(page);
}
