import type { Operation, Report, TimelineCount } from '@lighthouse-compat/sdk';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** One picture of the report: an SVG whose colours are the page's, so that it follows light and dark. */
export type Chart = { readonly title: string; readonly caption: string; readonly svg: string };

type Bar = { readonly label: string; readonly count: number; readonly colour: string };

// Narrow, so that its texts can be read on a phone without zooming.
const size = { width: 352, height: 220, marginLeft: 44, marginRight: 12 };

const versions = ['v4', 'v5'] as const;
const colourOf = { v4: 'var(--v4)', v5: 'var(--v5)' } as const;

function draw(title: string, caption: string, options: Plot.PlotOptions): Chart {
  const { document } = parseHTML('<html></html>');
  const svg = Plot.plot({
    ...size,
    ...options,
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    ariaLabel: title,
  });
  return { title, caption, svg: svg.outerHTML };
}

/** How many answers took at most so long; null without any. */
function latency(report: Report, operation: Operation): Chart | null {
  const sides = report.operations[operation];
  const curves = versions.map((version) => {
    const { durations } = sides[version];
    let below = 0;
    const points = (durations?.buckets ?? []).map(({ upToMs, count }) => {
      below += count;
      return { upToMs, share: below / (durations?.count ?? 1) };
    });
    const [first] = points;
    return { version, points: first === undefined ? [] : [{ upToMs: first.upToMs / 1.04, share: 0 }, ...points] };
  });
  if (curves.every(({ points }) => points.length === 0)) return null;
  return draw(`Latency of ${operation}`, 'Share of the answers that took at most so many milliseconds.', {
    x: { type: 'log', label: 'milliseconds', tickFormat: '~s', ticks: 5 },
    y: { label: null, domain: [0, 1], tickFormat: '.0%', grid: true },
    marks: [
      Plot.ruleY([0.5, 0.99], { stroke: 'currentColor', strokeOpacity: 0.35, strokeDasharray: '3,3' }),
      ...curves.map(({ version, points }) =>
        Plot.line(points, { x: 'upToMs', y: 'share', curve: 'step-before', stroke: colourOf[version], strokeWidth: 2 }),
      ),
    ],
  });
}

function errors({ operations }: Report): Chart | null {
  const bars = new Map<string, Bar>();
  for (const sides of Object.values(operations))
    for (const version of versions)
      for (const [code, count] of Object.entries(sides[version].errors)) {
        const label = `${version} ${code}`;
        bars.set(label, { label, colour: colourOf[version], count: (bars.get(label)?.count ?? 0) + count });
      }
  const most = [...bars.values()].toSorted((one, other) => other.count - one.count).slice(0, 12);
  if (most.length === 0) return null;
  return draw('Errors', 'Failed sends by version and error code, the most frequent ones.', {
    height: 60 + most.length * 22,
    marginLeft: 172,
    marginRight: 36,
    x: { label: 'sends', grid: true, ticks: 3, tickFormat: '~s' },
    y: { label: null, domain: most.map(({ label }) => label) },
    marks: [
      Plot.barX(most, { y: 'label', x: 'count', fill: 'colour' }),
      Plot.text(most, { y: 'label', x: 'count', text: 'count', textAnchor: 'start', dx: 4, fill: 'currentColor' }),
    ],
  });
}

const verdictColours = {
  agree: 'var(--agree)',
  pending: 'var(--pending)',
  unjudged: 'var(--unjudged)',
  differ: 'var(--differ)',
  critical: 'var(--critical)',
} as const satisfies Partial<Record<TimelineCount, string>>;

/** The kinds of verdict that are told apart over time, with their colour. */
export const verdictLegend: readonly (readonly [name: string, colour: string])[] = [
  ['agree', verdictColours.agree],
  ['not judged yet', verdictColours.pending],
  ['an arm failed or was not sent', verdictColours.unjudged],
  ['differ', verdictColours.differ],
  ['contradict', verdictColours.critical],
];

function verdicts({ timeline: { slots, slotMs } }: Report): Chart | null {
  const pieces = slots.flatMap((slot) =>
    (Object.keys(verdictColours) as (keyof typeof verdictColours)[])
      .filter((kind) => slot[kind] > 0)
      .map((kind) => ({
        fromMs: slot.fromMs,
        toMs: slot.fromMs + slotMs,
        count: slot[kind],
        colour: verdictColours[kind],
      })),
  );
  if (pieces.length === 0) return null;
  return draw('What comparing told', 'Calls of which both engines had a part, over time (UTC).', {
    x: { type: 'utc', label: null, ticks: 4 },
    y: { label: 'calls', grid: true, ticks: 4, tickFormat: '~s' },
    marks: [
      Plot.rectY(pieces, Plot.stackY({ x1: 'fromMs', x2: 'toMs', y: 'count', fill: 'colour', insetLeft: 0.5 })),
      Plot.ruleY([0]),
    ],
  });
}

function share({ timeline: { slots, slotMs } }: Report): Chart | null {
  const points = slots.map(({ fromMs, v4, v5 }) => ({
    atMs: fromMs + slotMs / 2,
    share: v4 + v5 === 0 ? Number.NaN : v5 / (v4 + v5),
  }));
  if (points.every(({ share: one }) => Number.isNaN(one))) return null;
  return draw('Share of v5', 'Of the calls that were answered, over time (UTC).', {
    x: { type: 'utc', label: null, ticks: 4 },
    y: { label: null, domain: [0, 1], tickFormat: '.0%', grid: true },
    marks: [
      Plot.areaY(points, { x: 'atMs', y: 'share', fill: 'var(--v5)', fillOpacity: 0.2 }),
      Plot.lineY(points, { x: 'atMs', y: 'share', stroke: 'var(--v5)', strokeWidth: 2 }),
      Plot.ruleY([0]),
    ],
  });
}

/** Every picture of which there is something to see. */
export const chartsOf = (report: Report): readonly Chart[] =>
  [
    latency(report, 'new_payload'),
    latency(report, 'forkchoice_updated'),
    latency(report, 'get_payload'),
    share(report),
    verdicts(report),
    errors(report),
  ].filter((chart) => chart !== null);
