import type { Codec } from '../codec.js';
import type { Fork } from '../fork.js';
import { executionPayloadCapella, executionPayloadDeneb, executionPayloadParis } from '../shapes.js';
import type {
  ExecutionPayload,
  ExecutionPayloadByFork,
  ExecutionPayloadCapella,
  ExecutionPayloadDeneb,
  ExecutionPayloadParis,
} from '../types/executionPayload.js';
import { assertFork, unsupportedFork } from '../unsupportedFork.js';
import { engineCodec } from './encoding.js';
import type {
  EngineJson,
  ExecutionPayloadJson,
  ExecutionPayloadV1Json,
  ExecutionPayloadV2Json,
  ExecutionPayloadV3Json,
} from './json.js';

const codecs: {
  readonly [F in Fork]: Codec<ExecutionPayloadByFork[F], EngineJson<ExecutionPayloadByFork[F]>>;
} = {
  paris: engineCodec(executionPayloadParis),
  shanghai: engineCodec(executionPayloadCapella),
  cancun: engineCodec(executionPayloadDeneb),
  prague: unsupportedFork,
};

/**
 * Reads the payload of a fork: ExecutionPayloadV1 for Paris, V2 with withdrawals for Shanghai, V3 for Cancun; null counts as absent.
 *
 * @throws ConversionError `UNSUPPORTED_FORK` for Prague; `MISSING_FIELD`, `UNKNOWN_FIELD`, `INVALID_TYPE`, `INVALID_DATA`, `INVALID_LENGTH`, `INVALID_QUANTITY` or `OUT_OF_RANGE` at the field
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/cancun.md#executionpayloadv3
 */
export function parseExecutionPayload<F extends Fork>(
  json: unknown,
  fork: F,
  path: string = 'executionPayload',
): ExecutionPayloadByFork[F] {
  assertFork(fork, path);
  return codecs[fork].parse(json, path);
}

/** Writes exactly the fields of the payload's own fork, in the order of the specification. */
export function serializeExecutionPayload(payload: ExecutionPayloadParis): ExecutionPayloadV1Json;
export function serializeExecutionPayload(payload: ExecutionPayloadCapella): ExecutionPayloadV2Json;
export function serializeExecutionPayload(payload: ExecutionPayloadDeneb): ExecutionPayloadV3Json;
export function serializeExecutionPayload(payload: ExecutionPayload): ExecutionPayloadJson;
export function serializeExecutionPayload(payload: ExecutionPayload): ExecutionPayloadJson {
  if (payload.blobGasUsed !== undefined) return codecs.cancun.serialize(payload);
  if (payload.withdrawals !== undefined) return codecs.shanghai.serialize(payload);
  return codecs.paris.serialize(payload);
}
