import type { ConversionEffects, ConversionName } from './effects.js';
import type { ExecutionPayloadCapella, ExecutionPayloadDeneb } from './types/executionPayload.js';
import type { ForkchoiceState, ForkchoiceStateV3 } from './types/forkchoiceState.js';
import type { PayloadAttributesV2, PayloadAttributesV3 } from './types/payloadAttributes.js';
import type { Hash32 } from './types/scalars.js';

/**
 * Gives Lighthouse v5's structure of a Capella payload in constant time: both blob gas fields are 0, everything else is carried over, the lists by reference.
 *
 * It is no Deneb block: its block hash is that of a Capella header, so it never goes on the wire by engine_newPayloadV3.
 */
export function convertExecutionPayload(payload: ExecutionPayloadCapella): ExecutionPayloadDeneb {
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
  rest satisfies Record<string, never>;
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

/** Gives Lighthouse v5's forkchoice state; its `justifiedBlockHash` is the finalized hash unless one is given. */
export function convertForkchoiceState(
  state: ForkchoiceState,
  { justifiedBlockHash }: { readonly justifiedBlockHash?: Hash32 | undefined } = {},
): ForkchoiceStateV3 {
  const { headBlockHash, safeBlockHash, finalizedBlockHash, ...rest } = state;
  rest satisfies Record<string, never>;
  return {
    headBlockHash,
    safeBlockHash,
    finalizedBlockHash,
    justifiedBlockHash: justifiedBlockHash ?? finalizedBlockHash,
  };
}

/** Gives PayloadAttributesV3 without a root (null): what V3 needs on the wire, a caller has to say. */
export function convertPayloadAttributes(attributes: PayloadAttributesV2): PayloadAttributesV3 {
  const { timestamp, prevRandao, suggestedFeeRecipient, withdrawals, ...rest } = attributes;
  rest satisfies Record<string, never>;
  return { timestamp, prevRandao, suggestedFeeRecipient, withdrawals, parentBeaconBlockRoot: null };
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
};
