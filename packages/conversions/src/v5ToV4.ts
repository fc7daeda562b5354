import type { ConversionEffects, ConversionName } from './effects.js';
import { ConversionError } from './errors.js';
import type { ExecutionPayloadCapella, ExecutionPayloadDeneb } from './types/executionPayload.js';
import type { ForkchoiceState, ForkchoiceStateV3 } from './types/forkchoiceState.js';
import type { PayloadAttributesV2, PayloadAttributesV3 } from './types/payloadAttributes.js';
import type { Hash32 } from './types/scalars.js';
import { firstBlobTransaction } from './versionedHashes.js';

/**
 * Gives the Capella payload of a Deneb structure that holds nothing of Deneb's; the lists are carried over by reference.
 *
 * @throws ConversionError `INCOMPATIBLE_FEATURE` for `blobGasUsed` or `excessBlobGas` over 0 (value: decimal), the first type-3 transaction (feature `transactions`, value `0x03`) or a `parentBeaconBlockRoot` handed beside the payload (value: the root), in this order
 */
export function convertExecutionPayload(
  payload: ExecutionPayloadDeneb,
  { parentBeaconBlockRoot }: { readonly parentBeaconBlockRoot?: Hash32 | null | undefined } = {},
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
  rest satisfies Record<string, never>;
  if (blobGasUsed > 0n) throw incompatible('blobGasUsed', `${blobGasUsed}`, 'executionPayload.blobGasUsed');
  if (excessBlobGas > 0n) throw incompatible('excessBlobGas', `${excessBlobGas}`, 'executionPayload.excessBlobGas');
  const blobIndex = firstBlobTransaction(transactions);
  if (blobIndex !== -1) throw incompatible('transactions', '0x03', `executionPayload.transactions[${blobIndex}]`);
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
 * @throws ConversionError `INCOMPATIBLE_FEATURE` for a `justifiedBlockHash` other than the finalized (value: the hash)
 */
export function convertForkchoiceState(state: ForkchoiceStateV3): ForkchoiceState {
  const { headBlockHash, safeBlockHash, finalizedBlockHash, justifiedBlockHash, ...rest } = state;
  rest satisfies Record<string, never>;
  if (justifiedBlockHash.toLowerCase() !== finalizedBlockHash.toLowerCase()) {
    throw incompatible('justifiedBlockHash', justifiedBlockHash, 'forkchoiceState.justifiedBlockHash');
  }
  return { headBlockHash, safeBlockHash, finalizedBlockHash };
}

/**
 * Gives PayloadAttributesV2 of V3 attributes without a root.
 *
 * @throws ConversionError `INCOMPATIBLE_FEATURE` for a `parentBeaconBlockRoot` (value: the root)
 */
export function convertPayloadAttributes(attributes: PayloadAttributesV3): PayloadAttributesV2 {
  const { timestamp, prevRandao, suggestedFeeRecipient, withdrawals, parentBeaconBlockRoot, ...rest } = attributes;
  rest satisfies Record<string, never>;
  refuseRoot(parentBeaconBlockRoot, 'payloadAttributes.parentBeaconBlockRoot');
  return { timestamp, prevRandao, suggestedFeeRecipient, withdrawals };
}

/** What each conversion from v5 to v4 refuses to lose; none makes anything up. */
export const effects: Readonly<Record<ConversionName, ConversionEffects>> = {
  convertExecutionPayload: {
    makesUp: [],
    invalidates: [],
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
