import { createLighthouseCompat, type LighthouseCompat, type LighthouseCompatOptions } from '@lighthouse-compat/sdk';
import { onTestFinished } from 'vitest';
import { type FakeEngine, startFakeEngine } from './fakeEngine.js';
import { forks } from './samples.js';

/** The SDK between two fake engines, ended with the test. */
export type TwoEngines = { readonly compat: LighthouseCompat; readonly v4: FakeEngine; readonly v5: FakeEngine };

/** Starts two fake engines and the SDK on them; fails the test if the SDK broke an engine's order. */
export async function openTwoEngines(options: Partial<LighthouseCompatOptions> = {}): Promise<TwoEngines> {
  const [v4, v5] = await Promise.all([startFakeEngine(), startFakeEngine()]);
  const compat = await createLighthouseCompat({
    v4: { url: v4.url, jwtSecret: v4.secret },
    v5: { url: v5.url, jwtSecret: v5.secret },
    forks,
    ...options,
  });
  onTestFinished(async () => {
    await compat.close();
    await Promise.all([v4.stop(), v5.stop()]);
    const breaches = [...v4.breaches, ...v5.breaches];
    if (breaches.length > 0) throw new Error(`the order of an engine was broken: ${breaches.join('; ')}`);
  });
  return { compat, v4, v5 };
}
