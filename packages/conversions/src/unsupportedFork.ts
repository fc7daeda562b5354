import type { Codec } from './codec.js';
import { ConversionError } from './errors.js';
import type { Fork } from './fork.js';

const FORKS: ReadonlySet<string> = new Set(['paris', 'shanghai', 'cancun', 'prague'] satisfies Fork[]);

/** The codec of a structure that this package does not have, in either encoding. */
export const unsupportedFork: Codec<never, never> = {
  parse: refuseFork,
  serialize: refuseFork,
};

/** Refuses what is not the name of a fork at all, as a caller without types may give. */
export function assertFork(fork: Fork, path: string): void {
  if (!FORKS.has(fork)) refuseFork(fork, path);
}

function refuseFork(_value: unknown, path: string = 'fork'): never {
  throw new ConversionError('UNSUPPORTED_FORK', path, 'expected paris, shanghai or cancun');
}
