import { ConversionError } from './errors.js';
import { readData } from './hex.js';
import type { Data } from './types/scalars.js';

/**
 * Reads the DATA of an SSZ bitlist of at most `maxBits` bits, its case kept as given; the highest bit of its last byte only marks the end.
 *
 * @throws ConversionError `INVALID_TYPE`, `INVALID_DATA` for DATA without that delimiting bit, `INVALID_LENGTH` for no bytes or too many bits
 * @see https://github.com/ethereum/consensus-specs/blob/master/ssz/simple-serialize.md#bitlistn
 */
export function readBitlist(value: unknown, maxBits: number, path: string): Data {
  const data = readData(value, 1, Math.floor(maxBits / 8) + 1, path);
  const lastByte = Number.parseInt(data.slice(-2), 16);
  if (lastByte === 0) throw new ConversionError('INVALID_DATA', path, 'expected a delimiting bit in the last byte');
  const bits = (data.length / 2 - 2) * 8 + (31 - Math.clz32(lastByte));
  if (bits > maxBits)
    throw new ConversionError('INVALID_LENGTH', path, `expected at most ${maxBits} bits, got ${bits}`);
  return data;
}
