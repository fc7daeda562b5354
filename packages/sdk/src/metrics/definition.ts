import type { AnyLabel, Label } from './label.js';

/** What a metric counts or measures; seconds and bytes are Prometheus's base units. */
type Unit =
  | 'calls'
  | 'sends'
  | 'payloads'
  | 'flags'
  | 'fields'
  | 'changes'
  | 'checks'
  | 'requests'
  | 'units'
  | 'seconds'
  | 'bytes'
  | 'ratio'
  | '1';

/** What one metric is: from this it is registered, and from this its row in docs/metrics.md is written. */
type Described<L extends readonly AnyLabel[]> = {
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

/** `merge` says what two instances on one registry come to, and two processes of a cluster; with `isOfOne` a registry takes no second instance. */
type Read = { readonly merge: 'sum' | 'max'; readonly isOfOne?: true };

/** A state, read when it is asked for. */
export type GaugeDefinition<L extends readonly AnyLabel[] = readonly AnyLabel[]> = Described<L> &
  Read & { readonly type: 'gauge' };

/** A count that is kept elsewhere, read when it is asked for. */
export type ReadCounterDefinition<L extends readonly AnyLabel[] = readonly AnyLabel[]> = Described<L> &
  Read & { readonly type: 'counter'; readonly merge: 'sum' };

/** Any metric. */
export type MetricDefinition = CounterDefinition | ReadCounterDefinition | HistogramDefinition | GaugeDefinition;
