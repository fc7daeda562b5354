import fc from 'fast-check';
import { AggregatorRegistry, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { counterOn } from '../../../packages/sdk/src/metrics/counter.js';
import type {
  CounterDefinition,
  GaugeDefinition,
  HistogramDefinition,
} from '../../../packages/sdk/src/metrics/definition.js';
import { durationBucketsSeconds, histogramOn } from '../../../packages/sdk/src/metrics/histogram.js';
import { type Label, LabelSpace, label, nameLabel } from '../../../packages/sdk/src/metrics/label.js';
import { createMetrics } from '../../../packages/sdk/src/metrics/metrics.js';
import { readingOn } from '../../../packages/sdk/src/metrics/reading.js';
import { metricTable } from '../../../packages/sdk/src/metrics/table.js';
import { hasPromtool, promtool } from '../../support/promtool.js';
import { capellaPayload } from '../../support/samples.js';
import { scrape } from '../../support/scrape.js';
import { openTwoEngines } from '../../support/twoEngines.js';

const colour: Label<'red' | 'blue' | 'other'> = label('colour', { red: true, blue: true, other: true }, 'other');
const size: Label<'small' | 'large'> = label('size', { small: true, large: true });

const counted: CounterDefinition<[typeof colour, typeof size]> = {
  name: 'things_total',
  type: 'counter',
  unit: 'calls',
  help: 'Things.',
  labels: [colour, size],
  startsAtZero: false,
};
const timed: HistogramDefinition<[typeof colour]> = {
  name: 'things_duration_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'Times.',
  labels: [colour],
};
const read = (merge: 'sum' | 'max'): GaugeDefinition<[typeof size]> => ({
  name: 'things',
  type: 'gauge',
  unit: '1',
  help: 'Now.',
  labels: [size],
  merge,
});

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, Number.MAX_VALUE),
);

test('whatever number and label comes in, what is scraped is finite, and no series is made that the table has no room for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(anyNumber, fc.string(), fc.string())), async (told) => {
      const registry = new Registry();
      const counter = counterOn(registry, counted);
      const histogram = histogramOn(registry, timed);
      const gauge = readingOn(registry, read('sum'));
      for (const [value, one, other] of told) {
        counter.add(value, colour.placeOf(one as 'red'), size.placeOf(other as 'small'));
        histogram.row(colour.placeOf(one as 'red')).observe(value);
        gauge.read((tell) => tell(value, other as 'small'));
      }
      const series = await scrape(registry);
      for (const [name, value] of series) expect(Number.isFinite(value) || value === 0, `${name} ${value}`).toBe(true);
      const rows = colour.values.length * (durationBucketsSeconds.length + 3);
      expect(series.size).toBeLessThanOrEqual(colour.values.length * size.values.length + rows + size.values.length);
    }),
    { numRuns: 200 },
  );
});

test('a value that is none of the label counts as the other one, and as nothing where there is no other', async () => {
  const registry = new Registry();
  const counter = counterOn(registry, counted);
  counter.inc(colour.placeOf('green' as 'red'), size.placeOf('small'));
  counter.inc(colour.placeOf('red'), size.placeOf('huge' as 'small'));
  expect([...(await scrape(registry))]).toEqual([['things_total{colour="other",size="small"}', 1]]);
});

test('every combination of labels has an index of its own', () => {
  const space = new LabelSpace([colour, size]);
  const seen = new Set<number>();
  for (const one of colour.values)
    for (const other of size.values) {
      const index = space.indexOf(colour.placeOf(one), size.placeOf(other));
      expect(space.at(index)).toEqual({ colour: one, size: other });
      seen.add(index);
    }
  expect(seen.size).toBe(space.size);
  expect(() => new LabelSpace([colour, size, colour, size, size])).toThrow(RangeError);
});

test('a duration is counted in the first bucket that holds it, and in every larger one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double({ min: 0, max: 20_000, noNaN: true })), async (durationsMs) => {
      const registry = new Registry();
      const histogram = histogramOn(registry, timed);
      for (const durationMs of durationsMs) histogram.row(colour.placeOf('red')).observe(durationMs);
      const series = await scrape(registry);
      for (const le of [...durationBucketsSeconds, Number.POSITIVE_INFINITY]) {
        const expected = durationsMs.filter((durationMs) => durationMs <= le * 1000).length;
        const bound = Number.isFinite(le) ? `${le}` : '+Inf';
        const told = series.get(`things_duration_seconds_bucket{le="${bound}",colour="red"}`) ?? 0;
        expect(told).toBe(expected);
      }
      const sum = durationsMs.reduce((total, durationMs) => total + durationMs / 1000, 0);
      expect(series.get('things_duration_seconds_sum{colour="red"}') ?? 0).toBeCloseTo(sum, 6);
    }),
    { numRuns: 50 },
  );
});

test('sources of a gauge add up or the largest counts, and one that has ended is asked no more', async () => {
  for (const [merge, both] of [
    ['sum', 5],
    ['max', 3],
  ] as const) {
    const registry = new Registry();
    const gauge = readingOn(registry, read(merge));
    const end = gauge.read((tell) => tell(3, 'small'));
    gauge.read((tell) => tell(2, 'small'));
    expect([...(await scrape(registry))]).toEqual([['things{size="small"}', both]]);
    end();
    expect([...(await scrape(registry))]).toEqual([['things{size="small"}', 2]]);
  }
});

test('of names as many are told as the label has room for, each of its form, and those of one scrape take no room at the next', async () => {
  const registry = new Registry();
  const person = nameLabel('person', { most: 2, isName: (text) => /^[a-z]+$/.test(text), meaning: 'people' });
  const gauge = readingOn(registry, { ...read('sum'), labels: [person, size] as const });
  let names = ['ann', 'no name', '', 'bob', 'cid', 'ann'];
  gauge.read((tell) => {
    for (const name of names) tell(1, name, 'small');
  });
  const told = async () => [...(await scrape(registry))];
  expect(await told()).toEqual([
    ['things{person="ann",size="small"}', 2],
    ['things{person="bob",size="small"}', 1],
  ]);
  names = ['cid'];
  expect(await told()).toEqual([['things{person="cid",size="small"}', 1]]);
});

test('what is of one takes no second source while it has one', async () => {
  const registry = new Registry();
  const reading = readingOn(registry, { ...read('sum'), isOfOne: true });
  const end = reading.read((tell) => tell(1, 'small'));
  expect(() => reading.read((tell) => tell(2, 'small'))).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  end();
  reading.read((tell) => tell(2, 'small'));
  expect([...(await scrape(registry))]).toEqual([['things{size="small"}', 2]]);
});

test('what prom-client does with its own metrics it does with these: JSON, OpenMetrics, reset, merge and the sum over a cluster', async () => {
  const registry = new Registry();
  const counter = counterOn(registry, counted);
  const histogram = histogramOn(registry, timed);
  readingOn(registry, read('sum')).read((tell) => tell(4, 'large'));
  registry.setDefaultLabels({ node: 'a' });
  counter.inc(colour.placeOf('red'), size.placeOf('small'));
  histogram.row(colour.placeOf('red')).observe(3);

  const text = await registry.metrics();
  expect(text).toContain('# TYPE things_total counter\nthings_total{colour="red",size="small",node="a"} 1');
  expect(await Registry.merge([registry]).metrics()).toContain('things_duration_seconds_sum');

  const json = await registry.getMetricsAsJSON();
  const summed = AggregatorRegistry.aggregate([json, json]);
  const total = await summed.metrics();
  expect(total).toContain('things_total{colour="red",size="small",node="a"} 2');
  expect(total).toContain('things_duration_seconds_bucket{le="0.005",colour="red",node="a"} 2');

  const open = new Registry() as Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE> | Registry;
  counterOn(open as Registry, counted).inc(colour.placeOf('blue'), size.placeOf('large'));
  (open as Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>).setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const time of ['once', 'again'])
    expect(await open.metrics(), time).toContain('# TYPE things counter\nthings_total{colour="blue",size="large"} 1');
  counterOn(open as Registry, counted).inc(colour.placeOf('blue'), size.placeOf('large'));
  expect(await open.metrics()).toContain('things_total{colour="blue",size="large"} 2');

  registry.resetMetrics();
  const reset = await scrape(registry);
  expect([...reset]).toEqual([['things{size="large",node="a"}', 4]]);
});

test('every metric is named as Prometheus has it, and no two are named the same', () => {
  const definitions = Object.values(metricTable).flat();
  expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
  for (const { name, type, unit, help, labels } of definitions) {
    expect(name).toMatch(/^lighthouse_compat_[a-z0-9]+(?:_[a-z0-9]+)*$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    if (unit === 'seconds' || unit === 'bytes' || unit === 'ratio')
      expect(name).toMatch(new RegExp(`_${unit}(?:_total)?$`));
    expect(help).toMatch(/^[A-Z01].*\.$/);
    for (const { name: labelName } of labels) expect(labelName).toMatch(/^[a-z]+$/);
    expect(new Set(labels.map((one) => one.name)).size).toBe(labels.length);
  }
});

test('whatever an instance registers stands in the table', async () => {
  const registry = new Registry();
  createMetrics(registry);
  await openTwoEngines({ registry });
  const names = new Set(
    Object.values(metricTable)
      .flat()
      .map(({ name }) => name),
  );
  const registered = registry.getMetricsAsArray().map(({ name }) => name);
  expect(registered.length).toBeGreaterThan(20);
  expect(registered.filter((name) => !names.has(name))).toEqual([]);
});

test.skipIf(!hasPromtool)('promtool finds nothing to mend in what is scraped', async () => {
  const registry = new Registry();
  const { compat } = await openTwoEngines({ registry });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  expect(promtool(['check', 'metrics'], await registry.metrics())).toEqual({ status: 0, output: '' });
});
