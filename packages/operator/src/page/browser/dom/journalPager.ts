import type { JournalView } from '../view/journal.js';
import { element, part } from './element.js';

/** The buttons by which the journal is paged: always there, so that the one that has the focus keeps it. `onPage` is given what to ask for as `before`; null is the newest page. */
export function createJournalPager(onPage: (before: number | null) => void): (view: JournalView) => void {
  let view: JournalView = { rows: [], place: '', older: null, newer: null };
  const place = element('span', { 'data-fact': 'journal' });
  const button = (label: string, go: () => void): HTMLButtonElement => {
    const made = element('button', { type: 'button' }, label);
    // Disabled it would lose the focus.
    made.addEventListener('click', () => {
      if (made.getAttribute('aria-disabled') !== 'true') go();
    });
    return made;
  };
  const newest = button('Newest', () => onPage(null));
  const newer = button('Newer', () => onPage(view.newer));
  const older = button('Older', () => onPage(view.older));
  part('pager').replaceChildren(element('div', { class: 'buttons' }, newest, newer, older, place));
  return (next) => {
    view = next;
    place.textContent = next.place;
    newest.setAttribute('aria-disabled', String(next.newer === null));
    newer.setAttribute('aria-disabled', String(next.newer === null));
    older.setAttribute('aria-disabled', String(next.older === null));
  };
}
