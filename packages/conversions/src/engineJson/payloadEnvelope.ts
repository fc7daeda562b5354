import { requireOneLength } from '../blobsBundle.js';
import type { Codec } from '../codec.js';
import type { Fork } from '../fork.js';
import { toQuantity } from '../hex.js';
import {
  type PayloadEnvelopeV2Wire,
  type PayloadEnvelopeV3Wire,
  payloadEnvelopeV2,
  payloadEnvelopeV3,
} from '../shapes.js';
import type {
  PayloadEnvelope,
  PayloadEnvelopeByFork,
  PayloadEnvelopeV1,
  PayloadEnvelopeV2,
  PayloadEnvelopeV3,
} from '../types/payloadEnvelope.js';
import { assertFork, unsupportedFork } from '../unsupportedFork.js';
import { type AnswerOptions, ignoreField } from './answerOptions.js';
import { engineCodec } from './encoding.js';
import { parseExecutionPayload, serializeExecutionPayload } from './executionPayload.js';
import type {
  EngineJson,
  PayloadEnvelopeJson,
  PayloadEnvelopeV1Json,
  PayloadEnvelopeV2Json,
  PayloadEnvelopeV3Json,
} from './json.js';

const v2: Codec<PayloadEnvelopeV2Wire, EngineJson<PayloadEnvelopeV2Wire>> = engineCodec(payloadEnvelopeV2);
const v3: Codec<PayloadEnvelopeV3Wire, EngineJson<PayloadEnvelopeV3Wire>> = engineCodec(payloadEnvelopeV3);

type Parse<T> = (json: unknown, path: string, onUnknownField: (path: string) => void) => T;

const parsers: { readonly [F in Fork]: Parse<PayloadEnvelopeByFork[F]> } = {
  paris: (json, path) => ({ executionPayload: parseExecutionPayload(json, 'paris', path), blockValueWei: null }),
  shanghai(json, path, onUnknownField) {
    const { executionPayload, blockValue } = v2.parse(json, path, onUnknownField);
    return { executionPayload, blockValueWei: blockValue };
  },
  cancun(json, path, onUnknownField) {
    const { executionPayload, blockValue, blobsBundle, shouldOverrideBuilder } = v3.parse(json, path, onUnknownField);
    requireOneLength(blobsBundle, `${path}.blobsBundle`);
    return { executionPayload, blockValueWei: blockValue, blobsBundle, shouldOverrideBuilder };
  },
  prague: unsupportedFork.parse,
};

/**
 * Reads the answer of the engine_getPayload of a fork: for Paris the bare payload of V1, for Shanghai V2's envelope (with withdrawals), for Cancun V3's; the block value in wei.
 *
 * Unknown fields are ignored beside the payload and errors inside it.
 *
 * @throws ConversionError `UNSUPPORTED_FORK` for Prague, `INVALID_LENGTH` for a blobs bundle whose lists differ in length; else at the field that is missing or malformed
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/cancun.md#engine_getpayloadv3
 */
export function parsePayloadEnvelope<F extends Fork>(
  json: unknown,
  fork: F,
  options: AnswerOptions = {},
): PayloadEnvelopeByFork[F] {
  const { path = 'payloadEnvelope', onUnknownField = ignoreField } = options;
  assertFork(fork, path);
  return parsers[fork](json, path, onUnknownField);
}

/** Writes the answer of engine_getPayload: V1's bare payload if there is no block value, V3's envelope if there is a blobs bundle, else V2's. */
export function serializePayloadEnvelope(envelope: PayloadEnvelopeV1): PayloadEnvelopeV1Json;
export function serializePayloadEnvelope(envelope: PayloadEnvelopeV2): PayloadEnvelopeV2Json;
export function serializePayloadEnvelope(envelope: PayloadEnvelopeV3): PayloadEnvelopeV3Json;
export function serializePayloadEnvelope(envelope: PayloadEnvelope): PayloadEnvelopeJson;
export function serializePayloadEnvelope(envelope: PayloadEnvelope): PayloadEnvelopeJson {
  if (envelope.blockValueWei === null) return serializeExecutionPayload(envelope.executionPayload);
  if ('blobsBundle' in envelope) {
    const { executionPayload, blockValueWei, blobsBundle, shouldOverrideBuilder } = envelope;
    return v3.serialize({ executionPayload, blockValue: blockValueWei, blobsBundle, shouldOverrideBuilder });
  }
  return {
    executionPayload: serializeExecutionPayload(envelope.executionPayload),
    blockValue: toQuantity(envelope.blockValueWei),
  };
}
