import type { Registry } from 'prom-client';
import { CompatError } from '../errors.js';
import type { GaugeDefinition, ReadCounterDefinition } from './definition.js';
import { Exported, exportedOn, type Sample } from './exported.js';
import type { AnyLabel, LabelValues } from './label.js';

type ReadDefinition<L extends readonly AnyLabel[] = readonly AnyLabel[]> =
  | GaugeDefinition<L>
  | ReadCounterDefinition<L>;
type Tell = (value: number, ...labels: readonly string[]) => void;

class ExportedReading extends Exported<ReadDefinition> {
  readonly #labels: readonly AnyLabel[];
  readonly #isOfOne: boolean;
  readonly #sources = new Set<(tell: Tell) => void>();

  constructor(definition: ReadDefinition) {
    super(definition);
    this.#labels = definition.labels;
    this.#isOfOne = definition.isOfOne ?? false;
  }

  read(source: (tell: Tell) => void): () => void {
    if (this.#isOfOne && this.#sources.size > 0)
      throw new CompatError('INVALID_OPTION', `registry: ${this.name} is told by another already`, {
        path: 'registry',
      });
    this.#sources.add(source);
    return () => {
      this.#sources.delete(source);
    };
  }

  protected samples(): readonly Sample[] {
    const samples = new Map<string, Sample>();
    const seen = this.#labels.map(({ name, most }) => ({ name, most, values: new Set<string>() }));
    const tell: Tell = (value, ...texts) => {
      if (!Number.isFinite(value)) return;
      const told = this.#labels.map((label, at) => label.told(texts[at] ?? ''));
      if (!told.every((text) => text !== null)) return;
      const hasRoom = seen.every(({ most, values }, at) => values.size < most || values.has(told[at] as string));
      if (!hasRoom) return;
      const labels: Record<string, string> = {};
      for (const [at, { name, values }] of seen.entries()) {
        values.add(told[at] as string);
        labels[name] = told[at] as string;
      }
      const key = told.join('\n');
      const before = samples.get(key)?.value;
      const merged = before === undefined ? value : this.#merged(before, value);
      if (Number.isFinite(merged)) samples.set(key, { labels, value: merged });
    };
    for (const source of this.#sources) source(tell);
    return [...samples.values()];
  }

  #merged(one: number, other: number): number {
    return this.aggregator === 'max' ? Math.max(one, other) : one + other;
  }

  /** Nothing is kept: what is read at the next scrape is what is true at that moment. */
  reset(): void {}
}

/** What is read at the scrape: each source is asked at each scrape and tells what it has to tell, if anything; the function returned takes it away. */
export type Reading<L extends readonly AnyLabel[]> = {
  /** Throws INVALID_OPTION where there is a source and the definition is of one. */
  read(source: (tell: (value: number, ...labels: LabelValues<L>) => void) => void): () => void;
};

/** Gives the registry's metric of this definition; throws INVALID_OPTION where the name is somebody else's. */
export function readingOn<const L extends readonly AnyLabel[]>(
  registry: Registry,
  definition: ReadDefinition<L>,
): Reading<L> {
  return exportedOn(registry, definition as unknown as ReadDefinition, ExportedReading) as unknown as Reading<L>;
}
