const colon = 0x3a;
// From about this length on one call into the runtime is quicker than a loop over the characters.
const bulkCopyLength = 36;

// Pure scratch: no result depends on what an earlier call left here. Allocating the bytes anew for each key, or writing
// the group that is nearly always the same one, costs more than the hash itself. Nothing between writing and hashing
// yields, so one buffer is enough.
const scratch = Buffer.alloc(256);
const prefixes: Uint8Array[] = [];
let groupInScratch: string | undefined;

/**
 * Gives the low byte of each UTF-16 code unit of `groupId:id`, which is how Unleash's Node client reads a string.
 *
 * The bytes hold until the next call.
 */
export function keyBytes(groupId: string, id: string): Uint8Array {
  const start = groupId.length + 1;
  const length = start + id.length;
  // Node's latin1 is the low byte of each code unit, for characters beyond it as well.
  if (length > scratch.length) return Buffer.from(`${groupId}:${id}`, 'latin1');
  if (groupInScratch !== groupId) {
    scratch.write(groupId, 'latin1');
    scratch[start - 1] = colon;
    groupInScratch = groupId;
  }
  if (id.length < bulkCopyLength) {
    for (let i = 0; i < id.length; i++) scratch[start + i] = id.charCodeAt(i) & 0xff;
  } else {
    scratch.write(id, start, 'latin1');
  }
  prefixes[length] ??= scratch.subarray(0, length);
  return prefixes[length];
}
