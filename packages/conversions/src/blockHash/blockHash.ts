import { hexlify } from 'ethers/utils';
import { checkExecutionPayload, checkExecutionPayloadOf, checkHash32 } from '../check.js';
import { ConversionError } from '../errors.js';
import type { Fork } from '../fork.js';
import { missingField, refuseUnknownField } from '../read.js';
import type { ExecutionPayload } from '../types/executionPayload.js';
import type { Data, Hash32 } from '../types/scalars.js';
import { assertFork } from '../unsupportedFork.js';
import { encodeHeader } from './header.js';
import { keccak256 } from './keccak256.js';

/** What a block hash covers beside the payload. */
export type BlockHashOptions = {
  /** The root of the parent beacon block: needed with a Deneb payload, null or left out with an older one (EIP-4788). */
  readonly parentBeaconBlockRoot?: Hash32 | null | undefined;
  /** The fork of the payload's timestamp, if it is known: else the fields tell it, which cannot tell Prague from Cancun. */
  readonly fork?: Fork | undefined;
  /** What errors call the payload. */
  readonly path?: string | undefined;
};

/** EIP-7702: in a block from Prague on only. */
const SET_CODE_TRANSACTION_TYPE = '0x04';

/**
 * Gives the hash of the execution header that a payload stands for: Paris's, Shanghai's or Cancun's, told by its fields; its own `blockHash` is not looked at.
 *
 * @throws ConversionError `UNSUPPORTED_FORK` for Prague, by its name or by a transaction of type 4: its header needs a requestsHash; `MISSING_FIELD` or `UNKNOWN_FIELD` for a `parentBeaconBlockRoot` that a Deneb payload has not or an older one has; else at the field that is missing, unknown or malformed
 * @see https://eips.ethereum.org/EIPS/eip-4788
 */
export function computeBlockHash(payload: ExecutionPayload, options: BlockHashOptions = {}): Hash32 {
  const { path = 'executionPayload' } = options;
  return hashOf(check(payload, options.fork, path), options, path);
}

/**
 * Compares a payload's `blockHash` with the hash that {@link computeBlockHash} gives for it; hex case is no difference.
 *
 * @throws ConversionError `BLOCK_HASH_MISMATCH` at its `blockHash` (value: the computed hash); else as {@link computeBlockHash}
 */
export function verifyBlockHash(payload: ExecutionPayload, options: BlockHashOptions = {}): void {
  const { path = 'executionPayload' } = options;
  const checked = check(payload, options.fork, path);
  const computed = hashOf(checked, options, path);
  if (checked.blockHash.toLowerCase() === computed) return;
  throw new ConversionError(
    'BLOCK_HASH_MISMATCH',
    `${path}.blockHash`,
    `is ${checked.blockHash}, and the payload hashes to ${computed}`,
    { value: computed },
  );
}

function hashOf(payload: ExecutionPayload, { parentBeaconBlockRoot }: BlockHashOptions, path: string): Hash32 {
  const isDeneb = payload.blobGasUsed !== undefined;
  const root = parentBeaconBlockRoot ?? undefined;
  if (isDeneb && root === undefined) throw missingField('parentBeaconBlockRoot');
  if (!isDeneb && root !== undefined) refuseUnknownField('parentBeaconBlockRoot');
  const setCodeIndex = payload.transactions.findIndex(isSetCodeTransaction);
  if (setCodeIndex !== -1) throw pragueRefused(`${path}.transactions[${setCodeIndex}]`);
  const checkedRoot = root === undefined ? undefined : checkHash32(root, 'parentBeaconBlockRoot');
  return hexlify(keccak256(encodeHeader(payload, checkedRoot))) as Hash32;
}

function isSetCodeTransaction(transaction: Data): boolean {
  return transaction.startsWith(SET_CODE_TRANSACTION_TYPE);
}

function check(payload: ExecutionPayload, fork: Fork | undefined, path: string): ExecutionPayload {
  if (fork === undefined) return checkExecutionPayload(payload, path);
  assertFork(fork, path);
  if (fork === 'prague') throw pragueRefused(path);
  return checkExecutionPayloadOf(fork, payload, path);
}

function pragueRefused(path: string): ConversionError {
  return new ConversionError('UNSUPPORTED_FORK', path, 'is of Prague, whose header needs a requestsHash');
}
