import { createLighthouseCompat, type LighthouseCompat, type LighthouseCompatOptions } from '@lighthouse-compat/sdk';
import { onTestFinished } from 'vitest';
import { forks, hash } from '../samples.js';
import { type SpecEngine, startSpecEngine } from './specEngine.js';
import type { SpecOptions } from './specMethods.js';

/** The SDK between two engines that answer by the specification, ended with the test. */
export type TwoSpecEngines = {
  readonly compat: LighthouseCompat;
  readonly v4: SpecEngine;
  readonly v5: SpecEngine;
  /** Opens the SDK on the same engines once more, as if it had been started anew. */
  reopen(): Promise<LighthouseCompat>;
};

/** Starts two spec engines on one genesis and the SDK on them; fails the test if the SDK broke an engine's order. Both check block hashes, and each marks the blocks that it builds. */
export async function openTwoSpecEngines({
  engines = {},
  ...options
}: Partial<LighthouseCompatOptions> & { readonly engines?: Partial<SpecOptions> } = {}): Promise<TwoSpecEngines> {
  const spec = { forks, genesis: { hash: hash(0xabc), timestamp: 110n }, checkBlockHashes: true, ...engines };
  const [v4, v5] = await Promise.all([
    startSpecEngine({ ...spec, extraData: '0x04' }),
    startSpecEngine({ ...spec, extraData: '0x05' }),
  ]);
  const opened: LighthouseCompat[] = [];
  onTestFinished(async () => {
    for (const compat of opened) await compat.close();
    await Promise.all([v4.stop(), v5.stop()]);
    const breaches = [...v4.breaches, ...v5.breaches];
    if (breaches.length > 0) throw new Error(`the order of an engine was broken: ${breaches.join('; ')}`);
  });
  const reopen = async (): Promise<LighthouseCompat> => {
    await opened.at(-1)?.close();
    const compat = await createLighthouseCompat({
      v4: { url: v4.url, jwtSecret: v4.secret },
      v5: { url: v5.url, jwtSecret: v5.secret },
      forks,
      ...options,
    });
    opened.push(compat);
    return compat;
  };
  return { compat: await reopen(), v4, v5, reopen };
}
