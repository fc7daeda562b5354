import type { Metric, Registry } from 'prom-client';
import { CompatError } from '../errors.js';
import type { MetricDefinition } from './definition.js';

/** One line of a scrape. */
export type Sample = {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
};

/**
 * One metric as a prom-client registry sees it: asked for its values when it is scraped.
 *
 * It stands in for prom-client's own classes, which put a text together for each increment; here a call adds to a number, and the texts are made at the scrape (`pnpm bench observe`).
 */
export abstract class Exported<D extends MetricDefinition> {
  /** A registry of OpenMetrics takes the suffix of a counter's name away. */
  name: string;
  readonly help: string;
  readonly type: D['type'];
  readonly aggregator: 'sum' | 'max';
  readonly labelNames: readonly string[];

  constructor(definition: D) {
    this.name = definition.name;
    this.help = definition.help;
    this.type = definition.type;
    this.aggregator = 'merge' in definition ? definition.merge : 'sum';
    this.labelNames = definition.labels.map(({ name }) => name);
  }

  protected abstract samples(): readonly Sample[];

  /** Begins again at zero, as `registry.resetMetrics()` asks. */
  abstract reset(): void;

  async get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.samples() };
  }
}

const notOurs = (name: string): CompatError =>
  new CompatError('INVALID_OPTION', `registry: it has another metric with the name ${name}`, { path: 'registry' });

/** Throws INVALID_OPTION where one of these names is somebody else's, before any of them is registered. */
export function requireNames(registry: Registry, definitions: readonly MetricDefinition[]): void {
  for (const { name } of definitions) {
    const present: unknown = registry.getSingleMetric(name);
    if (present !== undefined && !(present instanceof Exported)) throw notOurs(name);
  }
}

/** Gives the registry's metric of this definition, made where it is not there yet: instances in one process count together. Throws INVALID_OPTION where the name is somebody else's. */
export function exportedOn<D extends MetricDefinition, E extends Exported<D>>(
  registry: Registry,
  definition: D,
  make: new (definition: D) => E,
): E {
  const present: unknown = registry.getSingleMetric(definition.name);
  if (present instanceof make) return present;
  if (present !== undefined) throw notOurs(definition.name);
  const made = new make(definition);
  registry.registerMetric(made as unknown as Metric);
  return made;
}
