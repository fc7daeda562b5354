import type { ControlEvents, StatusAnswer } from '@lighthouse-compat/operator';
import type { PageClock } from './clock.js';
import { ask } from './dom/dialog.js';
import { createScreen } from './dom/screen.js';
import type { Api } from './feed/api.js';
import type { SentEvent } from './feed/eventParser.js';
import { type Listening, listen } from './feed/listen.js';
import { emptyModel, type Model, withReport, withStatus } from './model.js';
import { readingForm } from './view/actions.js';
import { journalPageSize } from './view/journal.js';
import { saidOf } from './view/said.js';

/** How often the report is asked for: making one costs the service some milliseconds. */
const reportEveryMs = 10_000;

/** Gives what does one thing at a time, and once more where it was wanted meanwhile. */
function oneAtATime(work: () => Promise<void>): () => void {
  let isUnderWay = false;
  let isWanted = false;
  return async function run(): Promise<void> {
    isWanted = true;
    if (isUnderWay) return;
    isUnderWay = true;
    while (isWanted) {
      isWanted = false;
      await work();
    }
    isUnderWay = false;
  };
}

/** Watches a service for as long as the page is open. */
export function watch({
  api,
  clock,
  heartbeatMs,
}: {
  readonly api: Api;
  readonly clock: PageClock;
  readonly heartbeatMs: number;
}): void {
  let beatMs = heartbeatMs;
  let model: Model = emptyModel;
  const show = (): void => screen.show(model, { nowMs: clock.nowMs(), staleAfterMs: Math.max(10_000, 2.5 * beatMs) });
  const change = (next: Model): void => {
    model = next;
    show();
  };

  const readJournal = oneAtATime(async () => {
    const answered = await api.journal((model.status?.journal.lastSeq ?? 0) + 1, journalPageSize);
    if (answered.ok) change({ ...model, newest: answered.answer });
  });
  async function turnTo(before: number | null): Promise<void> {
    if (before === null || before > (model.status?.journal.lastSeq ?? 0)) {
      change({ ...model, shown: null });
      return;
    }
    const answered = await api.journal(before, journalPageSize);
    if (answered.ok) change({ ...model, shown: answered.answer });
    else screen.say(`The journal could not be read: ${answered.message}`);
  }
  const readReport = oneAtATime(async () => {
    const answered = await api.report();
    if (answered.ok) change(withReport(model, { receivedMs: clock.nowMs(), report: answered.answer.report }));
    else if (answered.code === 'REPORT_OFF') change(withReport(model, null));
  });

  function takeStatus(status: StatusAnswer): void {
    const isNew = model.status?.journal.lastSeq !== status.journal.lastSeq;
    change(withStatus(model, status, clock.nowMs()));
    if (isNew) readJournal();
  }
  function take({ event, data }: SentEvent): void {
    const detail: unknown = JSON.parse(data);
    if (event === 'status') takeStatus(detail as StatusAnswer);
    // Whatever was known of the journal may be another process' now.
    if (event === 'opened') {
      readJournal();
      readReport();
      const opened = detail as Partial<ControlEvents['opened']>;
      // Whoever serves the page need not be who is watched, nor of the same release.
      beatMs = opened.heartbeatMs ?? beatMs;
      if (opened.resumed !== true) change({ ...model, drill: null });
    }
    if (event === 'drill')
      change({
        ...model,
        drill: { atMs: model.status?.atMs ?? clock.nowMs(), drill: detail as ControlEvents['drill'] },
      });
    const said = saidOf(event as keyof ControlEvents, detail as ControlEvents[keyof ControlEvents]);
    if (said !== null) screen.say(said);
  }

  async function giveToken(): Promise<void> {
    if (document.querySelector('dialog') !== null) return;
    await ask({
      ...readingForm,
      needsName: false,
      needsToken: true,
      by: '',
      async confirm({ token }) {
        api.setToken(token);
        listening.retry();
        return null;
      },
    });
  }

  const screen = createScreen({
    api,
    onPage: (before) => void turnTo(before),
    onToken: () => void giveToken(),
  });
  const listening: Listening = listen({
    ask: api.events,
    onEvent: take,
    onConnection(connection) {
      const [was, is] = [model.connection.kind, connection.kind];
      change({ ...model, connection });
      if (is === 'lost' && was !== 'lost') screen.say('The service is not connected any more');
      if (is === 'open' && was === 'lost') screen.say('The service is connected again');
    },
    clock,
    silenceMs: () => Math.max(15_000, 3 * beatMs),
  });

  // Figures grow old also while nothing comes.
  (function tick(): void {
    show();
    clock.setTimer(tick, 1_000);
  })();
  (function poll(): void {
    if (!document.hidden && model.connection.kind === 'open' && model.reports !== null) readReport();
    clock.setTimer(poll, reportEveryMs);
  })();
}
