import { utcDate } from '../clock.js';
import uPlot from '../vendor/uplot.js';
import { element } from './element.js';

/** What a chart draws: seconds of Unix time, and two lines over them with gaps where nothing is known. */
export type Lines = readonly [
  atSeconds: readonly number[],
  first: readonly (number | null)[],
  second: readonly (number | null)[],
];

type Options = {
  /** The name of the place in the document. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly series: readonly [Series, Series];
  /** The upper end; without one the lines decide. */
  readonly maximum?: number;
};

type Series = {
  readonly name: string /** A custom property of the page's style. */;
  readonly colour: string;
  readonly isStepped?: boolean;
};

const height = 190;

const lastOf = (line: readonly (number | null)[]): number | null => line.findLast((value) => value !== null) ?? null;

function legend({ series, unit }: Options, lines: Lines): readonly Node[] {
  return series.map(({ name, colour }, at) => {
    const last = lastOf(at === 0 ? lines[1] : lines[2]);
    const swatch = element('i', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = `var(${colour})`;
    return element('span', {}, swatch, `${name} ${last === null ? '-' : `${last.toFixed(1)} ${unit}`}`);
  });
}

function plotOptions(options: Options, width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    tzDate: utcDate,
    scales: {
      y: {
        range: (_plot, _least, greatest) => [0, options.maximum ?? Math.max(1, (greatest ?? 0) * 1.15)],
      },
    },
    axes: [
      { ...axis, space: 70, values: '{HH}:{mm}:{ss}' as unknown as NonNullable<uPlot.Axis['values']> },
      { ...axis, size: 64, values: (_plot, ticks) => ticks.map((tick) => `${tick} ${options.unit}`) },
    ],
    series: [
      {},
      ...options.series.map(({ colour: of, isStepped = false }) => ({
        stroke: colour(of),
        width: 2,
        points: { show: false },
        ...(isStepped && stepped !== undefined ? { paths: stepped } : {}),
      })),
    ],
  };
}

/** Makes a chart that keeps its place's width and the page's colours; what is given to it is drawn at once. Its last figures stand in its caption and its label, for whoever does not see it. */
export function createChart(options: Options): (lines: Lines) => void {
  const { name, title, unit, series } = options;
  const place = document.querySelector<HTMLElement>(`[data-chart="${name}"]`);
  const caption = document.querySelector<HTMLElement>(`[data-part="${name}-caption"]`);
  if (place === null || caption === null) throw new Error(`the document has no chart ${name}`);
  place.setAttribute('role', 'img');
  let plot: uPlot | null = null;
  let lines: Lines = [[], [], []];

  const data = (): uPlot.AlignedData => lines.map((line) => [...line]) as unknown as uPlot.AlignedData;
  function build(): void {
    plot?.destroy();
    plot = null;
    // A line needs two points.
    if (lines[0].length < 2 || place === null || place.clientWidth === 0) return;
    place.replaceChildren();
    plot = new uPlot(plotOptions(options, place.clientWidth), data(), place);
  }
  function tell(): void {
    const figures = series.map(({ name: of }, at) => {
      const last = lastOf(at === 0 ? lines[1] : lines[2]);
      return `${of} ${last === null ? 'not known' : `${last.toFixed(1)} ${unit}`}`;
    });
    place?.setAttribute('aria-label', `${title} over time; last: ${figures.join(', ')}`);
    caption?.replaceChildren(...legend(options, lines));
  }

  new ResizeObserver(() => {
    if (plot === null) build();
    else plot.setSize({ width: place.clientWidth, height });
  }).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', build);
  const empty = element('p', { class: 'note' }, 'Drawn from what comes while this page is open.');
  place.replaceChildren(empty);
  tell();
  return (next) => {
    lines = next;
    if (plot === null) build();
    else plot.setData(data());
    tell();
  };
}
