import { compose } from './compose.js';
import { type LighthouseCompatOptions, parseConfig } from './config.js';
import { openEngines } from './engine/openEngines.js';
import type { LighthouseCompat } from './lighthouseCompat.js';
import { readLatchFile } from './selection/latch.js';

/** Builds the SDK from its options; throws a CompatError, or a ConversionError INVALID_FORK_SCHEDULE, with the option's path. No engine is contacted before the first call. */
export async function createLighthouseCompat(options: LighthouseCompatOptions): Promise<LighthouseCompat> {
  const config = await parseConfig(options);
  const latch = config.latchFile === null ? null : await readLatchFile(config.latchFile, config.clock.nowMs());
  return compose(config, latch, openEngines);
}
