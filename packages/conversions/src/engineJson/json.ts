import type { PresentKeys } from '../shape.js';
import type { RootedPayloadAttributesV3 } from '../shapes.js';
import type {
  ExecutionPayloadCapella,
  ExecutionPayloadDeneb,
  ExecutionPayloadParis,
} from '../types/executionPayload.js';
import type { ForkchoiceState } from '../types/forkchoiceState.js';
import type { PayloadAttributesV1, PayloadAttributesV2 } from '../types/payloadAttributes.js';
import type { BlobsBundle } from '../types/payloadEnvelope.js';
import type { PayloadStatus } from '../types/payloadStatus.js';
import type { Data, Hash32, PayloadId, Quantity } from '../types/scalars.js';
import type { Withdrawal } from '../types/withdrawal.js';

/** The Engine API's JSON of an in-memory type: the same camelCase names, integers as QUANTITY, no fields of other forks. */
export type EngineJson<T> = T extends bigint
  ? Quantity
  : T extends string | boolean | null
    ? T
    : T extends readonly (infer Item)[]
      ? readonly EngineJson<Item>[]
      : { readonly [K in PresentKeys<T> & keyof T]: EngineJson<T[K]> };

/** ExecutionPayloadV1 on the wire (execution-apis, src/engine/paris.md). */
export type ExecutionPayloadV1Json = EngineJson<ExecutionPayloadParis>;
/** ExecutionPayloadV2 on the wire (execution-apis, src/engine/shanghai.md). */
export type ExecutionPayloadV2Json = EngineJson<ExecutionPayloadCapella>;
/** ExecutionPayloadV3 on the wire (execution-apis, src/engine/cancun.md). */
export type ExecutionPayloadV3Json = EngineJson<ExecutionPayloadDeneb>;
/** The payload of any fork that is served, on the wire. */
export type ExecutionPayloadJson = ExecutionPayloadV1Json | ExecutionPayloadV2Json | ExecutionPayloadV3Json;

/** WithdrawalV1 on the wire (execution-apis, src/engine/shanghai.md). */
export type WithdrawalJson = EngineJson<Withdrawal>;

/** ForkchoiceStateV1 on the wire (execution-apis, src/engine/paris.md): three hashes in every version of the method. */
export type ForkchoiceStateJson = EngineJson<ForkchoiceState>;

/** PayloadAttributesV1 on the wire (execution-apis, src/engine/paris.md). */
export type PayloadAttributesV1Json = EngineJson<PayloadAttributesV1>;
/** PayloadAttributesV2 on the wire (execution-apis, src/engine/shanghai.md). */
export type PayloadAttributesV2Json = EngineJson<PayloadAttributesV2>;
/** PayloadAttributesV3 on the wire (execution-apis, src/engine/cancun.md). */
export type PayloadAttributesV3Json = EngineJson<RootedPayloadAttributesV3>;
/** The attributes of any fork that is served, on the wire. */
export type PayloadAttributesJson = PayloadAttributesV1Json | PayloadAttributesV2Json | PayloadAttributesV3Json;

/** PayloadStatusV1 on the wire (execution-apis, src/engine/paris.md). */
export type PayloadStatusJson = {
  readonly status: PayloadStatus['status'];
  readonly latestValidHash: Hash32 | null;
  readonly validationError: string | null;
};

/** The answer of engine_forkchoiceUpdated on the wire (execution-apis, src/engine/paris.md). */
export type ForkchoiceUpdatedResultJson = {
  readonly payloadStatus: PayloadStatusJson;
  readonly payloadId: PayloadId | null;
};

/** BlobsBundleV1 on the wire (execution-apis, src/engine/cancun.md). */
export type BlobsBundleJson = { readonly [K in keyof BlobsBundle]: readonly Data[] };

/** The answer of engine_getPayloadV1 on the wire: the bare payload (execution-apis, src/engine/paris.md). */
export type PayloadEnvelopeV1Json = ExecutionPayloadV1Json;
/** The answer of engine_getPayloadV2 on the wire (execution-apis, src/engine/shanghai.md). */
export type PayloadEnvelopeV2Json = {
  readonly executionPayload: ExecutionPayloadV1Json | ExecutionPayloadV2Json;
  readonly blockValue: Quantity;
};
/** The answer of engine_getPayloadV3 on the wire (execution-apis, src/engine/cancun.md). */
export type PayloadEnvelopeV3Json = {
  readonly executionPayload: ExecutionPayloadV3Json;
  readonly blockValue: Quantity;
  readonly blobsBundle: BlobsBundleJson;
  readonly shouldOverrideBuilder: boolean;
};
/** The answer of any version of engine_getPayload on the wire. */
export type PayloadEnvelopeJson = PayloadEnvelopeV1Json | PayloadEnvelopeV2Json | PayloadEnvelopeV3Json;
