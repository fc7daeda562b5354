import { decodeRlp } from 'ethers';
import type { BlockTree } from './blockTree.js';
import { digestOf, fakeBlockHash } from './digest.js';
import type { JsonObject } from './params.js';
import { dataOf, quantityOf } from './structures.js';

/** PayloadStatusV1 (paris.md). */
export type Status = {
  readonly status: 'VALID' | 'INVALID' | 'SYNCING' | 'ACCEPTED' | 'INVALID_BLOCK_HASH';
  readonly latestValidHash: string | null;
  readonly validationError: string | null;
};

export const validStatus = (latestValidHash: string): Status => ({
  status: 'VALID',
  latestValidHash,
  validationError: null,
});
export const invalidStatus = (latestValidHash: string | null, validationError: string): Status => ({
  status: 'INVALID',
  latestValidHash,
  validationError,
});
const wrongBlockHash: Status = {
  status: 'INVALID_BLOCK_HASH',
  latestValidHash: null,
  validationError: 'the block hash does not match',
};
export const syncingStatus: Status = { status: 'SYNCING', latestValidHash: null, validationError: null };

/** What a test says of blocks that only their hash tells apart. */
export type BlockScript = {
  /** Blocks that execution finds INVALID, with the latestValidHash to tell; undefined: the newest valid ancestor. */
  readonly invalid: ReadonlyMap<string, string | null | undefined>;
  /** Blocks whose hash does not match their fields. */
  readonly tampered: ReadonlySet<string>;
};

const gasPerBlob = 131_072n;
const versionedHashesIndex = 10;

/** The versioned hashes of a payload's type-3 transactions (EIP-4844), undefined where one cannot be read. */
function versionedHashesOf(transactions: readonly string[]): readonly string[] | undefined {
  const hashes: string[] = [];
  for (const transaction of transactions) {
    if (!transaction.startsWith('0x03')) continue;
    try {
      const fields = decodeRlp(`0x${transaction.slice(4)}`);
      const own = fields[versionedHashesIndex];
      if (!Array.isArray(own)) return undefined;
      for (const hash of own) hashes.push(String(hash).toLowerCase());
    } catch {
      return undefined;
    }
  }
  return hashes;
}

/** Makes the judge of one engine: it holds what newPayload must answer for a payload whose structure and fork are right. With `checkBlockHashes` a payload's hash must be its fakeBlockHash; without, a hash is taken at its word, and stands for its first payload ever after. A wrong hash is INVALID_BLOCK_HASH, which only V1 may tell. */
export function createJudge(options: {
  readonly tree: BlockTree;
  readonly script: BlockScript;
  readonly checkBlockHashes: boolean;
}): (payload: JsonObject, beacon?: { readonly versionedHashes: readonly string[]; readonly root: string }) => Status {
  const { tree, script, checkBlockHashes } = options;
  const contents = new Map<string, string>();

  /** What must be found in every case, even while the engine syncs (paris.md, engine_newPayloadV1, point 1; cancun.md, engine_newPayloadV3, point 3). */
  function flawInItself(
    payload: JsonObject,
    beacon: { readonly versionedHashes: readonly string[]; readonly root: string } | undefined,
  ): Status | undefined {
    const hash = dataOf(payload, 'blockHash');
    const transactions = payload['transactions'] as readonly string[];
    if (transactions.includes('0x')) return invalidStatus(null, 'a transaction is empty');
    if (beacon !== undefined) {
      const actual = versionedHashesOf(transactions);
      const expected = beacon.versionedHashes.map((versionedHash) => versionedHash.toLowerCase());
      if (actual === undefined || actual.join() !== expected.join())
        return invalidStatus(null, 'the versioned hashes do not match');
      if (actual.some((versionedHash) => !versionedHash.startsWith('0x01')))
        return invalidStatus(null, 'the version of a hash is not 1');
    }
    const content = contents.get(hash);
    if (
      script.tampered.has(hash) ||
      (content !== undefined && content !== digestOf(payload, beacon?.root ?? null)) ||
      (checkBlockHashes && hash !== fakeBlockHash(payload, beacon?.root))
    ) {
      return wrongBlockHash;
    }
    return undefined;
  }

  return (payload, beacon) => {
    const hash = dataOf(payload, 'blockHash');
    const parentHash = dataOf(payload, 'parentHash');
    const flaw = flawInItself(payload, beacon);
    if (flaw !== undefined) return flaw;
    if (tree.find(hash) !== undefined) return validStatus(hash);
    const known = tree.invalid(hash);
    if (known !== undefined) return invalidStatus(known.latestValidHash, 'the block is known to be invalid');

    const reject = (latestValidHash: string | null, why: string): Status => {
      tree.addInvalid(hash, latestValidHash);
      contents.set(hash, digestOf(payload, beacon?.root ?? null));
      return invalidStatus(latestValidHash, why);
    };
    const parentFault = tree.invalid(parentHash);
    if (parentFault !== undefined) return reject(parentFault.latestValidHash, 'an ancestor is invalid');
    const parent = tree.find(parentHash);
    const blobGas = beacon === undefined ? undefined : BigInt(beacon.versionedHashes.length) * gasPerBlob;
    if (blobGas !== undefined && quantityOf(payload, 'blobGasUsed') !== blobGas) {
      return reject(parent?.hash ?? null, 'blobGasUsed is wrong');
    }
    if (parent === undefined) return syncingStatus;
    if (script.invalid.has(hash)) {
      const told = script.invalid.get(hash);
      return reject(told === undefined ? parent.hash : told, 'the state root is wrong');
    }
    tree.add({
      hash,
      parentHash,
      timestamp: quantityOf(payload, 'timestamp'),
      number: quantityOf(payload, 'blockNumber'),
    });
    contents.set(hash, digestOf(payload, beacon?.root ?? null));
    return validStatus(hash);
  };
}
