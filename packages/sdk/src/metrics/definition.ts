import type { Label } from './label.js';

/** What a metric counts or measures; seconds and bytes are Prometheus's base units. */
type Unit = 'calls' | 'sends' | 'payloads' | 'flags' | 'fields' | 'changes' | 'seconds' | 'bytes' | '1';

/** What one metric is: from this it is registered, and from this its row in docs/metrics.md is written. */
type Described<L extends readonly Label[]> = {
  readonly name: string;
  readonly unit: Unit;
  /** One or two sentences: what it counts, and what it leaves out. */
  readonly help: string;
  readonly labels: L;
};

/** A count that only grows. With `startsAtZero` every combination of labels is there from the start, so that the first increment is seen as one. */
export type CounterDefinition<L extends readonly Label[] = readonly Label[]> = Described<L> & {
  readonly type: 'counter';
  readonly startsAtZero: boolean;
};

/** A distribution of durations. */
export type HistogramDefinition<L extends readonly Label[] = readonly Label[]> = Described<L> & {
  readonly type: 'histogram';
  readonly unit: 'seconds';
};

/** A state, read when it is asked for; `merge` says what two instances on one registry come to. */
export type GaugeDefinition<L extends readonly Label[] = readonly Label[]> = Described<L> & {
  readonly type: 'gauge';
  readonly merge: 'sum' | 'max';
};

/** Any metric. */
export type MetricDefinition = CounterDefinition | HistogramDefinition | GaugeDefinition;
