import { encodeRlp, getBytes, toBeArray } from 'ethers/utils';
import type { ExecutionPayload } from '../types/executionPayload.js';
import type { Hash32 } from '../types/scalars.js';
import { transactionsRootOf, withdrawalsRootOf } from './roots.js';

/** keccak256 of the RLP of an empty list: there are no ommers after the merge (EIP-3675). */
const NO_OMMERS = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347';
const NO_DIFFICULTY = '0x';
const NO_NONCE = '0x0000000000000000';

/** A header's fields in their order (EIP-3675; from Shanghai on EIP-4895; from Cancun on EIP-4844 and EIP-4788), in RLP. */
export function encodeHeader(payload: ExecutionPayload, parentBeaconBlockRoot: Hash32 | undefined): Uint8Array {
  const fields: (string | Uint8Array)[] = [
    payload.parentHash,
    NO_OMMERS,
    payload.feeRecipient,
    payload.stateRoot,
    transactionsRootOf(payload.transactions),
    payload.receiptsRoot,
    payload.logsBloom,
    NO_DIFFICULTY,
    toBeArray(payload.blockNumber),
    toBeArray(payload.gasLimit),
    toBeArray(payload.gasUsed),
    toBeArray(payload.timestamp),
    payload.extraData,
    payload.prevRandao,
    NO_NONCE,
    toBeArray(payload.baseFeePerGas),
  ];
  if (payload.withdrawals !== undefined) fields.push(withdrawalsRootOf(payload.withdrawals));
  if (payload.blobGasUsed !== undefined && parentBeaconBlockRoot !== undefined) {
    fields.push(toBeArray(payload.blobGasUsed), toBeArray(payload.excessBlobGas), parentBeaconBlockRoot);
  }
  return getBytes(encodeRlp(fields));
}
