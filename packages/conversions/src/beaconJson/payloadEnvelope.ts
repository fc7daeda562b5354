import { requireOneLength } from '../blobsBundle.js';
import type { Codec } from '../codec.js';
import { toDecimal } from '../decimal.js';
import type { Fork } from '../fork.js';
import {
  type PayloadEnvelopeV2Wire,
  type PayloadEnvelopeV3Wire,
  payloadEnvelopeV2,
  payloadEnvelopeV3,
} from '../shapes.js';
import type { ExecutionPayloadCapella, ExecutionPayloadParis } from '../types/executionPayload.js';
import type {
  PayloadEnvelope,
  PayloadEnvelopeByFork,
  PayloadEnvelopeV1,
  PayloadEnvelopeV2,
  PayloadEnvelopeV3,
} from '../types/payloadEnvelope.js';
import { assertFork, unsupportedFork } from '../unsupportedFork.js';
import { beaconCodec } from './encoding.js';
import { parseExecutionPayload, serializeExecutionPayload } from './executionPayload.js';
import type { BeaconJson } from './json.js';

type V1Json = BeaconJson<ExecutionPayloadParis>;
type V2Json = BeaconJson<{
  readonly executionPayload: ExecutionPayloadParis | ExecutionPayloadCapella;
  readonly blockValue: bigint;
}>;
type V3Json = BeaconJson<PayloadEnvelopeV3Wire>;

const v2: Codec<PayloadEnvelopeV2Wire, BeaconJson<PayloadEnvelopeV2Wire>> = beaconCodec(payloadEnvelopeV2);
const v3: Codec<PayloadEnvelopeV3Wire, V3Json> = beaconCodec(payloadEnvelopeV3);

const parsers: { readonly [F in Fork]: (json: unknown, path: string) => PayloadEnvelopeByFork[F] } = {
  paris: (json, path) => ({ executionPayload: parseExecutionPayload(json, 'paris', path), blockValueWei: null }),
  shanghai(json, path) {
    const { executionPayload, blockValue } = v2.parse(json, path);
    return { executionPayload, blockValueWei: blockValue };
  },
  cancun(json, path) {
    const { executionPayload, blockValue, blobsBundle, shouldOverrideBuilder } = v3.parse(json, path);
    requireOneLength(blobsBundle, `${path}.blobs_bundle`);
    return { executionPayload, blockValueWei: blockValue, blobsBundle, shouldOverrideBuilder };
  },
  prague: unsupportedFork.parse,
};

/**
 * Reads what engine_getPayload answers, by the names of Lighthouse's structures: for Paris the bare payload, else the envelope with `block_value` in wei.
 *
 * Unlike in an engine's own answer, unknown fields are errors.
 *
 * @throws ConversionError `UNSUPPORTED_FORK` for Prague, `INVALID_LENGTH` for a blobs bundle whose lists differ in length; else at the field that is missing, unknown or malformed
 */
export function parsePayloadEnvelope<F extends Fork>(
  json: unknown,
  fork: F,
  path: string = 'payload_envelope',
): PayloadEnvelopeByFork[F] {
  assertFork(fork, path);
  return parsers[fork](json, path);
}

/** Writes the bare payload if there is no block value, V3's envelope if there is a blobs bundle, else V2's. */
export function serializePayloadEnvelope(envelope: PayloadEnvelopeV1): V1Json;
export function serializePayloadEnvelope(envelope: PayloadEnvelopeV2): V2Json;
export function serializePayloadEnvelope(envelope: PayloadEnvelopeV3): V3Json;
export function serializePayloadEnvelope(envelope: PayloadEnvelope): V1Json | V2Json | V3Json;
export function serializePayloadEnvelope(envelope: PayloadEnvelope): V1Json | V2Json | V3Json {
  if (envelope.blockValueWei === null) return serializeExecutionPayload(envelope.executionPayload);
  if ('blobsBundle' in envelope) {
    const { executionPayload, blockValueWei, blobsBundle, shouldOverrideBuilder } = envelope;
    return v3.serialize({ executionPayload, blockValue: blockValueWei, blobsBundle, shouldOverrideBuilder });
  }
  return {
    execution_payload: serializeExecutionPayload(envelope.executionPayload),
    block_value: toDecimal(envelope.blockValueWei),
  };
}
