import { type Codec, codecOf, type Encoding } from '../codec.js';
import { readDecimal, toDecimal } from '../decimal.js';
import type { Shape } from '../shape.js';
import type { BeaconJson } from './json.js';

const encoding: Encoding = {
  // The Beacon API knows no null in these structures: it is neither a value nor an absent field.
  nullIsAbsent: false,
  fieldName: toSnakeCase,
  parseUint: readDecimal,
  serializeUint: toDecimal,
};

/** The codec of a shape in the Beacon API's JSON: snake_case names, decimal strings and DATA. */
export function beaconCodec<T>(shape: Shape<T>): Codec<T, BeaconJson<T>> {
  return codecOf(shape, encoding) as Codec<T, unknown> as Codec<T, BeaconJson<T>>;
}

/** As the type `SnakeCase` does it: `_` before a capital and before a number at the end. */
function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]|[0-9]+$/g, (match) => `_${match.toLowerCase()}`);
}
