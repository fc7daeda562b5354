/** A block that the engine has judged VALID. */
export type Block = {
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: bigint;
  readonly number: bigint;
};

/** The blocks that one engine has judged, by hash in lower case. */
export type BlockTree = {
  find(hash: string): Block | undefined;
  /** Undefined for a block that is not INVALID; else the hash of its newest valid ancestor, as the engine tells it. */
  invalid(hash: string): { readonly latestValidHash: string | null } | undefined;
  add(block: Block): void;
  addInvalid(hash: string, latestValidHash: string | null): void;
  /** Whether a block is the head or an ancestor of it. */
  isOnChain(hash: string, head: string): boolean;
};

/** Starts with the genesis block alone. */
export function createBlockTree(genesis: Block): BlockTree {
  const valid = new Map([[genesis.hash, genesis]]);
  const invalid = new Map<string, { readonly latestValidHash: string | null }>();
  return {
    find: (hash) => valid.get(hash),
    invalid: (hash) => invalid.get(hash),
    add: (block) => void valid.set(block.hash, block),
    addInvalid: (hash, latestValidHash) => void invalid.set(hash, { latestValidHash }),
    isOnChain(hash, head) {
      for (let block = valid.get(head); block !== undefined; block = valid.get(block.parentHash)) {
        if (block.hash === hash) return true;
      }
      return false;
    },
  };
}
