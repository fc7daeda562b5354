import type { TrackingEventDetails } from '@openfeature/server-sdk';
import type { Unleash } from 'unleash-client';
import { isSafeKey } from './safeKey.js';

/** More names than this are no plan but user input, and the client keeps every one for good. */
const maximumNames = 1000;

/** Counts tracking events in Unleash's impact metrics: a counter of the event's name, and a histogram `<name>_value` of the values that come with it. */
export function impactTracker(unleash: Unleash): (name: string, details: TrackingEventDetails | undefined) => void {
  const names = new Set<string>();
  return (name, details) => {
    const metrics: Unleash['impactMetrics'] | undefined = unleash.impactMetrics;
    if (metrics === undefined || !isSafeKey(name)) return;
    if (!names.has(name)) {
      if (names.size === maximumNames) return;
      names.add(name);
      metrics.defineCounter(name, `Tracking events "${name}"`);
      metrics.defineHistogram(`${name}_value`, `Values of the tracking events "${name}"`);
    }
    metrics.incrementCounter(name);
    const value = details?.value;
    if (typeof value === 'number' && Number.isFinite(value)) metrics.observeHistogram(`${name}_value`, value);
  };
}
