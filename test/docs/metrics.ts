import type { MetricDefinition } from '../../packages/sdk/src/metrics/definition.js';
import { durationBucketsSeconds } from '../../packages/sdk/src/metrics/histogram.js';
import { metricTable } from '../../packages/sdk/src/metrics/table.js';

// The tables of docs/metrics.md, written from the table by which the metrics are registered.

type Row = readonly string[];

const table = (head: Row, rows: readonly Row[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const code = (text: string): string => `\`${text}\``;

const labelsOf = ({ labels }: MetricDefinition): string => labels.map(({ name }) => code(name)).join(', ');

/** How many lines a metric can come to at most, whatever happens. */
function mostSeries({ type, labels }: MetricDefinition): number {
  const combinations = labels.reduce((product, { most }) => product * most, 1);
  return type === 'histogram' ? combinations * (durationBucketsSeconds.length + 3) : combinations;
}

const metricRows = (definitions: readonly MetricDefinition[]): string =>
  table(
    ['metric', 'type', 'unit', 'labels', 'series at most', 'meaning'],
    definitions.map((definition) => [
      code(definition.name),
      definition.type,
      definition.unit,
      labelsOf(definition),
      String(mostSeries(definition)),
      definition.help,
    ]),
  );

const valuesOf = (label: MetricDefinition['labels'][number]): string =>
  'values' in label ? label.values.map(code).join(' ') : label.meaning;

/** Which values a label has, and where: one name may stand for different sets in different metrics. */
function labelTable(): string {
  const rows = new Map<string, { readonly name: string; readonly values: string; metrics: string[] }>();
  for (const { name: metric, labels } of Object.values(metricTable).flat()) {
    for (const label of labels) {
      const { name } = label;
      const values = valuesOf(label);
      const key = `${name} ${values}`;
      const row = rows.get(key) ?? { name, values, metrics: [] };
      row.metrics.push(metric);
      rows.set(key, row);
    }
  }
  return table(
    ['label', 'in', 'values'],
    [...rows.values()]
      .toSorted((one, other) => one.name.localeCompare(other.name))
      .map(({ name, values, metrics }) => [
        code(name),
        metrics.map((metric) => code(metric.replace('lighthouse_compat', ''))).join(' '),
        // The version of the package is no part of the page, which would have to be written anew with each.
        metrics.includes('lighthouse_compat_build_info') ? "the package's" : values,
      ]),
  );
}

/** The page with each generated section as the code has it now. */
export function withMetrics(page: string): string {
  const sections: Readonly<Record<string, string>> = {
    ...Object.fromEntries(Object.entries(metricTable).map(([room, metrics]) => [room, metricRows(metrics)])),
    labels: labelTable(),
    buckets: durationBucketsSeconds.map((seconds) => code(String(seconds))).join(' '),
  };
  let result = page;
  for (const [name, text] of Object.entries(sections)) {
    const section = new RegExp(`<!-- generated:${name} -->[\\s\\S]*?<!-- /generated -->`);
    if (!section.test(result)) throw new Error(`the page has no section ${name}`);
    result = result.replace(section, () => `<!-- generated:${name} -->\n${text}\n<!-- /generated -->`);
  }
  return result;
}
