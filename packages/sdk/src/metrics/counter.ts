import type { Registry } from 'prom-client';
import type { CounterDefinition } from './definition.js';
import { Exported, exportedOn, type Sample } from './exported.js';
import { type Label, LabelSpace, type Places } from './label.js';

class ExportedCounter extends Exported<CounterDefinition> {
  readonly #space: LabelSpace;
  readonly #startsAtZero: boolean;
  readonly counts: Float64Array;

  constructor(definition: CounterDefinition) {
    super(definition);
    this.#space = new LabelSpace(definition.labels);
    this.#startsAtZero = definition.startsAtZero;
    this.counts = new Float64Array(this.#space.size);
  }

  indexOf(first?: number, second?: number, third?: number, fourth?: number): number {
    return this.#space.indexOf(first, second, third, fourth);
  }

  inc(first?: number, second?: number, third?: number, fourth?: number): void {
    this.add(1, first, second, third, fourth);
  }

  add(count: number, first?: number, second?: number, third?: number, fourth?: number): void {
    const index = this.#space.indexOf(first, second, third, fourth);
    // Also what is not a number is not above 0.
    if (index >= 0 && count > 0 && count < Number.POSITIVE_INFINITY)
      this.counts[index] = (this.counts[index] as number) + count;
  }

  protected samples(): readonly Sample[] {
    const samples: Sample[] = [];
    for (const [index, value] of this.counts.entries())
      if (value > 0 || this.#startsAtZero) samples.push({ labels: this.#space.at(index), value });
    return samples;
  }

  reset(): void {
    this.counts.fill(0);
  }
}

/** A counter: what is no finite number above 0 is not counted. */
export type Counter<L extends readonly Label[]> = {
  inc(...places: Places<L>): void;
  add(count: number, ...places: Places<L>): void;
  /** Below 0 where a place is. */
  indexOf(...places: Places<L>): number;
  /** What is counted of each combination, at its index: a fraction that is added here is not made an object first. */
  readonly counts: Float64Array;
};

/** Gives the registry's counter of this definition; throws INVALID_OPTION where the name is somebody else's. */
export function counterOn<const L extends readonly Label[]>(
  registry: Registry,
  definition: CounterDefinition<L>,
): Counter<L> {
  return exportedOn(registry, definition as unknown as CounterDefinition, ExportedCounter) as unknown as Counter<L>;
}
