import {
  address,
  boolean,
  data,
  type Fields,
  hash32,
  list,
  nullable,
  oneOf,
  record,
  type Shape,
  sealedRecord,
  text,
  uint64,
  uint256,
} from './shape.js';
import type {
  ExecutionPayloadCapella,
  ExecutionPayloadDeneb,
  ExecutionPayloadParis,
} from './types/executionPayload.js';
import type { ForkchoiceState, ForkchoiceStateV3 } from './types/forkchoiceState.js';
import type { PayloadAttributesV1, PayloadAttributesV2, PayloadAttributesV3 } from './types/payloadAttributes.js';
import type { BlobsBundle } from './types/payloadEnvelope.js';
import type { PayloadStatus } from './types/payloadStatus.js';
import type { Data, Hash32, PayloadId } from './types/scalars.js';
import type { Withdrawal } from './types/withdrawal.js';

// Every field of every structure is named here once, in the order of execution-apis, src/engine.

/** MAX_TRANSACTIONS_PER_PAYLOAD (consensus-specs, bellatrix/beacon-chain.md). */
const MAX_TRANSACTIONS_PER_PAYLOAD = 2 ** 20;
/** MAX_BYTES_PER_TRANSACTION (consensus-specs, bellatrix/beacon-chain.md). */
const MAX_BYTES_PER_TRANSACTION = 2 ** 30;
/** MAX_BLOB_COMMITMENTS_PER_BLOCK (consensus-specs, deneb/beacon-chain.md). */
const MAX_BLOB_COMMITMENTS_PER_BLOCK = 4096;

export const withdrawal: Shape<Withdrawal> = record<Withdrawal>({
  index: uint64,
  validatorIndex: uint64,
  address,
  amount: uint64,
});

// The Engine API sets no limit, and a chain that pays by withdrawals gives more than mainnet's 16: that limit is of the list
// in a beacon block, where the block root depends on it (beaconShapes.ts), whatever the encoding.
export const withdrawals: Shape<readonly Withdrawal[]> = list(withdrawal);

export const transactions: Shape<readonly Data[]> = list(
  data(1, MAX_BYTES_PER_TRANSACTION),
  MAX_TRANSACTIONS_PER_PAYLOAD,
);

const executionPayloadParisFields: Fields<ExecutionPayloadParis> = {
  parentHash: hash32,
  feeRecipient: address,
  stateRoot: hash32,
  receiptsRoot: hash32,
  logsBloom: data(256),
  prevRandao: hash32,
  blockNumber: uint64,
  gasLimit: uint64,
  gasUsed: uint64,
  timestamp: uint64,
  extraData: data(0, 32),
  baseFeePerGas: uint256,
  blockHash: hash32,
  transactions,
};

export const executionPayloadCapellaFields: Fields<ExecutionPayloadCapella> = {
  ...executionPayloadParisFields,
  withdrawals,
};

export const executionPayloadDenebFields: Fields<ExecutionPayloadDeneb> = {
  ...executionPayloadCapellaFields,
  blobGasUsed: uint64,
  excessBlobGas: uint64,
};

export const executionPayloadParis: Shape<ExecutionPayloadParis> = sealedRecord(executionPayloadParisFields);

export const executionPayloadCapella: Shape<ExecutionPayloadCapella> = sealedRecord(executionPayloadCapellaFields);

export const executionPayloadDeneb: Shape<ExecutionPayloadDeneb> = sealedRecord(executionPayloadDenebFields);

const forkchoiceStateFields: Fields<ForkchoiceState> = {
  headBlockHash: hash32,
  safeBlockHash: hash32,
  finalizedBlockHash: hash32,
};

export const forkchoiceState: Shape<ForkchoiceState> = record(forkchoiceStateFields);

export const forkchoiceStateV3: Shape<ForkchoiceStateV3> = record<ForkchoiceStateV3>({
  ...forkchoiceStateFields,
  justifiedBlockHash: hash32,
});

const payloadAttributesV1Fields: Fields<PayloadAttributesV1> = {
  timestamp: uint64,
  prevRandao: hash32,
  suggestedFeeRecipient: address,
};

const payloadAttributesV2Fields: Fields<PayloadAttributesV2> = { ...payloadAttributesV1Fields, withdrawals };

export const payloadAttributesV1: Shape<PayloadAttributesV1> = record(payloadAttributesV1Fields);

export const payloadAttributesV2: Shape<PayloadAttributesV2> = record(payloadAttributesV2Fields);

/** As a caller may hold them: attributes converted from V2 have no root. */
export const payloadAttributesV3: Shape<PayloadAttributesV3> = record<PayloadAttributesV3>({
  ...payloadAttributesV2Fields,
  parentBeaconBlockRoot: nullable(hash32),
});

/** PayloadAttributesV3 that may go on the wire. */
export type RootedPayloadAttributesV3 = PayloadAttributesV3 & { readonly parentBeaconBlockRoot: Hash32 };

export const rootedPayloadAttributesV3: Shape<RootedPayloadAttributesV3> = record<RootedPayloadAttributesV3>({
  ...payloadAttributesV2Fields,
  parentBeaconBlockRoot: hash32,
});

export const payloadId: Shape<PayloadId> = data(8);

export const kzgCommitment: Shape<Data> = data(48);

export const kzgCommitments: Shape<readonly Data[]> = list(kzgCommitment, MAX_BLOB_COMMITMENTS_PER_BLOCK);

const blobsBundle: Shape<BlobsBundle> = record<BlobsBundle>({
  commitments: kzgCommitments,
  proofs: list(data(48), MAX_BLOB_COMMITMENTS_PER_BLOCK),
  blobs: list(data(131_072), MAX_BLOB_COMMITMENTS_PER_BLOCK),
});

/** The answer of engine_getPayloadV2 as the wire names it. */
export type PayloadEnvelopeV2Wire = {
  readonly executionPayload: ExecutionPayloadCapella;
  readonly blockValue: bigint;
};

export const payloadEnvelopeV2: Shape<PayloadEnvelopeV2Wire> = record<PayloadEnvelopeV2Wire>({
  executionPayload: executionPayloadCapella,
  blockValue: uint256,
});

/** The answer of engine_getPayloadV3 as the wire names it. */
export type PayloadEnvelopeV3Wire = {
  readonly executionPayload: ExecutionPayloadDeneb;
  readonly blockValue: bigint;
  readonly blobsBundle: BlobsBundle;
  readonly shouldOverrideBuilder: boolean;
};

export const payloadEnvelopeV3: Shape<PayloadEnvelopeV3Wire> = record<PayloadEnvelopeV3Wire>({
  executionPayload: executionPayloadDeneb,
  blockValue: uint256,
  blobsBundle,
  shouldOverrideBuilder: boolean,
});

/** PayloadStatusV1 as the wire has it, before it is narrowed. */
export type LoosePayloadStatus = {
  readonly status: PayloadStatus['status'];
  readonly latestValidHash: Hash32 | null;
  readonly validationError: string | null;
};

export const loosePayloadStatus: Shape<LoosePayloadStatus> = record<LoosePayloadStatus>({
  status: oneOf(['VALID', 'INVALID', 'SYNCING', 'ACCEPTED', 'INVALID_BLOCK_HASH']),
  latestValidHash: nullable(hash32),
  validationError: nullable(text),
});

/** The answer of engine_forkchoiceUpdated as the wire has it, before its status is narrowed. */
export type LooseForkchoiceUpdatedResult = {
  readonly payloadStatus: LoosePayloadStatus;
  readonly payloadId: PayloadId | null;
};

export const looseForkchoiceUpdatedResult: Shape<LooseForkchoiceUpdatedResult> = record<LooseForkchoiceUpdatedResult>({
  payloadStatus: loosePayloadStatus,
  payloadId: nullable(payloadId),
});
