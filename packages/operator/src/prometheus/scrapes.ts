import { healthSeries, healthSeriesAt } from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { laneMetric } from './selector.js';

/** Everything that one scrape of one process told. */
export type Scrape = {
  /** Prometheus's time, in Unix milliseconds. */
  readonly atMs: number;
  /** By place among `healthSeries`. */
  readonly totals: Float64Array;
  readonly sharedEngine: boolean;
};

const malformed = (what: string): OperatorError => new OperatorError('PROMETHEUS_MALFORMED', `the answer: ${what}`);
const incomplete = (what: string): OperatorError => new OperatorError('PROMETHEUS_INCOMPLETE', what);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads `[seconds, "value"]`, as Prometheus writes a value at its time. */
function readPoint(point: unknown): readonly [atMs: number, value: number] {
  if (!Array.isArray(point) || point.length !== 2) throw malformed('a value at its time is needed');
  const [seconds, text] = point;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || typeof text !== 'string' || text === '')
    throw malformed('a value at its time is needed');
  return [Math.round(seconds * 1_000), Number(text)];
}

/** Reads the answer to `time()` as Unix milliseconds; throws PROMETHEUS_MALFORMED. */
export function readTime(data: unknown): number {
  if (!isObject(data) || data['resultType'] !== 'scalar') throw malformed('a scalar is needed');
  const [, seconds] = readPoint(data['result']);
  if (!Number.isFinite(seconds)) throw malformed('a time is needed');
  return Math.round(seconds * 1_000);
}

type Target = { readonly instance: string; readonly cells: Map<number, Cells> };
type Cells = { readonly totals: Float64Array; shared: boolean };

const ownLabels = new Set(['__name__', ...healthSeries.flatMap(({ labels }) => Object.keys(labels)), 'engine']);

/** Labels of what was scraped, apart from those that the SDK gives. */
const targetOf = (metric: Readonly<Record<string, string>>): string =>
  JSON.stringify(
    Object.entries(metric)
      .filter(([name]) => !ownLabels.has(name))
      .sort(),
  );

function readSeries(targets: Map<string, Target>, series: unknown): void {
  if (!isObject(series) || !isObject(series['metric']) || !Array.isArray(series['values']))
    throw malformed('series with their values are needed');
  const metric = series['metric'];
  const isText = (labels: Readonly<Record<string, unknown>>): labels is Readonly<Record<string, string>> =>
    Object.values(labels).every((value) => typeof value === 'string');
  if (!isText(metric)) throw malformed('labels are texts');
  const { instance = '', __name__: name = '' } = metric;
  if (instance === '') throw malformed(`${name} has no label instance`);
  const own = Object.fromEntries(
    Object.entries(metric).filter(([label]) => label !== '__name__' && ownLabels.has(label)),
  );
  const at = name === laneMetric ? null : healthSeriesAt(name, own);
  // A label of the target's own has taken the place of one of the SDK's, or an SDK that is newer.
  if (at === undefined) throw malformed(`${name} of ${instance} has other labels than the SDK gives it`);
  const key = targetOf(metric);
  const target = targets.get(key) ?? { instance, cells: new Map<number, Cells>() };
  targets.set(key, target);
  for (const point of series['values']) {
    const [atMs, value] = readPoint(point);
    const cells = target.cells.get(atMs) ?? {
      totals: new Float64Array(healthSeries.length).fill(Number.NaN),
      shared: false,
    };
    target.cells.set(atMs, cells);
    if (at === null) cells.shared ||= metric['engine'] === 'shared';
    else cells.totals[at] = value;
  }
}

/** Whether a scrape told of each series a value that it can have. */
const isWhole = (totals: Float64Array): boolean =>
  totals.every(
    (value, at) => (healthSeries[at]?.isWhole ? Number.isSafeInteger(value) : Number.isFinite(value)) && value >= 0,
  );

/**
 * Reads the answer to a range selector as the whole scrapes of each instance, oldest first. One that tells only a part is
 * left out: what has been counted is in the next. Throws PROMETHEUS_MALFORMED, and PROMETHEUS_INCOMPLETE where one
 * instance is scraped twice over.
 */
export function readScrapes(data: unknown): ReadonlyMap<string, readonly Scrape[]> {
  if (!isObject(data) || data['resultType'] !== 'matrix' || !Array.isArray(data['result']))
    throw malformed('a matrix is needed');
  const targets = new Map<string, Target>();
  for (const series of data['result']) readSeries(targets, series);
  const scrapes = new Map<string, readonly Scrape[]>();
  const inOrder = [...targets.values()]
    .map(({ instance, cells }) => ({
      instance,
      found: [...cells]
        .filter(([, { totals }]) => isWhole(totals))
        .map(([atMs, { totals, shared }]): Scrape => ({ atMs, totals, sharedEngine: shared }))
        .sort((one, other) => one.atMs - other.atMs),
    }))
    .filter(({ found }) => found.length > 0)
    .sort((one, other) => (one.found[0] as Scrape).atMs - (other.found[0] as Scrape).atMs);
  for (const { instance, found } of inOrder) {
    const before = scrapes.get(instance) ?? [];
    const last = before.at(-1);
    if (last !== undefined && last.atMs >= (found[0] as Scrape).atMs)
      throw incomplete(`${instance} is scraped more than once: its calls would count twice`);
    scrapes.set(instance, [...before, ...found]);
  }
  return scrapes;
}
