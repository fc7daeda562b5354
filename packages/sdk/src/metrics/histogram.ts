import type { Registry } from 'prom-client';
import type { HistogramDefinition } from './definition.js';
import { Exported, exportedOn, type Sample } from './exported.js';
import { type Label, LabelSpace, type Places } from './label.js';

/** From 1 ms to the 8 s after which the Engine API's longest calls are given up. */
export const durationBucketsSeconds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8,
];

const bucketsMs = Float64Array.from(durationBucketsSeconds, (seconds) => seconds * 1000);

/** Counts of one combination: one a bucket, and one for what is above them all. */
const rowLength = durationBucketsSeconds.length + 1;

/** The durations of one combination of labels, looked up once. */
export class Row {
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;
  readonly #index: number;

  constructor(counts: Float64Array, sums: Float64Array, index: number) {
    this.#counts = counts;
    this.#sums = sums;
    this.#index = index;
  }

  /** In milliseconds; what is no finite number from 0 on is not counted. */
  observe(durationMs: number): void {
    if (!(durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY)) return;
    let bucket = 0;
    while (bucket < bucketsMs.length && durationMs > (bucketsMs[bucket] as number)) bucket += 1;
    const at = this.#index * rowLength + bucket;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sums[this.#index] = (this.#sums[this.#index] as number) + durationMs / 1000;
  }
}

class ExportedHistogram extends Exported<HistogramDefinition> {
  readonly #space: LabelSpace;
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;

  constructor(definition: HistogramDefinition) {
    super(definition);
    this.#space = new LabelSpace(definition.labels);
    this.#counts = new Float64Array(this.#space.size * rowLength);
    this.#sums = new Float64Array(this.#space.size);
  }

  row(first?: number, second?: number, third?: number, fourth?: number): Row {
    const index = this.#space.indexOf(first, second, third, fourth);
    return index < 0
      ? new Row(new Float64Array(rowLength), new Float64Array(1), 0)
      : new Row(this.#counts, this.#sums, index);
  }

  protected samples(): readonly Sample[] {
    return Array.from({ length: this.#space.size }, (_, index) => this.#rowAt(index)).flat();
  }

  /** The buckets of one combination, its sum and its count; nothing where there is nothing. */
  #rowAt(index: number): readonly Sample[] {
    const labels = this.#space.at(index);
    let count = 0;
    const buckets: Sample[] = [];
    for (const [bucket, inBucket] of this.#counts.subarray(index * rowLength, (index + 1) * rowLength).entries()) {
      count += inBucket;
      const le = durationBucketsSeconds[bucket] ?? '+Inf';
      buckets.push({ labels: { le, ...labels }, value: count, metricName: `${this.name}_bucket` });
    }
    if (count === 0) return [];
    return [
      ...buckets,
      { labels, value: this.#sums[index] as number, metricName: `${this.name}_sum` },
      { labels, value: count, metricName: `${this.name}_count` },
    ];
  }

  reset(): void {
    this.#counts.fill(0);
    this.#sums.fill(0);
  }
}

/** A histogram of durations, told in milliseconds and exported in seconds. */
export type Histogram<L extends readonly Label[]> = {
  /** One with a place below 0 is told nowhere. */
  row(...places: Places<L>): Row;
};

/** Gives the registry's histogram of this definition; throws INVALID_OPTION where the name is somebody else's. */
export function histogramOn<const L extends readonly Label[]>(
  registry: Registry,
  definition: HistogramDefinition<L>,
): Histogram<L> {
  return exportedOn(
    registry,
    definition as unknown as HistogramDefinition,
    ExportedHistogram,
  ) as unknown as Histogram<L>;
}
