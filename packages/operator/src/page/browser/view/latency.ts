import type { DurationFigures, Operation } from '@lighthouse-compat/sdk';
import type { Json, ReportAnswer } from '../../../control/answers.js';
import { counts, milliseconds, number, share } from './format.js';
import type { Cell, Table } from './parts.js';

type Report = ReportAnswer['report'];
type Figures = Json<DurationFigures> | null;

/** A report with when it came, in the browser's Unix milliseconds. */
export type TimedReport = { readonly receivedMs: number; readonly report: Report };

/** Quantiles of some durations. */
export type Quantiles = { readonly count: number; readonly p50Ms: number; readonly p99Ms: number };

/** How far back `lately` looks. */
const latelyMs = 5 * 60_000;

const versions = ['v4', 'v5'] as const;

/** What came between two readings of one set of durations; null where nothing did. A reading that is smaller than the one before is of a service that has begun anew. */
export function quantilesBetween(earlier: Figures, later: Figures): Quantiles | null {
  if (later === null) return null;
  const before = new Map((earlier?.buckets ?? []).map(({ upToMs, count }) => [upToMs, count]));
  const isAnew =
    (earlier?.count ?? 0) > later.count ||
    (earlier?.buckets ?? []).some(
      ({ upToMs, count }) => (later.buckets.find((bucket) => bucket.upToMs === upToMs)?.count ?? 0) < count,
    );
  const fresh = later.buckets
    .map(({ upToMs, count }) => ({ upToMs, count: count - (isAnew ? 0 : (before.get(upToMs) ?? 0)) }))
    .filter(({ count }) => count > 0);
  const count = fresh.reduce((sum, bucket) => sum + bucket.count, 0);
  if (count === 0) return null;
  const quantile = (part: number): number => {
    let below = 0;
    for (const bucket of fresh) {
      below += bucket.count;
      // The middle of a bucket that is 4 % wide, as the report does it.
      if (below >= part * count) return Math.min(later.maxMs, bucket.upToMs / Math.sqrt(1.04));
    }
    return later.maxMs;
  };
  return { count, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

/** Keeps one more report, and of those before only what `lately` needs. */
export const addReport = (reports: readonly TimedReport[], next: TimedReport): readonly TimedReport[] => [
  ...reports.filter(({ receivedMs }) => next.receivedMs - receivedMs <= latelyMs),
  next,
];

/** The quantiles of what was sent lately, of one operation at one version; of one report alone nothing is known. */
export function lately(reports: readonly TimedReport[], operation: Operation, version: 'v4' | 'v5'): Quantiles | null {
  const [first, last] = [reports[0], reports.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  return quantilesBetween(
    first.report.operations[operation][version].durations,
    last.report.operations[operation][version].durations,
  );
}

/** The figures of the newest report, side by side. */
export function latencyTable(reports: readonly TimedReport[]): Table | null {
  const report = reports.at(-1)?.report;
  if (report === undefined) return null;
  const rows = (Object.keys(report.operations) as Operation[]).flatMap((operation) =>
    versions.map((version): readonly Cell[] => {
      const { sent, failed, durations, errors } = report.operations[operation][version];
      const recent = lately(reports, operation, version);
      return [
        { text: `${operation}` },
        { text: version, version },
        { text: milliseconds(durations?.p50Ms) },
        { text: milliseconds(durations?.p99Ms) },
        { text: milliseconds(recent?.p50Ms) },
        { text: milliseconds(recent?.p99Ms) },
        { text: number(sent) },
        {
          text: failed === 0 ? '0' : `${number(failed)} (${share(failed, sent)})`,
          tone: failed === 0 ? 'plain' : 'bad',
        },
        { text: counts(errors) },
      ];
    }),
  );
  return {
    caption: 'Sends to each engine since the service began, and in the last 5 minutes of this page',
    columns: ['operation', 'version', 'p50', 'p99', 'p50 lately', 'p99 lately', 'sent', 'failed', 'errors'],
    rows,
  };
}

/** One point of the latency charts. */
export type LatencyPoint = { readonly atMs: number } & Readonly<Record<'v4' | 'v5', Quantiles | null>>;

const mostPoints = 2_000;

/** Keeps one more point of new_payload. */
export function addPoint(
  points: readonly LatencyPoint[],
  reports: readonly TimedReport[],
  atMs: number,
): readonly LatencyPoint[] {
  if ((points.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= atMs) return points;
  const kept = points.length < mostPoints ? points : points.filter((_, at) => at % 2 === 0 || at > mostPoints / 2);
  return [...kept, { atMs, v4: lately(reports, 'new_payload', 'v4'), v5: lately(reports, 'new_payload', 'v5') }];
}

/** The chart's lines: seconds, v4 and v5 in milliseconds. */
export const latencyLines = (
  points: readonly LatencyPoint[],
  quantile: 'p50Ms' | 'p99Ms',
): readonly [readonly number[], readonly (number | null)[], readonly (number | null)[]] => [
  points.map(({ atMs }) => atMs / 1_000),
  points.map(({ v4 }) => v4?.[quantile] ?? null),
  points.map(({ v5 }) => v5?.[quantile] ?? null),
];
