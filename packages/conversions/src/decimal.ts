import { ConversionError } from './errors.js';
import { readUint, UINT256_MAX } from './hex.js';
import { describeType } from './read.js';
import type { Decimal } from './types/scalars.js';

const DECIMAL = /^(?:0|[1-9][0-9]*)$/;
/** The digits of the greatest uint256: what is longer is never turned into a number. */
const MAX_DIGITS = UINT256_MAX.toString().length;

/**
 * Reads a decimal string of at most `max`, a uint of 64 or 256 bits.
 *
 * @throws ConversionError `INVALID_TYPE` if it is no string, `INVALID_DECIMAL` if it is not decimal digits without sign and leading zeros, `OUT_OF_RANGE`
 * @see https://github.com/ethereum/consensus-specs/blob/master/ssz/simple-serialize.md#json-mapping
 */
export function readDecimal(value: unknown, max: bigint, path: string): bigint {
  if (typeof value !== 'string') {
    throw new ConversionError('INVALID_TYPE', path, `expected a decimal string, got ${describeType(value)}`);
  }
  if (!DECIMAL.test(value)) {
    throw new ConversionError('INVALID_DECIMAL', path, 'expected decimal digits without sign and leading zeros');
  }
  return readUint(value.length > MAX_DIGITS ? UINT256_MAX + 1n : BigInt(value), max, path);
}

/** Writes a bigint that is not negative in decimal. */
export function toDecimal(value: bigint): Decimal {
  return value.toString() as Decimal;
}
