import type { MetricDefinition } from '../../packages/sdk/src/metrics/definition.js';
import { metricTable } from '../../packages/sdk/src/metrics/table.js';

const definitions = new Map<string, MetricDefinition>(
  Object.values(metricTable)
    .flat()
    .map((definition) => [definition.name, definition]),
);

/** What Prometheus adds to every series that it scrapes, and what a rule may therefore ask for. */
const scrapeLabels = new Set(['job', 'instance']);

/** The metric of a series' name, that of a histogram's parts included. */
function definitionOf(series: string): MetricDefinition | undefined {
  const whole = definitions.get(series);
  if (whole !== undefined) return whole.type === 'histogram' ? undefined : whole;
  const histogram = definitions.get(series.replace(/_(?:bucket|sum|count)$/, ''));
  return histogram?.type === 'histogram' ? histogram : undefined;
}

/** What a PromQL query asks for that the SDK does not export, as text: series, labels, and values of labels. `recorded` are names that rules give. */
export function unknownIn(query: string, recorded: readonly string[]): readonly string[] {
  const unknown: string[] = [];
  for (const [, name = '', selector = ''] of query.matchAll(
    /\b([a-z_]*:?lighthouse_compat_[a-z0-9_:]+)(?:\{([^}]*)\})?/g,
  )) {
    if (recorded.includes(name)) continue;
    const definition = definitionOf(name);
    if (definition === undefined) {
      unknown.push(name);
      continue;
    }
    for (const [, label = '', , pattern = ''] of selector.matchAll(/([a-z]+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)) {
      if (scrapeLabels.has(label) || pattern.startsWith('$')) continue;
      const known = definition.labels.find((one) => one.name === label);
      for (const value of pattern.split('|'))
        if (known?.told(value) !== value) unknown.push(`${name}{${label}="${value}"}`);
    }
  }
  return unknown;
}
