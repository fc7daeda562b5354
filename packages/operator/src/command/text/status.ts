import type { JournalAnswer, StatusAnswer } from '../../control/answers.js';
import { enginesTable, queueFacts } from '../../page/browser/view/engines.js';
import { percent, time } from '../../page/browser/view/format.js';
import { type Health, healthOf } from '../../page/browser/view/health.js';
import { journalView } from '../../page/browser/view/journal.js';
import { bannersOf, nowFacts } from '../../page/browser/view/now.js';
import { type ShareSample, shareFacts } from '../../page/browser/view/share.js';
import { stateText } from '../../page/browser/view/state.js';
import type { Paint } from '../terminal.js';
import { clean } from './clean.js';
import { columns, factLines, tableLines } from './columns.js';

/** What a status is told of. */
export type Told = {
  readonly service: string;
  readonly status: StatusAnswer;
  /** What has been seen of the shares before. */
  readonly samples: readonly ShareSample[];
  readonly journal: JournalAnswer;
};

const bannerLines = (status: StatusAnswer, paint: Paint): string =>
  bannersOf(status)
    .map(({ tone, title, text }) => `  ${paint(tone, clean(`${title}: ${text}`))}\n`)
    .join('');

const healthLines = ({ verdict, tone, note, cards }: Health, paint: Paint): string =>
  `  ${paint(tone, verdict)}. ${clean(note)}\n${columns(
    cards.map((card) => [
      { text: `${card.decides ? '>' : ' '} ${card.name}` },
      { text: card.verdict, tone: card.tone },
      { text: card.value },
      { text: card.distance },
      { text: card.range },
      { text: card.samples },
    ]),
    paint,
  )}`;

const journalLines = (journal: JournalAnswer, paint: Paint): string =>
  columns(
    journalView(journal).rows.map(({ seq, time: at, what, why, state }) => [
      { text: String(seq) },
      { text: at },
      { text: what },
      { text: state },
      { text: why },
    ]),
    paint,
  );

/** Everything that a person wants to know of a migration, over one screen. */
export function statusText({ service, status, samples, journal }: Told, paint: Paint): string {
  const { migration } = status;
  const health = migration === null ? null : healthOf(migration);
  const banners = bannerLines(status, paint);
  const parts = [
    `${clean(service)}, ${time(status.atMs)}\n${banners === '' ? '' : `\n${banners}`}`,
    factLines(nowFacts(status), paint),
    ...(migration === null ? [] : [`Health\n${health === null ? '  no check yet\n' : healthLines(health, paint)}`]),
    `Share of v5\n${factLines(shareFacts(status, samples), paint)}`,
    `Standby and queues\n${tableLines(enginesTable(status), paint)}${factLines(queueFacts(status), paint)}`,
    ...(migration === null ? [] : [`Journal, the newest first\n${journalLines(journal, paint)}`]),
  ];
  return parts.join('\n');
}

/** A status in one line, for a log. */
export function statusLine({ atMs, migration, latch }: StatusAnswer): string {
  if (migration === null) return `${time(atMs)}  no migration of its own${latch === null ? '' : ', latched'}`;
  const { state, check, percent: set } = migration;
  const held = state.held === null ? '' : `; ${state.held.kind === 'hold' ? 'held' : 'paused'}: ${state.held.why}`;
  return clean(
    `${time(atMs)}  ${stateText(state)}; v5 ${percent(set)}; health ${check?.verdict ?? '-'}${check?.why === undefined ? '' : ` (${check.why})`}${held}`,
  );
}

/** The records of a journal, a line each, the oldest first. */
export const recordLines = (journal: JournalAnswer): readonly string[] =>
  journalView(journal)
    .rows.toReversed()
    .map(({ seq, time: at, what, state, why }) =>
      clean(`${at}  #${seq} ${what}: ${state}${why === '' ? '' : `; ${why}`}`),
    );
