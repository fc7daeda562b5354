import type { ExecutionPayloadCapella, ExecutionPayloadDeneb, ExecutionPayloadParis } from './executionPayload.js';
import type { Data } from './scalars.js';

/** BlobsBundleV1 (execution-apis, src/engine/cancun.md): three lists of one length; 48, 48 and 131072 bytes an item. */
export type BlobsBundle = {
  readonly commitments: readonly Data[];
  readonly proofs: readonly Data[];
  readonly blobs: readonly Data[];
};

/** The answer of engine_getPayloadV1, which tells no block value. */
export type PayloadEnvelopeV1 = {
  readonly executionPayload: ExecutionPayloadParis;
  readonly blockValueWei: null;
};

/** The answer of engine_getPayloadV2 (execution-apis, src/engine/shanghai.md); the block value in wei. */
export type PayloadEnvelopeV2 = {
  readonly executionPayload: ExecutionPayloadParis | ExecutionPayloadCapella;
  readonly blockValueWei: bigint;
};

/** The answer of engine_getPayloadV3 (execution-apis, src/engine/cancun.md); the block value in wei. */
export type PayloadEnvelopeV3 = {
  readonly executionPayload: ExecutionPayloadDeneb;
  readonly blockValueWei: bigint;
  readonly blobsBundle: BlobsBundle;
  readonly shouldOverrideBuilder: boolean;
};

/** The answer of any version of engine_getPayload. */
export type PayloadEnvelope = PayloadEnvelopeV1 | PayloadEnvelopeV2 | PayloadEnvelopeV3;

/** The answer's type by the fork of its payload; Prague's is not served. */
export type PayloadEnvelopeByFork = {
  readonly paris: PayloadEnvelopeV1;
  readonly shanghai: PayloadEnvelopeV2;
  readonly cancun: PayloadEnvelopeV3;
  readonly prague: never;
};
