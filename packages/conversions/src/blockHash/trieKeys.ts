// The keys of a header's tries are the RLP of the indices: 0x80 for 0, one byte up to 127, a header and the bytes beyond.

const FIRST_LONG = 0x80;

/** The indices from 0 up to `count` in the order of their RLP, in which 0 comes after 127. */
export function sortedIndices(count: number): readonly number[] {
  const order: number[] = [];
  for (let index = 1; index < Math.min(count, FIRST_LONG); index++) order.push(index);
  order.push(0);
  for (let index = FIRST_LONG; index < count; index++) order.push(index);
  return order;
}

/** The length of an index's key in nibbles. */
export function keyLength(index: number): number {
  return index < FIRST_LONG ? 2 : 2 + 2 * byteCount(index);
}

/** One nibble of an index's key. */
export function nibbleAt(index: number, position: number): number {
  const byte = keyByte(index, position >> 1);
  return position % 2 === 0 ? byte >> 4 : byte & 0x0f;
}

function keyByte(index: number, position: number): number {
  if (index === 0) return 0x80;
  if (index < FIRST_LONG) return index;
  const bytes = byteCount(index);
  return position === 0 ? 0x80 + bytes : (index >>> (8 * (bytes - position))) & 0xff;
}

function byteCount(index: number): number {
  return index < 0x100 ? 1 : index < 0x1_0000 ? 2 : index < 0x100_0000 ? 3 : 4;
}
