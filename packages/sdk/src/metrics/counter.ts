import type { Registry } from 'prom-client';
import type { CounterDefinition } from './definition.js';
import { Exported, exportedOn, type Sample } from './exported.js';
import { type Label, LabelSpace, type Places } from './label.js';

/** The count of one combination of labels, looked up once: to count there is an addition and nothing else. */
export class Cell {
  readonly #counts: Float64Array;
  readonly #index: number;

  constructor(counts: Float64Array, index: number) {
    this.#counts = counts;
    this.#index = index;
  }

  inc(): void {
    this.#counts[this.#index] = (this.#counts[this.#index] as number) + 1;
  }

  /** What is no finite number above 0 is not counted. */
  add(count: number): void {
    // Also what is not a number is not above 0.
    if (count > 0 && count < Number.POSITIVE_INFINITY)
      this.#counts[this.#index] = (this.#counts[this.#index] as number) + count;
  }
}

class ExportedCounter extends Exported<CounterDefinition> {
  readonly #space: LabelSpace;
  readonly #startsAtZero: boolean;
  readonly #counts: Float64Array;

  constructor(definition: CounterDefinition) {
    super(definition);
    this.#space = new LabelSpace(definition.labels);
    this.#startsAtZero = definition.startsAtZero;
    this.#counts = new Float64Array(this.#space.size);
  }

  cell(first?: number, second?: number, third?: number, fourth?: number): Cell {
    const index = this.#space.indexOf(first, second, third, fourth);
    return index < 0 ? new Cell(new Float64Array(1), 0) : new Cell(this.#counts, index);
  }

  inc(first?: number, second?: number, third?: number, fourth?: number): void {
    this.cell(first, second, third, fourth).inc();
  }

  add(count: number, first?: number, second?: number, third?: number, fourth?: number): void {
    this.cell(first, second, third, fourth).add(count);
  }

  protected samples(): readonly Sample[] {
    const samples: Sample[] = [];
    for (const [index, value] of this.#counts.entries())
      if (value > 0 || this.#startsAtZero) samples.push({ labels: this.#space.at(index), value });
    return samples;
  }

  reset(): void {
    this.#counts.fill(0);
  }
}

/** A counter: what is no finite number above 0 is not counted. */
export type Counter<L extends readonly Label[]> = {
  inc(...places: Places<L>): void;
  add(count: number, ...places: Places<L>): void;
  /** For what is counted of each call. One with a place below 0 is told nowhere. */
  cell(...places: Places<L>): Cell;
};

/** Gives the registry's counter of this definition; throws INVALID_OPTION where the name is somebody else's. */
export function counterOn<const L extends readonly Label[]>(
  registry: Registry,
  definition: CounterDefinition<L>,
): Counter<L> {
  return exportedOn(registry, definition as unknown as CounterDefinition, ExportedCounter) as unknown as Counter<L>;
}
