import type { DrillView } from '../view/drill.js';
import type { Health, HealthCard } from '../view/health.js';
import type { JournalRow } from '../view/journal.js';
import type { Banner, Cell, Fact, Table } from '../view/parts.js';
import type { Stop } from '../view/timeline.js';
import { type Child, element } from './element.js';

const toneClass = (tone: string | undefined): string => (tone === undefined || tone === 'plain' ? '' : tone);

/** Facts side by side. */
export const factsPanel = (facts: readonly Fact[]): readonly Child[] => [
  element(
    'dl',
    { class: 'facts' },
    ...facts.map(({ name, value, note, tone }) =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', { class: toneClass(tone), 'data-fact': name }, value),
        note === undefined || note === '' ? null : element('dd', { class: 'note' }, note),
      ),
    ),
  ),
];

const cellClass = ({ tone, version }: Cell): string => version ?? toneClass(tone);

/** A table that scrolls by itself where it is too wide, also by keyboard. */
export const tablePanel = ({ caption, columns, rows }: Table): readonly Child[] => [
  element(
    'div',
    { class: 'wide', tabindex: '0', role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name)))),
      element(
        'tbody',
        {},
        ...rows.map(([head, ...cells]) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row', class: head === undefined ? '' : cellClass(head) }, head?.text ?? ''),
            ...cells.map((cell) => element('td', { class: cellClass(cell) }, cell.text)),
          ),
        ),
      ),
    ),
  ),
];

/** A word where there is nothing else to show. */
export const notePanel = (text: string): readonly Child[] => [element('p', { class: 'note' }, text)];

export const bannersPanel = (banners: readonly Banner[]): readonly Child[] =>
  banners.map(({ tone, title, text }) =>
    element('p', { class: `banner ${tone}` }, element('strong', {}, title), ` ${text}`),
  );

/** What the last rehearsal of the rollback has shown. */
export const drillPanel = (view: DrillView | null): readonly Child[] =>
  view === null
    ? []
    : [
        element(
          'div',
          { class: 'drill' },
          element('p', {}, element('strong', { class: view.tone, 'data-fact': 'drill' }, view.title)),
          view.problems.length === 0
            ? null
            : element('ul', {}, ...view.problems.map((problem) => element('li', {}, problem))),
          element('p', { class: 'note' }, view.text),
        ),
      ];

const standings: Readonly<Record<Stop['standing'], string>> = {
  behind: 'done',
  present: 'now',
  ahead: 'to come',
  fell: 'rolled back here',
};

/** The stops of a migration in their order. */
export const timelinePanel = (stops: readonly Stop[]): readonly Child[] => [
  element(
    'ol',
    { class: 'timeline', 'aria-label': 'The way of the migration' },
    ...stops.map(({ name, note, standing }) =>
      element(
        'li',
        { class: standing, ...(standing === 'present' ? { 'aria-current': 'step' } : {}) },
        element('span', { class: 'stop' }, name),
        element('span', { class: 'note' }, note),
        element('span', { class: 'standing' }, standings[standing]),
      ),
    ),
  ),
];

function barOf({ bar }: HealthCard): HTMLElement | null {
  if (bar === null) return null;
  const [range, mark] = [element('i', { class: 'range' }), element('i', { class: 'mark' })];
  range.style.left = `${bar.from}%`;
  range.style.width = `${Math.max(0, bar.to - bar.from)}%`;
  mark.style.left = `${bar.value}%`;
  // What it shows stands beside it in words.
  return element('div', { class: 'bar', 'aria-hidden': 'true' }, range, mark, element('i', { class: 'limit' }));
}

const cardOf = (card: HealthCard): HTMLElement =>
  element(
    'li',
    { class: `card ${card.tone}${card.decides ? ' decides' : ''}` },
    element('h3', {}, card.name),
    element('p', { class: 'figure', 'data-criterion': card.name }, card.value),
    element(
      'p',
      { class: `verdict ${toneClass(card.tone)}` },
      `${card.verdict}${card.decides ? ': this decides' : ''}`,
    ),
    barOf(card),
    element('p', {}, card.distance),
    card.range === '' ? null : element('p', { class: 'note' }, card.range),
    card.samples === '' ? null : element('p', { class: 'note' }, card.samples),
  );

export const healthPanel = (health: Health | null): readonly Child[] =>
  health === null
    ? notePanel('There has been no check yet.')
    : [
        element(
          'p',
          {},
          'The newest check: ',
          element('strong', { class: toneClass(health.tone), 'data-fact': 'verdict' }, health.verdict),
          `. ${health.note}`,
        ),
        element('ul', { class: 'cards' }, ...health.cards.map(cardOf)),
      ];

export const journalPanel = (rows: readonly JournalRow[]): readonly Child[] => [
  element(
    'ol',
    { class: 'journal', 'aria-label': 'Records of the journal, the newest first' },
    ...rows.map(({ seq, time, what, why, state }) =>
      element(
        'li',
        { 'data-seq': String(seq) },
        element('span', { class: 'note' }, `${seq}`),
        element('span', { class: 'note' }, time),
        element('strong', {}, what),
        element('span', {}, why),
        element('span', { class: 'note' }, state),
      ),
    ),
  ),
];
