import { keccak256 } from './keccak256.js';
import { HEADER_ROOM, prependHeader, RLP_LIST, RLP_STRING } from './rlpHeader.js';
import { keyLength, nibbleAt, sortedIndices } from './trieKeys.js';

/** Writes a value into `target` from `at` on and gives its size in bytes. */
type WriteValue<T> = (value: T, target: Uint8Array, at: number) => number;

const NIBBLES = 16;
const EMPTY_STRING = 0x80;
const SHORTEST_HASHED_NODE = 32;
/** The flag of a leaf in a path's hex-prefix encoding; an extension has none. */
const LEAF = 0x20;
const ODD = 0x10;
/** A path is of four bytes at most, in an RLP string in an RLP list. */
const NODE_ROOM = 3 * HEADER_ROOM;

/**
 * Gives the root of the Merkle-Patricia trie that holds each value under the RLP of its index, which is how a header commits to its transactions and withdrawals.
 *
 * `capacity` is the size of the longest value in bytes; `write` writes one.
 *
 * @see https://ethereum.github.io/yellowpaper/paper.pdf, appendix D
 */
export function orderedTrieRoot<T>(values: readonly T[], capacity: number, write: WriteValue<T>): Uint8Array {
  if (values.length === 0) return keccak256(Uint8Array.of(EMPTY_STRING));
  const order = sortedIndices(values.length);
  const leafRoom = new Uint8Array(NODE_ROOM + capacity);

  /** The node over the keys from `low` up to `high` in their order, from a depth in nibbles on; valid until the next one is made. */
  function nodeOf(low: number, high: number, depth: number): Uint8Array {
    const first = order[low] as number;
    if (high - low === 1) return leaf(first, depth);
    const last = order[high - 1] as number;
    let fork = depth;
    while (nibbleAt(first, fork) === nibbleAt(last, fork)) fork += 1;
    const node = branch(low, high, fork);
    return fork === depth ? node : extension(first, depth, fork, referenceTo(node));
  }

  function leaf(index: number, depth: number): Uint8Array {
    const size = write(values[index] as T, leafRoom, NODE_ROOM);
    const end = NODE_ROOM + size;
    const isItsOwnRlp = size === 1 && (leafRoom[NODE_ROOM] as number) < EMPTY_STRING;
    let at = isItsOwnRlp ? NODE_ROOM : prependHeader(leafRoom, NODE_ROOM, size, RLP_STRING);
    at = prependPath(leafRoom, at, { index, from: depth, to: keyLength(index), flag: LEAF });
    return leafRoom.subarray(prependHeader(leafRoom, at, end - at, RLP_LIST), end);
  }

  function branch(low: number, high: number, depth: number): Uint8Array {
    const node = new Uint8Array(HEADER_ROOM + (NIBBLES + 1) * (SHORTEST_HASHED_NODE + 1));
    let end = HEADER_ROOM;
    let next = low;
    for (let nibble = 0; nibble < NIBBLES; nibble++) {
      const start = next;
      while (next < high && nibbleAt(order[next] as number, depth) === nibble) next += 1;
      if (next === start) {
        node[end++] = EMPTY_STRING;
      } else {
        const reference = referenceTo(nodeOf(start, next, depth + 1));
        node.set(reference, end);
        end += reference.length;
      }
    }
    // No key of these is the beginning of another, so that no branch has a value.
    node[end++] = EMPTY_STRING;
    return node.subarray(prependHeader(node, HEADER_ROOM, end - HEADER_ROOM, RLP_LIST), end);
  }

  return keccak256(nodeOf(0, values.length, 0));
}

function extension(index: number, from: number, to: number, child: Uint8Array): Uint8Array {
  const node = new Uint8Array(NODE_ROOM + child.length);
  node.set(child, NODE_ROOM);
  const at = prependPath(node, NODE_ROOM, { index, from, to, flag: 0 });
  return node.subarray(prependHeader(node, at, node.length - at, RLP_LIST));
}

/** How a node names another: by itself if it is short, else by its hash. */
function referenceTo(node: Uint8Array): Uint8Array {
  if (node.length < SHORTEST_HASHED_NODE) return node.slice();
  const reference = new Uint8Array(1 + SHORTEST_HASHED_NODE);
  reference[0] = RLP_STRING + SHORTEST_HASHED_NODE;
  reference.set(keccak256(node), 1);
  return reference;
}

/** A stretch of a key's nibbles and what ends there. */
type Path = { readonly index: number; readonly from: number; readonly to: number; readonly flag: number };

/** Writes a path in hex-prefix encoding so that it ends at `end`, and gives where it begins. */
function prependPath(target: Uint8Array, end: number, { index, from, to, flag }: Path): number {
  let at = end;
  let nibble = to;
  while (nibble - from >= 2) {
    nibble -= 2;
    target[--at] = (nibbleAt(index, nibble) << 4) | nibbleAt(index, nibble + 1);
  }
  target[--at] = nibble === from ? flag : flag | ODD | nibbleAt(index, from);
  return end - at === 1 ? at : prependHeader(target, at, end - at, RLP_STRING);
}
