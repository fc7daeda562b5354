import type { JournalRecord } from './contracts.js';
import { initialState } from './state.js';
import { isSameTarget, type SettableTarget, settableOf } from './target.js';

/** The target that a journal last notes as applied; null where it notes none. */
export function lastAppliedIn(records: readonly JournalRecord[]): SettableTarget | null {
  const event = records.findLast((record) => record.event.type === 'applied')?.event;
  return event?.type === 'applied' ? event.target : null;
}

/** Every target that may be in force where a journal ends, in their order: the last that was surely applied, those that followed it, and the one that is wanted. A controller writes a transition down before it acts on it and notes the act after it, so that nothing else can be of its making. */
export function targetsSinceApplied(records: readonly JournalRecord[]): readonly SettableTarget[] {
  const noted = records.findLastIndex(({ event }) => event.type === 'applied');
  const later = records.slice(noted + 1).map(({ state }) => settableOf(state));
  const wanted = settableOf(records.at(-1)?.state ?? initialState);
  const targets: SettableTarget[] = [lastAppliedIn(records) ?? settableOf(initialState)];
  for (const target of [...later, wanted]) {
    const last = targets.at(-1);
    if (last === undefined || !isSameTarget(last, target)) targets.push(target);
  }
  return targets;
}

/** Who has cleared a rollback, and when, where nothing has happened since, and it is not known to be lifted everywhere. */
export function lastClearIn(
  records: readonly JournalRecord[],
): { readonly by: string; readonly reason: string; readonly atMs: number } | null {
  const last = records.findLast(({ event }) => event.type !== 'applied' && event.type !== 'drilled');
  return last?.event.type === 'clear' ? { by: last.event.by, reason: last.event.reason, atMs: last.atMs } : null;
}
