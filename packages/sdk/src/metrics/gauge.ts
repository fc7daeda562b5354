import type { Registry } from 'prom-client';
import type { GaugeDefinition } from './definition.js';
import { Exported, exportedOn, type Sample } from './exported.js';
import { type Label, LabelSpace, type LabelValues } from './label.js';

type Tell = (value: number, ...labels: readonly string[]) => void;

class ExportedGauge extends Exported<GaugeDefinition> {
  readonly #labels: readonly Label[];
  readonly #space: LabelSpace;
  readonly #sources = new Set<(tell: Tell) => void>();

  constructor(definition: GaugeDefinition) {
    super(definition);
    this.#labels = definition.labels;
    this.#space = new LabelSpace(definition.labels);
  }

  read(source: (tell: Tell) => void): () => void {
    this.#sources.add(source);
    return () => {
      this.#sources.delete(source);
    };
  }

  protected samples(): readonly Sample[] {
    const values = new Map<number, number>();
    const tell: Tell = (value, ...labels) => {
      const index = this.#space.indexOf(...this.#labels.map(({ placeOf }, at) => placeOf(labels[at] ?? '')));
      if (index < 0 || !Number.isFinite(value)) return;
      const before = values.get(index);
      if (before === undefined) values.set(index, value);
      else values.set(index, this.aggregator === 'max' ? Math.max(before, value) : before + value);
    };
    for (const source of this.#sources) source(tell);
    return [...values].map(([index, value]) => ({ labels: this.#space.at(index), value }));
  }

  /** Nothing is kept: what is read at the next scrape is the state of that moment. */
  reset(): void {}
}

/** A gauge: each source is asked at each scrape and tells what it has to tell, if anything; the function returned takes it away. */
export type Gauge<L extends readonly Label[]> = {
  read(source: (tell: (value: number, ...labels: LabelValues<L>) => void) => void): () => void;
};

/** Gives the registry's gauge of this definition; throws INVALID_OPTION where the name is somebody else's. */
export function gaugeOn<const L extends readonly Label[]>(
  registry: Registry,
  definition: GaugeDefinition<L>,
): Gauge<L> {
  return exportedOn(registry, definition as unknown as GaugeDefinition, ExportedGauge) as unknown as Gauge<L>;
}
