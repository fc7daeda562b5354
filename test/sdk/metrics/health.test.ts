import { healthSampleOf, healthSeries, healthSeriesAt } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createMetrics } from '../../../packages/sdk/src/metrics/metrics.js';
import { observationHealth } from '../../../packages/sdk/src/migration/health/observationHealth.js';
import { createManualClock, createPublisher } from '../migration/observations.js';
import { anyObservation } from './anyObservation.js';

/** What a registry tells of each of the series that health is made of, as at a scrape. */
async function scraped(registry: Registry): Promise<Float64Array> {
  const totals = new Float64Array(healthSeries.length).fill(Number.NaN);
  for (const { name, values } of await registry.getMetricsAsJSON())
    for (const { labels, value } of values) {
      const at = healthSeriesAt(name, labels as Record<string, string>);
      if (at !== undefined) totals[at] = value;
    }
  return totals;
}

test('whatever is observed, the totals of two processes make the sample that one process makes of all its calls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyObservation, { maxLength: 80 }),
      fc.array(anyObservation, { maxLength: 80 }),
      async (before, within) => {
        const publisher = createPublisher();
        const source = observationHealth(publisher, { clock: createManualClock(), windowMs: 1_800_000 });
        const registries = [new Registry(), new Registry()];
        const recorders = registries.map((registry) => createMetrics(registry));
        before.forEach((observation, at) => void recorders[at % 2]?.observe(observation));
        const starts = await Promise.all(registries.map(scraped));
        within.forEach((observation, at) => {
          publisher.publish(observation);
          recorders[at % 2]?.observe(observation);
        });
        const ends = await Promise.all(registries.map(scraped));
        const increases = healthSeries.map((_, at) =>
          ends.reduce((sum, end, process) => sum + (end[at] as number) - (starts[process]?.[at] as number), 0),
        );
        const inProcess = await source.sample();
        if (inProcess === null) throw new Error('there is always a sample');
        const { comparisonsSinceReset: _since, sharedEngine: _shared, speed, ...counts } = inProcess;
        const { speed: scrapedSpeed, ...scrapedCounts } = healthSampleOf(increases);
        expect(scrapedCounts).toEqual(counts);
        // Sums of 160 logarithms, of 9 at most, and their differences: no more is lost than their last digits.
        const close = <T>(value: T): unknown =>
          typeof value === 'number' && !Number.isInteger(value) ? expect.closeTo(value, 7) : value;
        const closeMoments = ({ count, mean, m2 }: { count: number; mean: number; m2: number }) => ({
          count,
          mean: count === 0 ? 0 : expect.closeTo(mean, 7),
          m2: close(m2 < 1e-9 * count ? 0 : m2) === 0 ? expect.closeTo(0, 6) : expect.closeTo(m2, 7),
        });
        expect(scrapedSpeed).toEqual(
          speed.map((each) =>
            each.kind === 'pairs'
              ? { ...each, difference: closeMoments(each.difference) }
              : { ...each, v4: closeMoments(each.v4), v5: closeMoments(each.v5) },
          ),
        );
      },
    ),
    { numRuns: 60 },
  );
});
