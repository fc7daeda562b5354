import { type Codec, codecOf, type Encoding } from '../codec.js';
import { ConversionError } from '../errors.js';
import type { Fork } from '../fork.js';
import { readQuantity, toQuantity } from '../hex.js';
import type { Shape } from '../shape.js';
import type { EngineJson } from './json.js';

const FORKS: ReadonlySet<string> = new Set(['paris', 'shanghai', 'cancun', 'prague'] satisfies Fork[]);

const encoding: Encoding = {
  // "Any field having null value MUST be considered as not provided" (execution-apis, src/engine/common.md).
  nullIsAbsent: true,
  fieldName: (name) => name,
  parseUint: readQuantity,
  serializeUint: toQuantity,
};

/** The codec of a shape in the Engine API's JSON: camelCase names, QUANTITY and DATA. */
export function engineCodec<T>(shape: Shape<T>): Codec<T, EngineJson<T>> {
  return codecOf(shape, encoding) as Codec<T, unknown> as Codec<T, EngineJson<T>>;
}

/** The codec of a structure that this package does not have. */
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
