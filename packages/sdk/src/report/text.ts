import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { Operation } from '../operation.js';
import type { Report, SideFigures } from './report.js';

const ms = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(value < 10 ? 2 : 1));

const percentOf = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((part / whole) * 100).toFixed(2)} %`;

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

function sideRow(operation: Operation, version: AdapterVersion, side: SideFigures): string {
  const { sent, failed, durations } = side;
  const cells = [sent, failed, durations?.count ?? 0].map((count) => String(count).padStart(8));
  const times = [durations?.p50Ms, durations?.p95Ms, durations?.p99Ms].map((value) => ms(value).padStart(9));
  return `${operation.padEnd(20)}${version}  ${cells.join('')}  ${times.join('')}`;
}

const marks = { pass: 'pass', fail: 'FAIL', not_enough: '?' } as const;

/** Writes a report for a terminal; the last line is the recommendation. */
export function reportText(report: Report): string {
  const { fromMs, toMs, calls, answeredBy, fallbacks, verdicts, operations, recommendation } = report;
  const { v4, v5 } = answeredBy;
  const time = (at: number | null): string =>
    at === null
      ? '-'
      : new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' }).format(at);
  const rows = (Object.keys(operations) as Operation[]).flatMap((operation) =>
    (['v4', 'v5'] as const).map((version) => sideRow(operation, version, operations[operation][version])),
  );
  const errors = (['v4', 'v5'] as const).map((version) => {
    const all = new Map<string, number>();
    for (const sides of Object.values(operations))
      for (const [code, count] of Object.entries(sides[version].errors)) all.set(code, (all.get(code) ?? 0) + count);
    return `errors of ${version}: ${counted(Object.fromEntries(all))}`;
  });
  return [
    `v4 against v5, ${time(fromMs)} to ${time(toMs)} UTC, ${calls} calls`,
    '',
    `answered by v4: ${v4.calls} calls, ${v4.failed} failed (${percentOf(v4.failed, v4.calls)})`,
    `answered by v5: ${v5.calls} calls, ${v5.failed} failed (${percentOf(v5.failed, v5.calls)})`,
    `share of v5:    ${percentOf(v5.calls, calls)}`,
    `fallbacks:      ${counted(fallbacks)}`,
    `compared:       ${counted(verdicts)}`,
    ...errors,
    '',
    `${'what was sent'.padEnd(20)}     ${['sent', 'failed', 'timed'].map((head) => head.padStart(8)).join('')}  ${['p50 ms', 'p95 ms', 'p99 ms'].map((head) => head.padStart(9)).join('')}`,
    ...rows,
    '',
    ...recommendation.checks.map(({ name, result, because }) => `${marks[result].padEnd(5)}${name}: ${because}`),
    '',
    `recommendation: ${recommendation.action.replace('_', ' ')} (${recommendation.because})`,
    '',
  ].join('\n');
}
