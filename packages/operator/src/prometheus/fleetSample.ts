import { type HealthSample, healthSampleOf, type SpeedStratum } from '@lighthouse-compat/sdk';
import { addTo, noSums } from './growth.js';
import type { Sums } from './growthWindow.js';

/**
 * Puts the processes of a fleet together. Both versions' durations of one and the same call are held against each other,
 * wherever it was made; else v4 and v5 at one and the same instance only, since machines differ more than versions do.
 */
export function fleetSample(sums: Sums): Omit<HealthSample, 'comparisonsSinceReset' | 'sharedEngine'> {
  const all = noSums();
  for (const figures of sums.values()) addTo(all, figures);
  const sample = healthSampleOf(all);
  const arms = [...sums].flatMap(([instance, figures]): readonly SpeedStratum[] =>
    healthSampleOf(figures).speed.flatMap((stratum) =>
      stratum.kind === 'arms' && stratum.v4.count + stratum.v5.count > 0
        ? [{ ...stratum, name: `${stratum.name} at ${instance}` }]
        : [],
    ),
  );
  return { ...sample, speed: [...sample.speed.filter(({ kind }) => kind === 'pairs'), ...arms] };
}
