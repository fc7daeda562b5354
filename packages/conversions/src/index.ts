import * as beaconJson from './beaconJson/index.js';
import * as engineJson from './engineJson/index.js';
import * as v4ToV5 from './v4ToV5.js';
import * as v5ToV4 from './v5ToV4.js';

export type { BeaconJson, SnakeCase } from './beaconJson/json.js';
export { type BlockHashOptions, computeBlockHash, verifyBlockHash } from './blockHash/blockHash.js';
export { transactionsRoot, withdrawalsRoot } from './blockHash/roots.js';
export {
  checkExecutionPayload,
  checkForkchoiceState,
  checkHash32,
  checkPayloadAttributes,
  checkPayloadId,
  checkSignedBeaconBlock,
  checkVersionedHashes,
} from './check.js';
export type { ConversionEffects, ConversionName, FieldEffect } from './effects.js';
export type { AnswerOptions } from './engineJson/answerOptions.js';
export type {
  BlobsBundleJson,
  EngineJson,
  ExecutionPayloadJson,
  ExecutionPayloadV1Json,
  ExecutionPayloadV2Json,
  ExecutionPayloadV3Json,
  ForkchoiceStateJson,
  ForkchoiceUpdatedResultJson,
  PayloadAttributesJson,
  PayloadAttributesV1Json,
  PayloadAttributesV2Json,
  PayloadAttributesV3Json,
  PayloadEnvelopeJson,
  PayloadEnvelopeV1Json,
  PayloadEnvelopeV2Json,
  PayloadEnvelopeV3Json,
  PayloadStatusJson,
  WithdrawalJson,
} from './engineJson/json.js';
export type { EngineRequestJson } from './engineJson/request.js';
export { ConversionError, type ConversionErrorCode } from './errors.js';
export {
  type Fork,
  type ForkSchedule,
  type ForkScheduleInput,
  forkAt,
  parseForkSchedule,
  type ServedFork,
} from './fork.js';
export type {
  BeaconBlock,
  BeaconBlockBody,
  BeaconBlockBodyByFork,
  BeaconBlockBodyCapella,
  BeaconBlockBodyDeneb,
  BeaconBlockByFork,
  BeaconBlockCapella,
  BeaconBlockDeneb,
  SignedBeaconBlock,
  SignedBeaconBlockByFork,
  SignedBeaconBlockCapella,
  SignedBeaconBlockDeneb,
} from './types/beaconBlock.js';
export type {
  Attestation,
  AttestationData,
  AttesterSlashing,
  BeaconBlockHeader,
  Checkpoint,
  Deposit,
  DepositData,
  Eth1Data,
  IndexedAttestation,
  ProposerSlashing,
  SignedBeaconBlockHeader,
  SignedBlsToExecutionChange,
  SignedVoluntaryExit,
  SyncAggregate,
} from './types/beaconOperations.js';
export type {
  ExecutionPayload,
  ExecutionPayloadByFork,
  ExecutionPayloadCapella,
  ExecutionPayloadDeneb,
  ExecutionPayloadParis,
} from './types/executionPayload.js';
export type { ForkchoiceState, ForkchoiceStateV3 } from './types/forkchoiceState.js';
export type { ForkchoiceUpdatedResult } from './types/forkchoiceUpdated.js';
export type {
  PayloadAttributes,
  PayloadAttributesByFork,
  PayloadAttributesV1,
  PayloadAttributesV2,
  PayloadAttributesV3,
} from './types/payloadAttributes.js';
export type {
  BlobsBundle,
  PayloadEnvelope,
  PayloadEnvelopeByFork,
  PayloadEnvelopeV1,
  PayloadEnvelopeV2,
  PayloadEnvelopeV3,
} from './types/payloadEnvelope.js';
export type { PayloadStatus } from './types/payloadStatus.js';
export type { Address, Data, Decimal, Hash32, PayloadId, Quantity } from './types/scalars.js';
export type { Withdrawal } from './types/withdrawal.js';
export { blobVersionedHashes, versionedHashOf } from './versionedHashes.js';
export { beaconJson, engineJson, v4ToV5, v5ToV4 };
