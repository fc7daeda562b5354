import type { JournalAnswer, StatusAnswer } from '@lighthouse-compat/operator';
import type { Connection } from './feed/connection.js';
import type { TimedDrill } from './view/drill.js';
import { addPoint, addReport, type LatencyPoint, type TimedReport } from './view/latency.js';
import { addSample, type ShareSample } from './view/share.js';

/** Everything that the page knows; `receivedMs` are the browser's Unix milliseconds. */
export type Model = {
  readonly connection: Connection;
  readonly status: StatusAnswer | null;
  readonly receivedMs: number;
  readonly samples: readonly ShareSample[];
  /** Null: the service keeps no report. */
  readonly reports: readonly TimedReport[] | null;
  readonly points: readonly LatencyPoint[];
  /** The newest page of the journal. */
  readonly newest: JournalAnswer | null;
  /** The page that is shown, where that is not the newest. */
  readonly shown: JournalAnswer | null;
  /** The newest rehearsal of the rollback that was told while the page was open. */
  readonly drill: TimedDrill | null;
};

/** Nothing yet. */
export const emptyModel: Model = {
  connection: { kind: 'connecting' },
  status: null,
  receivedMs: 0,
  samples: [],
  reports: [],
  points: [],
  newest: null,
  shown: null,
  drill: null,
};

/** What is known with one more status. */
export const withStatus = (model: Model, status: StatusAnswer, receivedMs: number): Model => ({
  ...model,
  status,
  receivedMs,
  samples: addSample(model.samples, status),
});

/** What is known with one more report; null where the service keeps none. */
export function withReport(model: Model, next: TimedReport | null): Model {
  if (next === null) return { ...model, reports: null };
  const reports = addReport(model.reports ?? [], next);
  return { ...model, reports, points: addPoint(model.points, reports, model.status?.atMs ?? next.receivedMs) };
}
