import { ConversionError } from './errors.js';
import { describeType } from './read.js';
import type { Data, Quantity } from './types/scalars.js';

/** The greatest uint64. */
export const UINT64_MAX: bigint = 2n ** 64n - 1n;

/** The greatest uint256. */
export const UINT256_MAX: bigint = 2n ** 256n - 1n;

const QUANTITY = /^0x(?:0|[1-9a-fA-F][0-9a-fA-F]*)$/;

// A megabyte of transactions is validated on every payload, so the digits are tested four at a time. The buffer is only
// scratch paper: it is written before it is read, within one synchronous call.
const CHUNK_CHARS = 16_384;
const ZERO = 0x30;
const WORDS_AT_ONCE = 2;
const encoder = new TextEncoder();
const bytes = new Uint8Array(CHUNK_CHARS + 4 * WORDS_AT_ONCE);
const words = new Int32Array(bytes.buffer);
const EVERY_HIGHEST_BIT = 0x80808080 | 0;

/** Sets the highest bit of each of the four bytes (all ASCII) that is a digit or a lower-case hex letter; the other bits mean nothing. Each sum sets it from one bound on, so that an odd number of them sets it between the first and the second (0 to 9) and between the third and the fourth (a to f). */
function lowerCaseHexDigits(word: number): number {
  return (word + 0x50505050) ^ (word + 0x46464646) ^ (word + 0x1f1f1f1f) ^ (word + 0x19191919);
}

/** The same for a hex digit in either case, in more steps. */
function hexDigits(word: number): number {
  const upperCase = (word + 0x3f3f3f3f) ^ (word + 0x39393939);
  return lowerCaseHexDigits(word) ^ upperCase;
}

/** Tells whether the first bytes of the buffer, whose rest is filled up to two words, are hex digits. */
function areHexDigits(length: number): boolean {
  const count = WORDS_AT_ONCE * Math.ceil(length / (4 * WORDS_AT_ONCE));
  let all = EVERY_HIGHEST_BIT;
  for (let i = 0; i < count; i += WORDS_AT_ONCE) {
    all &= lowerCaseHexDigits(words[i] as number) & lowerCaseHexDigits(words[i + 1] as number);
  }
  if ((all & EVERY_HIGHEST_BIT) === EVERY_HIGHEST_BIT) return true;
  // Engines write lower case; what is not may still be hex.
  all = EVERY_HIGHEST_BIT;
  for (let i = 0; i < count; i++) all &= hexDigits(words[i] as number);
  return (all & EVERY_HIGHEST_BIT) === EVERY_HIGHEST_BIT;
}

/** Tells whether all that follows the two characters of the prefix is hex digits, in time linear in the length. */
function isHexAfterPrefix(text: string): boolean {
  for (let start = 0; start < text.length; start += CHUNK_CHARS) {
    const chunk = text.length <= CHUNK_CHARS ? text : text.slice(start, start + CHUNK_CHARS);
    const length = chunk.length;
    // As many bytes as characters are written only if every character is ASCII.
    if (encoder.encodeInto(chunk, bytes).written !== length) return false;
    if (start === 0) bytes[1] = ZERO;
    for (let i = length; i < length + 4 * WORDS_AT_ONCE - 1; i++) bytes[i] = ZERO;
    if (!areHexDigits(length)) return false;
  }
  return true;
}

/**
 * Reads DATA of `minBytes` to `maxBytes` bytes, its case kept as given.
 *
 * @throws ConversionError `INVALID_TYPE` if it is no string, `INVALID_DATA` if it is not 0x and an even number of hex digits, `INVALID_LENGTH`
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/common.md#encoding
 */
export function readData(value: unknown, minBytes: number, maxBytes: number, path: string): Data {
  if (typeof value !== 'string') {
    throw new ConversionError('INVALID_TYPE', path, `expected DATA, got ${describeType(value)}`);
  }
  if (value.length % 2 !== 0 || !value.startsWith('0x') || !isHexAfterPrefix(value)) {
    throw new ConversionError('INVALID_DATA', path, 'expected 0x followed by an even number of hex digits');
  }
  const size = value.length / 2 - 1;
  if (size < minBytes || size > maxBytes) {
    const expected = minBytes === maxBytes ? `${minBytes}` : `${minBytes} to ${maxBytes}`;
    throw new ConversionError('INVALID_LENGTH', path, `expected ${expected} bytes, got ${size}`);
  }
  return value as Data;
}

/**
 * Reads a QUANTITY of at most `max`, a uint of 64 or 256 bits.
 *
 * @throws ConversionError `INVALID_TYPE` if it is no string, `INVALID_QUANTITY` if it is not 0x and hex digits without leading zeros, `OUT_OF_RANGE`
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/common.md#encoding
 */
export function readQuantity(value: unknown, max: bigint, path: string): bigint {
  if (typeof value !== 'string') {
    throw new ConversionError('INVALID_TYPE', path, `expected a QUANTITY, got ${describeType(value)}`);
  }
  if (!QUANTITY.test(value)) {
    throw new ConversionError('INVALID_QUANTITY', path, 'expected 0x followed by hex digits without leading zeros');
  }
  // 0x and the 64 digits of a uint256: what is longer is never turned into a number.
  return readUint(value.length > 66 ? UINT256_MAX + 1n : BigInt(value), max, path);
}

/**
 * Reads a bigint from 0 to `max`.
 *
 * @throws ConversionError `INVALID_TYPE` if it is no bigint, `OUT_OF_RANGE`
 */
export function readUint(value: unknown, max: bigint, path: string): bigint {
  if (typeof value !== 'bigint') {
    throw new ConversionError('INVALID_TYPE', path, `expected a bigint, got ${describeType(value)}`);
  }
  if (value < 0n || value > max) {
    throw new ConversionError('OUT_OF_RANGE', path, `expected a uint${max === UINT64_MAX ? 64 : 256}`);
  }
  return value;
}

/** Writes a bigint that is not negative as a QUANTITY: lower case, no leading zeros, `0x0` for zero. */
export function toQuantity(value: bigint): Quantity {
  return `0x${value.toString(16)}` as Quantity;
}
