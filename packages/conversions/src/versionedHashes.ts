import { sha256 } from 'ethers/crypto';
import { decodeRlp } from 'ethers/utils';
import { checkCommitment } from './check.js';
import { ConversionError } from './errors.js';
import type { Data, Hash32 } from './types/scalars.js';

const BLOB_TRANSACTION_TYPE = '0x03';
const ZERO = 0x30;
const THREE = 0x33;
/** EIP-4844, TransactionPayloadBody with its signature: chain_id to s. */
const FIELD_COUNT = 14;
const VERSIONED_HASHES_INDEX = 10;
const HASH_CHARS = 66;
/** VERSIONED_HASH_VERSION_KZG (consensus-specs, deneb/beacon-chain.md). */
const KZG_VERSION = '0x01';

/** Gives the index of the first raw transaction of type 3 (EIP-4844), -1 if there is none. */
export function firstBlobTransaction(transactions: readonly Data[]): number {
  for (let i = 0; i < transactions.length; i++) if (isBlobTransaction(transactions[i] as Data)) return i;
  return -1;
}

function isBlobTransaction(transaction: Data): boolean {
  // By its characters: over the hundreds of transactions of a payload, startsWith takes ten times as long.
  return transaction.charCodeAt(3) === THREE && transaction.charCodeAt(2) === ZERO;
}

/**
 * Gives the versioned hashes of a payload's type-3 transactions in their order, which is what engine_newPayloadV3 expects beside the payload; other transactions are not decoded.
 *
 * The transactions are in the payload's form, without sidecar. The version byte of a hash, and a transaction without blobs, are for the engine to judge: a block that it would call INVALID must reach it.
 *
 * @throws ConversionError `INVALID_TRANSACTION` at `transactions[i]` for a type-3 transaction that is not RLP of 14 fields or has a versioned hash that is not 32 bytes
 * @see https://eips.ethereum.org/EIPS/eip-4844#blob-transaction
 */
export function blobVersionedHashes(transactions: readonly Data[], path: string = 'transactions'): readonly Hash32[] {
  const hashes: Hash32[] = [];
  for (let i = 0; i < transactions.length; i++) {
    const transaction = transactions[i] as Data;
    if (!isBlobTransaction(transaction)) continue;
    for (const hash of versionedHashesOf(transaction, `${path}[${i}]`)) hashes.push(hash);
  }
  return hashes;
}

/**
 * Gives the versioned hash of a KZG commitment of 48 bytes: its SHA-256 with the version 0x01 for the first byte.
 *
 * @throws ConversionError `INVALID_TYPE`, `INVALID_DATA` or `INVALID_LENGTH`
 * @see https://github.com/ethereum/consensus-specs/blob/master/specs/deneb/beacon-chain.md#kzg_commitment_to_versioned_hash
 */
export function versionedHashOf(commitment: Data, path: string = 'commitment'): Hash32 {
  return `${KZG_VERSION}${sha256(checkCommitment(commitment, path)).slice(KZG_VERSION.length)}` as Hash32;
}

function versionedHashesOf(transaction: Data, path: string): readonly Hash32[] {
  const fields = decodeFields(transaction, path);
  if (!Array.isArray(fields) || fields.length !== FIELD_COUNT) {
    throw invalid(path, `expected a list of ${FIELD_COUNT} fields, without sidecar`);
  }
  const hashes: unknown = fields[VERSIONED_HASHES_INDEX];
  if (!Array.isArray(hashes) || !hashes.every(isHash)) throw invalid(path, 'expected versioned hashes of 32 bytes');
  return hashes;
}

function decodeFields(transaction: Data, path: string): unknown {
  try {
    return decodeRlp(`0x${transaction.slice(BLOB_TRANSACTION_TYPE.length)}`);
  } catch {
    // The decoder's error repeats the whole transaction in its message, so it is not kept as the cause.
    throw invalid(path, 'is not RLP');
  }
}

function isHash(value: unknown): value is Hash32 {
  return typeof value === 'string' && value.length === HASH_CHARS;
}

function invalid(path: string, detail: string): ConversionError {
  return new ConversionError('INVALID_TRANSACTION', path, detail);
}
