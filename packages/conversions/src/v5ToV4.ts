import { blockInvalidates, type ConversionEffects, type ConversionName } from './effects.js';
import { ConversionError } from './errors.js';
import { refuseRest } from './rest.js';
import type {
  BeaconBlockBodyCapella,
  BeaconBlockBodyDeneb,
  SignedBeaconBlockCapella,
  SignedBeaconBlockDeneb,
} from './types/beaconBlock.js';
import type { ExecutionPayloadCapella, ExecutionPayloadDeneb } from './types/executionPayload.js';
import type { ForkchoiceState, ForkchoiceStateV3 } from './types/forkchoiceState.js';
import type { PayloadAttributesV2, PayloadAttributesV3 } from './types/payloadAttributes.js';
import type { Hash32 } from './types/scalars.js';
import { firstBlobTransaction } from './versionedHashes.js';

/**
 * Gives the Capella payload of a Deneb structure that holds nothing of Deneb's; the lists are carried over by reference.
 *
 * @throws ConversionError `INCOMPATIBLE_FEATURE` for `blobGasUsed` or `excessBlobGas` over 0 (value: decimal), the first type-3 transaction (feature `transactions`, value `0x03`) or a `parentBeaconBlockRoot` handed beside the payload (value: the root), in this order; `UNKNOWN_FIELD` for a field that a Deneb payload does not have
 */
export function convertExecutionPayload(
  payload: ExecutionPayloadDeneb,
  {
    parentBeaconBlockRoot,
    path = 'executionPayload',
  }: { readonly parentBeaconBlockRoot?: Hash32 | null | undefined; readonly path?: string | undefined } = {},
): ExecutionPayloadCapella {
  const {
    parentHash,
    feeRecipient,
    stateRoot,
    receiptsRoot,
    logsBloom,
    prevRandao,
    blockNumber,
    gasLimit,
    gasUsed,
    timestamp,
    extraData,
    baseFeePerGas,
    blockHash,
    transactions,
    withdrawals,
    blobGasUsed,
    excessBlobGas,
    ...rest
  } = payload;
  refuseRest(rest, path);
  if (blobGasUsed > 0n) throw incompatible('blobGasUsed', `${blobGasUsed}`, `${path}.blobGasUsed`);
  if (excessBlobGas > 0n) throw incompatible('excessBlobGas', `${excessBlobGas}`, `${path}.excessBlobGas`);
  const blobIndex = firstBlobTransaction(transactions);
  if (blobIndex !== -1) throw incompatible('transactions', '0x03', `${path}.transactions[${blobIndex}]`);
  refuseRoot(parentBeaconBlockRoot, 'parentBeaconBlockRoot');
  return {
    parentHash,
    feeRecipient,
    stateRoot,
    receiptsRoot,
    logsBloom,
    prevRandao,
    blockNumber,
    gasLimit,
    gasUsed,
    timestamp,
    extraData,
    baseFeePerGas,
    blockHash,
    transactions,
    withdrawals,
  };
}

/**
 * Gives the three hashes of a forkchoice state whose `justifiedBlockHash` says nothing that the finalized hash does not; hex case is no difference.
 *
 * @throws ConversionError `INCOMPATIBLE_FEATURE` for a `justifiedBlockHash` other than the finalized (value: the hash); `UNKNOWN_FIELD` for a field that the structure does not have
 */
export function convertForkchoiceState(state: ForkchoiceStateV3): ForkchoiceState {
  const { headBlockHash, safeBlockHash, finalizedBlockHash, justifiedBlockHash, ...rest } = state;
  refuseRest(rest, 'forkchoiceState');
  if (justifiedBlockHash.toLowerCase() !== finalizedBlockHash.toLowerCase()) {
    throw incompatible('justifiedBlockHash', justifiedBlockHash, 'forkchoiceState.justifiedBlockHash');
  }
  return { headBlockHash, safeBlockHash, finalizedBlockHash };
}

/**
 * Gives PayloadAttributesV2 of V3 attributes without a root.
 *
 * @throws ConversionError `INCOMPATIBLE_FEATURE` for a `parentBeaconBlockRoot` (value: the root); `UNKNOWN_FIELD` for a field that the structure does not have
 */
export function convertPayloadAttributes(attributes: PayloadAttributesV3): PayloadAttributesV2 {
  const { timestamp, prevRandao, suggestedFeeRecipient, withdrawals, parentBeaconBlockRoot, ...rest } = attributes;
  refuseRest(rest, 'payloadAttributes');
  refuseRoot(parentBeaconBlockRoot, 'payloadAttributes.parentBeaconBlockRoot');
  return { timestamp, prevRandao, suggestedFeeRecipient, withdrawals };
}

/**
 * Gives Lighthouse v4's structure of a signed Deneb block that holds nothing of Deneb's: the payload as {@link convertExecutionPayload} does it, everything else carried over, the lists by reference; the block's `parentRoot` is in both.
 *
 * It is a structure, not a valid block: {@link effects} says what no longer holds.
 *
 * @throws ConversionError `INCOMPATIBLE_FEATURE` for what {@link convertExecutionPayload} refuses in the payload, then for the first of the `blobKzgCommitments` (value: the commitment); `UNKNOWN_FIELD` for a field that a Deneb block does not have
 */
export function convertBlock(block: SignedBeaconBlockDeneb): SignedBeaconBlockCapella {
  const { message, signature, ...blockRest } = block;
  refuseRest(blockRest, 'signedBeaconBlock');
  const { slot, proposerIndex, parentRoot, stateRoot, body, ...messageRest } = message;
  refuseRest(messageRest, 'signedBeaconBlock.message');
  return { message: { slot, proposerIndex, parentRoot, stateRoot, body: convertBody(body) }, signature };
}

function convertBody(body: BeaconBlockBodyDeneb): BeaconBlockBodyCapella {
  const {
    randaoReveal,
    eth1Data,
    graffiti,
    proposerSlashings,
    attesterSlashings,
    attestations,
    deposits,
    voluntaryExits,
    syncAggregate,
    executionPayload: denebPayload,
    blsToExecutionChanges,
    blobKzgCommitments,
    ...rest
  } = body;
  const path = 'signedBeaconBlock.message.body';
  refuseRest(rest, path);
  const executionPayload = convertExecutionPayload(denebPayload, { path: `${path}.executionPayload` });
  const [commitment] = blobKzgCommitments;
  if (commitment !== undefined) throw incompatible('blobKzgCommitments', commitment, `${path}.blobKzgCommitments[0]`);
  return {
    randaoReveal,
    eth1Data,
    graffiti,
    proposerSlashings,
    attesterSlashings,
    attestations,
    deposits,
    voluntaryExits,
    syncAggregate,
    executionPayload,
    blsToExecutionChanges,
  };
}

const KEPT_BLOCK_HASH =
  'Is kept, and holds only if the structure was converted from Capella: a Deneb header is hashed with more.';

/** What each conversion from v5 to v4 invalidates and refuses to lose; none makes anything up. */
export const effects: Readonly<Record<ConversionName, ConversionEffects>> = {
  convertExecutionPayload: {
    makesUp: [],
    invalidates: [{ field: 'blockHash', note: KEPT_BLOCK_HASH }],
    refuses: [
      { field: 'blobGasUsed', note: 'Over 0: Capella has no blob gas.' },
      { field: 'excessBlobGas', note: 'Over 0: Capella has no blob gas.' },
      { field: 'transactions', note: 'A type-3 transaction: Capella has no blob transactions.' },
      {
        field: 'parentBeaconBlockRoot',
        note: 'Handed beside the payload and not null: a Capella header has no such root.',
      },
    ],
  },
  convertForkchoiceState: {
    makesUp: [],
    invalidates: [],
    refuses: [{ field: 'justifiedBlockHash', note: 'Another hash than the finalized: v4 has no such field.' }],
  },
  convertPayloadAttributes: {
    makesUp: [],
    invalidates: [],
    refuses: [{ field: 'parentBeaconBlockRoot', note: 'Not null: V2 attributes have no such root.' }],
  },
  convertBlock: {
    makesUp: [],
    invalidates: [...blockInvalidates, { field: 'message.body.executionPayload.blockHash', note: KEPT_BLOCK_HASH }],
    refuses: [
      { field: 'message.body.executionPayload.blobGasUsed', note: 'Over 0: Capella has no blob gas.' },
      { field: 'message.body.executionPayload.excessBlobGas', note: 'Over 0: Capella has no blob gas.' },
      {
        field: 'message.body.executionPayload.transactions',
        note: 'A type-3 transaction: Capella has no blob transactions.',
      },
      { field: 'message.body.blobKzgCommitments', note: 'Not empty: Capella has no blobs.' },
    ],
  },
};

function refuseRoot(root: Hash32 | null | undefined, path: string): void {
  if (root !== null && root !== undefined) throw incompatible('parentBeaconBlockRoot', root, path);
}

function incompatible(feature: string, value: string, path: string): ConversionError {
  return new ConversionError('INCOMPATIBLE_FEATURE', path, `${value} cannot be said in Lighthouse v4's structures`, {
    feature,
    value,
  });
}
