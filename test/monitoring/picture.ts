import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** A series as a dashboard shows it: its legend, and its values over time. */
export type DrawnSeries = {
  readonly legend: string;
  readonly points: readonly { readonly at: Date; readonly value: number }[];
};

/** A panel as Grafana imports it: what of it is drawn. */
export type DashboardPanel = {
  readonly type: 'row' | 'stat' | 'timeseries' | 'state-timeline' | 'table';
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit: string;
      readonly min?: number;
      readonly thresholds: { readonly steps: readonly { readonly color: string; readonly value: number | null }[] };
      readonly custom?: { readonly stacking: { readonly mode: 'normal' | 'none' } };
    };
  };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
};

/** A panel and what Prometheus has said to its queries. */
export type Answered = { readonly panel: DashboardPanel; readonly series: readonly DrawnSeries[] };

// Of 24 columns, and of a row's height.
const columnPx = 58;
const rowPx = 30;
const palette = 8;

const html = (text: string): string =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one] ?? one);

/** v4 and v5 have the colours that the dashboard gives them; whatever else has one of the rest in turn. */
const colourOf = (legend: string, at: number): string =>
  /^v[45]/.test(legend) ? `var(--${legend.slice(0, 2)})` : `var(--c${at % palette})`;

const significant = (value: number): string => `${Number(value.toPrecision(3))}`;

/** A value in its unit, as short as it can be read. */
export function inUnit(value: number, unit: string): string {
  switch (unit) {
    case 'percentunit':
      return `${significant(100 * value)} %`;
    case 's':
      return Math.abs(value) < 1 ? `${significant(1_000 * value)} ms` : `${significant(value)} s`;
    case 'bytes':
      return Math.abs(value) < 1_024 ? `${significant(value)} B` : `${significant(value / 1_024)} KiB`;
    case 'ops':
      return `${significant(value)}/s`;
    case 'dateTimeAsIso':
      return new Date(value).toISOString().slice(0, 19).replace('T', ' ');
    default:
      return significant(value);
  }
}

const last = ({ points }: DrawnSeries): number => points.at(-1)?.value ?? Number.NaN;

function svgOf({ panel, series }: Answered, options: Plot.PlotOptions, span: readonly [Date, Date]): string {
  const { document } = parseHTML('<html></html>');
  const svg = Plot.plot({
    width: panel.gridPos.w * columnPx - 26,
    height: panel.gridPos.h * rowPx - 70,
    marginLeft: 62,
    marginRight: 12,
    ...options,
    x: { type: 'time', domain: [...span], label: null, ticks: panel.gridPos.w / 2 },
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    ariaLabel: `${panel.title}: ${series.length} series`,
  });
  return svg.outerHTML;
}

const legendsOf = (series: readonly DrawnSeries[], unit: string): string =>
  `<ul>${series
    .map(
      (each, at) =>
        `<li><i style="background:${colourOf(each.legend, at)}"></i>${html(each.legend)}: ${inUnit(last(each), unit)}</li>`,
    )
    .join('')}</ul>`;

function timeseries({ panel, series }: Answered, span: readonly [Date, Date]): string {
  const { unit = 'none', min, custom } = panel.fieldConfig?.defaults ?? {};
  const stacked = custom?.stacking.mode === 'normal';
  const points = series.flatMap(({ legend, points: all }, at) =>
    all.map((point) => ({ ...point, legend, colour: colourOf(legend, at) })),
  );
  const channels = { x: 'at', y: 'value', z: 'legend' } as const;
  const y: Plot.ScaleOptions = {
    label: null,
    grid: true,
    nice: true,
    ticks: 5,
    tickFormat: (value: number) => inUnit(value, unit),
    ...(min === undefined || stacked ? {} : { domain: [min, Math.max(...points.map(({ value }) => value), 1e-9)] }),
  };
  const marks = stacked
    ? [Plot.areaY(points, Plot.stackY({ ...channels, fill: 'colour', fillOpacity: 0.55, order: null }))]
    : [Plot.lineY(points, { ...channels, stroke: 'colour', strokeWidth: 2 })];
  // The colours are the page's own: nothing is to be scaled.
  const drawn = svgOf({ panel, series }, { y, color: { type: 'identity' }, marks }, span);
  return `${drawn}${legendsOf(series, unit)}`;
}

function stateTimeline({ panel, series }: Answered, span: readonly [Date, Date], stepMs: number): string {
  const bars = series.flatMap(({ legend, points }, at) =>
    points.map((point) => ({ legend, from: point.at, to: new Date(point.at.getTime() + stepMs), at })),
  );
  const marks = [
    Plot.barX(bars, { x1: 'from', x2: 'to', y: 'legend', fill: ({ legend, at }) => colourOf(legend, at), inset: 0 }),
  ];
  const y: Plot.ScaleOptions = { label: null, padding: 0.2 };
  return svgOf({ panel, series }, { y, color: { type: 'identity' }, marginLeft: 190, marks }, span);
}

function stat({ panel, series }: Answered): string {
  const { unit = 'none', thresholds } = panel.fieldConfig?.defaults ?? {};
  const values = series.map((each) => {
    const value = last(each);
    const step = thresholds?.steps.findLast(({ value: from }) => from === null || value >= from);
    return `<p class="stat ${step?.color ?? 'green'}">${html(inUnit(value, unit))}</p>`;
  });
  return values.join('');
}

function table({ panel, series }: Answered): string {
  const { unit = 'none' } = panel.fieldConfig?.defaults ?? {};
  const rows = series.map((each) => `<tr><td>${html(each.legend)}</td><td>${html(inUnit(last(each), unit))}</td></tr>`);
  return `<table>${rows.join('')}</table>`;
}

function bodyOf(answered: Answered, span: readonly [Date, Date], stepMs: number): string {
  const { panel, series } = answered;
  if (series.length === 0) return '<p class="none">No data</p>';
  switch (panel.type) {
    case 'row':
      return '';
    case 'stat':
      return stat(answered);
    case 'timeseries':
      return timeseries(answered, span);
    case 'state-timeline':
      return stateTimeline(answered, span, stepMs);
    case 'table':
      return table(answered);
  }
}

const style = `
:root { color-scheme: light dark; --page: #f4f5f5; --panel: #fff; --text: #24292e; --dim: #6a737d; --line: #dfe2e5;
  --v4: #3274d9; --v5: #ff780a; --green: #1a7f37; --red: #c4162a;
  --c0: #56a64b; --c1: #a352cc; --c2: #e0b400; --c3: #13a4a4; --c4: #e02f44; --c5: #8f3bb8; --c6: #5c6bc0; --c7: #8d6e63; }
@media (prefers-color-scheme: dark) { :root { --page: #111217; --panel: #181b1f; --text: #d8d9da; --dim: #9fa3a8; --line: #2c3235;
  --v4: #5794f2; --v5: #ff9830; --green: #73bf69; --red: #f2495c;
  --c0: #73bf69; --c1: #b877d9; --c2: #fade2a; --c3: #4dd0d0; --c4: #f2495c; --c5: #ca95e5; --c6: #8f9bff; --c7: #bcaaa4; } }
body { margin: 12px; width: ${24 * columnPx}px; background: var(--page); color: var(--text); font: 13px/1.35 system-ui, sans-serif; }
h1 { font-size: 18px; margin: 4px 0 2px; } header p { margin: 0 0 10px; color: var(--dim); }
main { display: grid; grid-template-columns: repeat(24, ${columnPx}px); grid-auto-rows: ${rowPx}px; }
h2 { font-size: 15px; margin: 6px 0 0; align-self: center; }
section { margin: 3px; padding: 6px 8px; background: var(--panel); border: 1px solid var(--line); border-radius: 3px; overflow: hidden; }
h3 { font-size: 13px; margin: 0 0 2px; } svg { display: block; background: none; }
ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0 12px; margin: 2px 0 0; padding: 0; font-size: 11px; color: var(--dim); }
li i { display: inline-block; width: 10px; height: 3px; margin-right: 4px; vertical-align: middle; }
.stat { font-size: 26px; margin: 16px 0 0; text-align: center; font-weight: 600; } .green { color: var(--green); } .red { color: var(--red); }
.none { text-align: center; color: var(--dim); margin-top: 24px; } table { width: 100%; font-size: 12px; } td { padding: 2px 6px; }
`;

/** Draws a dashboard in its own rows and widths, as one HTML page that asks for nothing and follows light and dark. */
export function dashboardHtml(
  answered: readonly Answered[],
  { title, span, stepMs }: { readonly title: string; readonly span: readonly [Date, Date]; readonly stepMs: number },
): string {
  const parts = answered.map((each) => {
    const { x, y, w, h } = each.panel.gridPos;
    const place = `grid-area: ${y + 1} / ${x + 1} / span ${h} / span ${w}`;
    const name = html(each.panel.title);
    return each.panel.type === 'row'
      ? `<h2 style="${place}">${name}</h2>`
      : `<section style="${place}"><h3>${name}</h3>${bodyOf(each, span, stepMs)}</section>`;
  });
  const note = 'Drawn from the queries of the dashboard, answered by a Prometheus that scraped a running SDK.';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${html(title)}</title><style>${style}</style><header><h1>${html(title)}</h1><p>${note}</p></header><main>${parts.join('\n')}</main></html>\n`;
}
