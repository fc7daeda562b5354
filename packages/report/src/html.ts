import type { Operation, Report, SideFigures } from '@lighthouse-compat/sdk';
import { type Chart, chartsOf, verdictLegend } from './charts.js';
import { style } from './style.js';

/** Text as it can stand in HTML. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const actions = { promote: 'Promote', hold: 'Hold', roll_back: 'Roll back' } as const;
const advice = {
  promote: 'Give v5 the next share.',
  hold: 'Leave v5 as it is.',
  roll_back: 'Take v5 out.',
} as const;
const results = { pass: 'pass', fail: 'fail', not_enough: 'not enough' } as const;

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });
const time = (atMs: number | null): string => (atMs === null ? '-' : day.format(atMs));
const share = (part: number, whole: number): string => (whole === 0 ? '-' : `${number.format((part / whole) * 100)} %`);
const ms = (value: number | undefined): string => (value === undefined ? '-' : number.format(value));

const tile = (title: string, figure: string, note: string): string =>
  `<div class="tile"><h3>${escaped(title)}</h3><p class="figure">${escaped(figure)}</p><p>${escaped(note)}</p></div>`;

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${number.format(count)}`)
    .join(', ') || 'none';

function tiles({ calls, answeredBy: { v4, v5 }, fallbacks, verdicts }: Report): string {
  const compared = verdicts.match + verdicts.mismatch + verdicts.critical;
  return [
    tile('Answered by v5', share(v5.calls, calls), `${number.format(v5.calls)} of ${number.format(calls)} calls`),
    tile('Errors for callers', share(v4.failed + v5.failed, calls), `v4 ${v4.failed}, v5 ${v5.failed}`),
    tile('Fallbacks on v4', number.format(total(fallbacks)), list(fallbacks)),
    tile(
      'Answers that differ',
      share(verdicts.mismatch + verdicts.critical, compared),
      `of ${number.format(compared)} compared`,
    ),
    tile('Contradictions', number.format(verdicts.critical), 'VALID against INVALID'),
  ].join('');
}

const sideRow = (operation: Operation, version: 'v4' | 'v5', { sent, failed, durations }: SideFigures): string =>
  `<tr><th scope="row">${operation}</th><td class="${version}">${version}</td>${[
    number.format(sent),
    number.format(failed),
    share(failed, sent),
    number.format(durations?.count ?? 0),
    ms(durations?.p50Ms),
    ms(durations?.p95Ms),
    ms(durations?.p99Ms),
    ms(durations?.maxMs),
  ]
    .map((cell) => `<td>${cell}</td>`)
    .join('')}</tr>`;

const figure = ({ title, caption, svg }: Chart): string =>
  `<figure><h3>${escaped(title)}</h3>${svg}<figcaption>${escaped(caption)}</figcaption></figure>`;

const legend = (entries: readonly (readonly [string, string])[]): string =>
  `<p class="legend">${entries.map(([name, colour]) => `<span><i style="background:${colour}"></i>${escaped(name)}</span>`).join('')}</p>`;

/** Writes a report as one page that needs nothing else: no script, no request, light and dark, on a phone too. */
export function reportHtml(report: Report): string {
  const { fromMs, toMs, operations, recommendation } = report;
  const { action, because, checks } = recommendation;
  const charts = chartsOf(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>v4 against v5: ${actions[action]}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>v4 against v5</h1>
<p>${time(fromMs)} to ${time(toMs)} UTC, ${number.format(report.calls)} calls</p>
</header>
<main>
<section class="advice ${action}">
<h2>${actions[action]}</h2>
<p><strong>${advice[action]}</strong> ${escaped(because)}</p>
</section>
<section class="tiles">${tiles(report)}</section>
<section>
<h2>Why</h2>
<div class="wide"><table class="checks"><thead><tr><th>check</th><th>result</th><th>figures</th></tr></thead><tbody>
${checks.map(({ name, result, because: why }) => `<tr><th scope="row">${escaped(name)}</th><td class="${result}">${results[result]}</td><td>${escaped(why)}</td></tr>`).join('\n')}
</tbody></table></div>
</section>
<section>
<h2>Side by side</h2>
${legend([['v4', 'var(--v4)'], ['v5', 'var(--v5)'], ...verdictLegend])}
<div class="charts">${charts.length === 0 ? '<p>Nothing to draw.</p>' : charts.map(figure).join('\n')}</div>
</section>
<section>
<h2>What was sent</h2>
<div class="wide"><table><thead><tr><th>operation</th><th>version</th><th>sent</th><th>failed</th><th>share</th><th>timed</th><th>p50 ms</th><th>p95 ms</th><th>p99 ms</th><th>max ms</th></tr></thead><tbody>
${(Object.keys(operations) as Operation[]).flatMap((operation) => [sideRow(operation, 'v4', operations[operation].v4), sideRow(operation, 'v5', operations[operation].v5)]).join('\n')}
</tbody></table></div>
<p>Sent: to answer, or so that the engine keeps up. Timed: answered, and not from a cache. Compared: ${escaped(list(report.verdicts))}.</p>
</section>
</main>
</body>
</html>
`;
}
