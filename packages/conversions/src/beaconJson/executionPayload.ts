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
import { beaconCodec } from './encoding.js';
import type { BeaconJson } from './json.js';

const codecs: {
  readonly [F in Fork]: Codec<ExecutionPayloadByFork[F], BeaconJson<ExecutionPayloadByFork[F]>>;
} = {
  paris: beaconCodec(executionPayloadParis),
  shanghai: beaconCodec(executionPayloadCapella),
  cancun: beaconCodec(executionPayloadDeneb),
  prague: unsupportedFork,
};

/**
 * Reads the ExecutionPayload of a fork by the names of a beacon block: Bellatrix's for Paris, Capella's for Shanghai, Deneb's for Cancun.
 *
 * @throws ConversionError `UNSUPPORTED_FORK` for Prague; else at the field that is missing, unknown or malformed
 * @see https://github.com/ethereum/consensus-specs/blob/master/specs/deneb/beacon-chain.md#executionpayload
 */
export function parseExecutionPayload<F extends Fork>(
  json: unknown,
  fork: F,
  path: string = 'execution_payload',
): ExecutionPayloadByFork[F] {
  assertFork(fork, path);
  return codecs[fork].parse(json, path);
}

/** Writes exactly the fields of the payload's own fork, in the order of the specification. */
export function serializeExecutionPayload(payload: ExecutionPayloadParis): BeaconJson<ExecutionPayloadParis>;
export function serializeExecutionPayload(payload: ExecutionPayloadCapella): BeaconJson<ExecutionPayloadCapella>;
export function serializeExecutionPayload(payload: ExecutionPayloadDeneb): BeaconJson<ExecutionPayloadDeneb>;
export function serializeExecutionPayload(payload: ExecutionPayload): BeaconJson<ExecutionPayload>;
export function serializeExecutionPayload(payload: ExecutionPayload): BeaconJson<ExecutionPayload> {
  if (payload.blobGasUsed !== undefined) return codecs.cancun.serialize(payload);
  if (payload.withdrawals !== undefined) return codecs.shanghai.serialize(payload);
  return codecs.paris.serialize(payload);
}
