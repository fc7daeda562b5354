import type { Api } from '../feed/api.js';
import { connectionView } from '../feed/connectionView.js';
import type { Model } from '../model.js';
import { actionsOf } from '../view/actions.js';
import { drillIn, drillView } from '../view/drill.js';
import { enginesTable, queueFacts } from '../view/engines.js';
import { healthOf } from '../view/health.js';
import { journalView } from '../view/journal.js';
import { latencyLines, latencyTable } from '../view/latency.js';
import { bannersOf, nowFacts } from '../view/now.js';
import type { Fact, Table } from '../view/parts.js';
import { shareFacts, shareLines } from '../view/share.js';
import { stateText } from '../view/state.js';
import { stateBeforeRollback, timelineOf } from '../view/timeline.js';
import { divergenceTable, verdictFacts } from '../view/verdicts.js';
import { createActionButtons } from './actionButtons.js';
import { createChart } from './charts.js';
import { element, part, shower } from './element.js';
import { createJournalPager } from './journalPager.js';
import {
  bannersPanel,
  drillPanel,
  factsPanel,
  healthPanel,
  journalPanel,
  notePanel,
  tablePanel,
  timelinePanel,
} from './panels.js';

/** What a person sees. */
export type Screen = {
  show(model: Model, at: { readonly nowMs: number; readonly staleAfterMs: number }): void;
  /** Says something once, also to a screen reader. */
  say(text: string): void;
};

const versions = [
  { name: 'v4', colour: '--v4' },
  { name: 'v5', colour: '--v5' },
] as const;

type Latency = { readonly kind: 'off' } | { readonly kind: 'table'; readonly table: Table | null };
type Both = { readonly facts: readonly Fact[]; readonly table: Table | null };

const factsAndTable = ({ facts, table }: Both) => [...factsPanel(facts), ...(table === null ? [] : tablePanel(table))];

/** Puts the parts of the document to use. */
export function createScreen({
  api,
  onPage,
  onToken,
}: {
  readonly api: Api;
  readonly onPage: (before: number | null) => void;
  readonly onToken: () => void;
}): Screen {
  const said = part('said');
  const say = (text: string): void => {
    said.textContent = text;
  };
  const tokenButton = element('button', { type: 'button', hidden: true }, 'Give the token');
  tokenButton.addEventListener('click', onToken);
  const connectionText = element('p', { class: 'connection' });
  part('connection').replaceChildren(connectionText, tokenButton);
  const main = document.querySelector('main');

  const showBanners = shower('banners', bannersPanel);
  const showNow = shower('now', factsPanel);
  const showTimeline = shower('timeline', timelinePanel);
  const showButtons = shower('buttons', createActionButtons({ api, onDone: say }));
  const showDrill = shower('drill', drillPanel);
  const showHealth = shower('health', healthPanel);
  const showShare = shower('share', factsPanel);
  const showLatency = shower('latency', (latency: Latency) =>
    latency.kind === 'off'
      ? notePanel('This service keeps no report: its option report would give latencies and errors by version.')
      : latency.table === null
        ? notePanel('No report has come yet.')
        : tablePanel(latency.table),
  );
  const showVerdicts = shower('verdicts', factsAndTable);
  const showEngines = shower('engines', factsAndTable);
  const showJournal = shower('journal', journalPanel);
  const showFooter = shower('footer', notePanel);
  const showPager = createJournalPager(onPage);
  const drawShare = createChart({
    name: 'share',
    title: 'Share of v5, set and measured',
    unit: '%',
    maximum: 100,
    series: [
      { name: 'set', colour: '--soft', isStepped: true },
      { name: 'measured', colour: '--v5' },
    ],
  });
  const drawP50 = createChart({ name: 'p50', title: 'p50 of new_payload', unit: 'ms', series: versions });
  const drawP99 = createChart({ name: 'p99', title: 'p99 of new_payload', unit: 'ms', series: versions });
  let drawn: Pick<Model, 'samples' | 'points'> | null = null;

  function showConnection(model: Model, at: { readonly nowMs: number; readonly staleAfterMs: number }): void {
    const newest = model.status === null ? null : { receivedMs: model.receivedMs, atMs: model.status.atMs };
    const { text, tone, isOld, needsToken } = connectionView(model.connection, newest, at);
    if (connectionText.textContent !== text) connectionText.textContent = text;
    connectionText.className = `connection ${tone}`;
    tokenButton.hidden = !needsToken;
    main?.classList.toggle('old', isOld);
    const state = model.status?.migration?.state;
    document.title = `${isOld ? '(old) ' : ''}${state === undefined ? 'Migration' : stateText(state)}`;
  }

  function show(model: Model, at: { readonly nowMs: number; readonly staleAfterMs: number }): void {
    showConnection(model, at);
    const { status, samples, reports, points, newest } = model;
    const drill = model.drill ?? (newest === null ? null : drillIn(newest));
    if (status === null) return;
    const { migration } = status;
    showBanners(bannersOf(status));
    showNow(nowFacts(status));
    showTimeline(
      migration === null
        ? []
        : timelineOf(migration.state, migration.plan, stateBeforeRollback(migration.state, newest?.records ?? [])),
    );
    showButtons(actionsOf(status));
    showDrill(drill === null ? null : drillView(drill));
    showHealth(migration === null ? null : healthOf(migration));
    showShare(shareFacts(status, samples));
    showLatency(reports === null ? { kind: 'off' } : { kind: 'table', table: latencyTable(reports) });
    showVerdicts({ facts: verdictFacts(status), table: divergenceTable(status) });
    showEngines({ facts: queueFacts(status), table: enginesTable(status) });
    const page = model.shown ?? newest;
    if (page !== null) {
      const view = journalView(page);
      showPager(view);
      showJournal(view.rows);
    }
    showFooter(
      status.takesActions ? 'Times are UTC.' : 'Times are UTC. This service has no token: it is for reading alone.',
    );
    if (drawn?.samples !== samples) drawShare(shareLines(samples));
    if (drawn?.points !== points) {
      drawP50(latencyLines(points, 'p50Ms'));
      drawP99(latencyLines(points, 'p99Ms'));
    }
    drawn = { samples, points };
  }

  return { show, say };
}
