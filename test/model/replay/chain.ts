import type { ExecutionPayload, ForkchoiceState, Hash32 } from '@lighthouse-compat/conversions';
import { capellaPayload, hash } from '../../support/samples.js';

/** A tree of blocks that grows: each is known by the number in its hash, which tells the order in which they were made. */
export type Chain = {
  readonly genesis: number;
  /** Makes a block on the newest one, or on an ancestor of it, and makes it the newest. */
  grow(back: number): number;
  readonly newest: number;
  parentOf(block: number): number;
  /** The block itself and everything below it, newest first. */
  ancestorsOf(block: number): readonly number[];
  payloadOf(block: number): ExecutionPayload;
  /** With the safe and the finalized block that far below the head. */
  forkchoiceOf(head: number): ForkchoiceState;
  hashOf(block: number): Hash32;
  numberOf(hash: string): number;
};

/** How far below the head the finalized block is. */
export const finalizedDepth = 12;
const safeDepth = 5;

export function createChain(): Chain {
  const genesis = 1;
  const parents = new Map<number, number>();
  let newest = genesis;
  const parentOf = (block: number): number => parents.get(block) ?? genesis;
  function ancestorsOf(block: number): number[] {
    const line = [block];
    for (let at = block; at !== genesis; at = parentOf(at)) line.push(parentOf(at));
    return line;
  }
  const below = (block: number, depth: number): number => ancestorsOf(block)[depth] ?? genesis;
  return {
    genesis,
    grow(back) {
      const parent = below(newest, back);
      newest = genesis + parents.size + 1;
      parents.set(newest, parent);
      return newest;
    },
    get newest() {
      return newest;
    },
    parentOf,
    ancestorsOf,
    payloadOf: (block) => ({ ...capellaPayload(2), blockHash: hash(block), parentHash: hash(parentOf(block)) }),
    forkchoiceOf: (head) => ({
      headBlockHash: hash(head),
      safeBlockHash: hash(below(head, safeDepth)),
      finalizedBlockHash: hash(below(head, finalizedDepth)),
    }),
    hashOf: hash,
    numberOf: (text) => Number(BigInt(text)),
  };
}
