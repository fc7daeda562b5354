/** The first byte of an empty RLP string. */
export const RLP_STRING = 0x80;
/** The first byte of an empty RLP list. */
export const RLP_LIST = 0xc0;
/** No header is longer: the first byte and four of the length. */
export const HEADER_ROOM = 5;

const LONGEST_SHORT = 55;

/**
 * Writes the header of an RLP string or list of `length` bytes so that it ends at `end`, and gives where it begins.
 *
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/rlp
 */
export function prependHeader(target: Uint8Array, end: number, length: number, kind: number): number {
  let at = end;
  if (length <= LONGEST_SHORT) {
    target[--at] = kind + length;
    return at;
  }
  for (let rest = length; rest > 0; rest >>>= 8) target[--at] = rest & 0xff;
  const lengthBytes = end - at;
  target[--at] = kind + LONGEST_SHORT + lengthBytes;
  return at;
}
