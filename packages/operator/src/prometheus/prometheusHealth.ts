import {
  type HealthSample,
  type HealthSource,
  healthSampleOf,
  systemClock,
  windowStartMs,
} from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { fleetSample } from './fleetSample.js';
import { createGrowthWindow } from './growthWindow.js';
import { type PrometheusHealthOptions, parseOptions } from './options.js';
import { deadline, prometheusApi } from './prometheusApi.js';
import { readScrapes, readTime, type Scrape } from './scrapes.js';
import { rangeSelector } from './selector.js';

/** A health source over all processes of a fleet, which also says why it has no sample. */
export type PrometheusHealth = HealthSource & {
  /** What kept the last sample from being made: an OperatorError PROMETHEUS_...; null where it was. */
  readonly problem: OperatorError | null;
};

const incomplete = (what: string): OperatorError => new OperatorError('PROMETHEUS_INCOMPLETE', what);

/**
 * Makes a health source of what Prometheus has scraped: the sample that one process makes of its own calls, over all
 * instances. It is null, and the migration held, where anything of it cannot be known: Prometheus is away, slow or answers
 * in part, or an instance is missing, told twice, or has not been scraped for `staleAfterMs`. Throws INVALID_OPTION.
 */
export function prometheusHealth(options: PrometheusHealthOptions): PrometheusHealth {
  const { url, windowMs, instances, labels, staleAfterMs, timeoutMs } = parseOptions(options);
  const { clock = systemClock, logger } = options;
  const api = prometheusApi(url, options);
  // No answer reaches farther back than a window and `staleAfterMs`.
  const growth = createGrowthWindow({ windowMs, forgetAfterMs: windowMs + 2 * staleAfterMs });

  let epoch = 0;
  let resetMs = clock.monotonicMs();
  let underWay: { readonly epoch: number; readonly sample: Promise<HealthSample | null>; abort(): void } | undefined;
  let problem: OperatorError | null = null;
  let isClosed = false;

  function say(now: OperatorError | null): void {
    if (now?.message === problem?.message) return;
    problem = now;
    if (now === null) logger?.info('health: Prometheus tells everything again');
    else logger?.warn(`health: there is no sample: ${now.code}: ${now.message}`);
  }

  /** Gives the newest scrape of every instance; throws PROMETHEUS_INCOMPLETE unless each has told of itself lately, and none that is not expected. */
  function requireFresh(scrapes: ReadonlyMap<string, readonly Scrape[]>, nowAtMs: number): readonly Scrape[] {
    const fresh = new Map<string, Scrape>();
    for (const [name, found] of scrapes) {
      const newest = found.at(-1);
      if (newest !== undefined && newest.atMs >= nowAtMs - staleAfterMs) fresh.set(name, newest);
    }
    const some = (names: Iterable<string>): string => [...names].sort().slice(0, 20).join(', ');
    if (typeof instances === 'number') {
      if (fresh.size !== instances)
        throw incomplete(
          `${instances} instances are expected, and ${fresh.size} tell of themselves: ${some(fresh.keys())}`,
        );
    } else {
      const missing = instances.filter((name) => !fresh.has(name));
      if (missing.length > 0) throw incomplete(`nothing whole for ${staleAfterMs} ms from ${some(missing)}`);
    }
    return [...fresh.values()];
  }

  /** How far back there may be something that has not been added up. */
  function rangeMs(nowAtMs: number): number {
    const times = [...growth.lasts.values()].map(({ atMs }) => atMs);
    const newestMs = Math.max(...times);
    // One that has told nothing for so long tells nothing new of that time either.
    const sinceMs = Math.min(...times.filter((atMs) => atMs >= newestMs - staleAfterMs));
    const backMs = times.length === 0 ? clock.monotonicMs() - resetMs : nowAtMs - sinceMs;
    return Math.min(Math.max(backMs, 0), windowMs) + staleAfterMs;
  }

  async function make(signal: AbortSignal, ofEpoch: number): Promise<HealthSample | null> {
    // Before it is asked, so that what the answer takes makes no window longer.
    const nowMs = clock.monotonicMs();
    // Its own time, by which it writes down what it scrapes: this process's clock may go otherwise.
    const nowAtMs = readTime(await api.query('time()', { signal }));
    const selector = rangeSelector({ labels, instances, rangeMs: rangeMs(nowAtMs) });
    const scrapes = readScrapes(await api.query(selector, { signal, atSeconds: nowAtMs / 1_000 }));
    // What has been asked for before a reset says nothing about the window after it.
    if (ofEpoch !== epoch || isClosed) return null;
    const fresh = requireFresh(scrapes, nowAtMs);
    growth.add(scrapes, { startMs: windowStartMs({ resetMs, nowMs, windowMs }), nowMs, nowAtMs });
    return {
      ...fleetSample(growth.read()),
      comparisonsSinceReset: healthSampleOf(growth.sinceReset).comparisons,
      // With one that has two engines there is something to compare.
      sharedEngine: fresh.every(({ sharedEngine }) => sharedEngine),
    };
  }

  return {
    reset() {
      epoch += 1;
      resetMs = clock.monotonicMs();
      growth.reset();
    },
    async sample() {
      if (isClosed) return null;
      if (underWay?.epoch === epoch) return underWay.sample;
      underWay?.abort();
      const ofEpoch = epoch;
      const limit = deadline(clock, timeoutMs);
      const sample = make(limit.signal, ofEpoch)
        .then(
          (made) => {
            if (ofEpoch === epoch) say(null);
            return made;
          },
          (error: unknown) => {
            if (!(error instanceof OperatorError)) throw error;
            if (ofEpoch === epoch && !isClosed) say(error);
            return null;
          },
        )
        .finally(() => {
          limit.end();
          if (underWay?.sample === sample) underWay = undefined;
        });
      underWay = { epoch: ofEpoch, sample, abort: limit.abort };
      return sample;
    },
    close() {
      isClosed = true;
      underWay?.abort();
    },
    get problem() {
      return problem;
    },
  };
}
