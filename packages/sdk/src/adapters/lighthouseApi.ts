import type {
  ExecutionPayloadCapella,
  ExecutionPayloadDeneb,
  ExecutionPayloadParis,
  ForkchoiceState,
  ForkchoiceStateV3,
  ForkchoiceUpdatedResult,
  Hash32,
  PayloadAttributesV1,
  PayloadAttributesV2,
  PayloadAttributesV3,
  PayloadEnvelope,
  PayloadId,
  PayloadStatus,
  ServedFork,
} from '@lighthouse-compat/conversions';
import type { SendOptions } from '../engine/engineClient.js';
import type { EngineMethod } from '../engine/methods.js';

/** Whose structures a call goes through: Lighthouse v4's (Capella) or v5's (Deneb). */
export type AdapterVersion = 'v4' | 'v5';

/** A new_payload call that has been checked against the fork schedule. */
export type NewPayloadRequest =
  | { readonly fork: 'paris'; readonly executionPayload: ExecutionPayloadParis }
  | { readonly fork: 'shanghai'; readonly executionPayload: ExecutionPayloadCapella }
  | {
      readonly fork: 'cancun';
      readonly executionPayload: ExecutionPayloadDeneb;
      readonly expectedBlobVersionedHashes: readonly Hash32[];
      readonly parentBeaconBlockRoot: Hash32;
    };

/** A forkchoice_updated call whose attributes, if any, have been checked against the fork schedule. */
export type ForkchoiceUpdatedRequest = { readonly forkchoiceState: ForkchoiceState | ForkchoiceStateV3 } & (
  | { readonly fork: 'paris'; readonly payloadAttributes: PayloadAttributesV1 | null }
  | { readonly fork: 'shanghai'; readonly payloadAttributes: PayloadAttributesV2 | null }
  | { readonly fork: 'cancun'; readonly payloadAttributes: PayloadAttributesV3 | null }
);

/** A get_payload call; the fork is that of the payload being built. */
type GetPayloadRequest = {
  readonly fork: ServedFork;
  readonly payloadId: PayloadId;
};

/** A call converted and serialized, ready to be sent, once. */
export type EngineCall<T> = {
  readonly method: EngineMethod;
  /** Throws a CompatError that names method and engine. */
  send(options?: SendOptions): Promise<T>;
};

/** What both adapters are to the dispatcher: each takes the caller's request, converts it into its own structures and chooses the wire method by the request's fork. Preparing a call is pure and throws a ConversionError for what the adapter cannot express. */
export interface LighthouseApi {
  readonly version: AdapterVersion;
  readonly forks: ReadonlySet<ServedFork>;
  newPayload(request: NewPayloadRequest): EngineCall<PayloadStatus>;
  forkchoiceUpdated(request: ForkchoiceUpdatedRequest): EngineCall<ForkchoiceUpdatedResult>;
  getPayload(request: GetPayloadRequest): EngineCall<PayloadEnvelope>;
}
