import { type Codec, codecOf, type Encoding } from '../codec.js';
import { readQuantity, toQuantity } from '../hex.js';
import type { Shape } from '../shape.js';
import type { EngineJson } from './json.js';

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
