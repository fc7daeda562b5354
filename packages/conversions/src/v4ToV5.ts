import { blockInvalidates, type ConversionEffects, type ConversionName } from './effects.js';
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

/**
 * Gives Lighthouse v5's structure of a Capella payload in constant time: both blob gas fields are 0, everything else is carried over, the lists by reference.
 *
 * It is no Deneb block: its block hash is that of a Capella header, so it never goes on the wire by engine_newPayloadV3.
 *
 * @throws ConversionError `UNKNOWN_FIELD` for a field that a Capella payload does not have
 */
export function convertExecutionPayload(
  payload: ExecutionPayloadCapella,
  { path = 'executionPayload' }: { readonly path?: string | undefined } = {},
): ExecutionPayloadDeneb {
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
    ...rest
  } = payload;
  refuseRest(rest, path);
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
    blobGasUsed: 0n,
    excessBlobGas: 0n,
  };
}

/**
 * Gives Lighthouse v5's forkchoice state; its `justifiedBlockHash` is the finalized hash unless one is given.
 *
 * @throws ConversionError `UNKNOWN_FIELD` for a field that v4's state does not have
 */
export function convertForkchoiceState(
  state: ForkchoiceState,
  { justifiedBlockHash }: { readonly justifiedBlockHash?: Hash32 | undefined } = {},
): ForkchoiceStateV3 {
  const { headBlockHash, safeBlockHash, finalizedBlockHash, ...rest } = state;
  refuseRest(rest, 'forkchoiceState');
  return {
    headBlockHash,
    safeBlockHash,
    finalizedBlockHash,
    justifiedBlockHash: justifiedBlockHash ?? finalizedBlockHash,
  };
}

/**
 * Gives PayloadAttributesV3 without a root (null): what V3 needs on the wire, a caller has to say.
 *
 * @throws ConversionError `UNKNOWN_FIELD` for a field that V2 attributes do not have
 */
export function convertPayloadAttributes(attributes: PayloadAttributesV2): PayloadAttributesV3 {
  const { timestamp, prevRandao, suggestedFeeRecipient, withdrawals, ...rest } = attributes;
  refuseRest(rest, 'payloadAttributes');
  return { timestamp, prevRandao, suggestedFeeRecipient, withdrawals, parentBeaconBlockRoot: null };
}

/**
 * Gives Lighthouse v5's structure of a signed Capella block: the payload as {@link convertExecutionPayload} does it, no blob commitments, everything else carried over, the lists by reference.
 *
 * It is a structure, not a valid block: {@link effects} says what no longer holds.
 *
 * @throws ConversionError `UNKNOWN_FIELD` for a field that a Capella block does not have
 */
export function convertBlock(block: SignedBeaconBlockCapella): SignedBeaconBlockDeneb {
  const { message, signature, ...blockRest } = block;
  refuseRest(blockRest, 'signedBeaconBlock');
  const { slot, proposerIndex, parentRoot, stateRoot, body, ...messageRest } = message;
  refuseRest(messageRest, 'signedBeaconBlock.message');
  return { message: { slot, proposerIndex, parentRoot, stateRoot, body: convertBody(body) }, signature };
}

function convertBody(body: BeaconBlockBodyCapella): BeaconBlockBodyDeneb {
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
    executionPayload,
    blsToExecutionChanges,
    ...rest
  } = body;
  const path = 'signedBeaconBlock.message.body';
  refuseRest(rest, path);
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
    executionPayload: convertExecutionPayload(executionPayload, { path: `${path}.executionPayload` }),
    blsToExecutionChanges,
    blobKzgCommitments: [],
  };
}

/** What each conversion from v4 to v5 makes up and invalidates; none refuses anything. */
export const effects: Readonly<Record<ConversionName, ConversionEffects>> = {
  convertExecutionPayload: {
    makesUp: [
      { field: 'blobGasUsed', note: 'Is 0: a Capella block has no blob transactions.' },
      { field: 'excessBlobGas', note: 'Is 0: a Capella block has no blob gas to run over.' },
    ],
    invalidates: [
      { field: 'blockHash', note: 'Is kept, and is the hash of the Capella header: that of a Deneb header differs.' },
    ],
    refuses: [],
  },
  convertForkchoiceState: {
    makesUp: [{ field: 'justifiedBlockHash', note: 'Is the finalized hash unless the caller gives one.' }],
    invalidates: [],
    refuses: [],
  },
  convertPayloadAttributes: {
    makesUp: [{ field: 'parentBeaconBlockRoot', note: 'Is null, which cannot go on the wire as V3.' }],
    invalidates: [],
    refuses: [],
  },
  convertBlock: {
    makesUp: [
      { field: 'message.body.executionPayload.blobGasUsed', note: 'Is 0: a Capella block has no blob transactions.' },
      {
        field: 'message.body.executionPayload.excessBlobGas',
        note: 'Is 0: a Capella block has no blob gas to run over.',
      },
      { field: 'message.body.blobKzgCommitments', note: 'Is empty: a Capella block has no blobs.' },
    ],
    invalidates: [
      ...blockInvalidates,
      {
        field: 'message.body.executionPayload.blockHash',
        note: 'Is kept, and is the hash of the Capella header: that of a Deneb header differs.',
      },
    ],
    refuses: [],
  },
};
