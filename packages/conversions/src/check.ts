import { signedBlockCapella, signedBlockDeneb } from './beaconShapes.js';
import { type Checker, checkerOf } from './checker.js';
import type { ServedFork } from './fork.js';
import { type FieldSource, readField, readRecord } from './read.js';
import { hash32, list } from './shape.js';
import {
  executionPayloadCapella,
  executionPayloadDeneb,
  executionPayloadParis,
  forkchoiceState,
  forkchoiceStateV3,
  kzgCommitment,
  payloadAttributesV1,
  payloadAttributesV2,
  payloadAttributesV3,
  payloadId,
  transactions,
  withdrawals,
} from './shapes.js';
import type { SignedBeaconBlock, SignedBeaconBlockCapella, SignedBeaconBlockDeneb } from './types/beaconBlock.js';
import type { ExecutionPayload } from './types/executionPayload.js';
import type { ForkchoiceState, ForkchoiceStateV3 } from './types/forkchoiceState.js';
import type { PayloadAttributes } from './types/payloadAttributes.js';
import type { Data, Hash32, PayloadId } from './types/scalars.js';
import type { Withdrawal } from './types/withdrawal.js';

const executionPayloads: Readonly<Record<ServedFork, Checker<ExecutionPayload>>> = {
  paris: checkerOf(executionPayloadParis),
  shanghai: checkerOf(executionPayloadCapella),
  cancun: checkerOf(executionPayloadDeneb),
};

const payloadAttributes: Readonly<Record<ServedFork, Checker<PayloadAttributes>>> = {
  paris: checkerOf(payloadAttributesV1),
  shanghai: checkerOf(payloadAttributesV2),
  cancun: checkerOf(payloadAttributesV3),
};

const checkCapellaBlock: Checker<SignedBeaconBlockCapella> = checkerOf(signedBlockCapella);
const checkDenebBlock: Checker<SignedBeaconBlockDeneb> = checkerOf(signedBlockDeneb);
const checkV1State: Checker<ForkchoiceState> = checkerOf(forkchoiceState);
const checkV3State: Checker<ForkchoiceStateV3> = checkerOf(forkchoiceStateV3);
const hash: Checker<Hash32> = checkerOf(hash32);
const hashes: Checker<readonly Hash32[]> = checkerOf(list(hash32));
const rawTransactions: Checker<readonly Data[]> = checkerOf(transactions);
const allWithdrawals: Checker<readonly Withdrawal[]> = checkerOf(withdrawals);
const commitment: Checker<Data> = checkerOf(kzgCommitment);
const id: Checker<PayloadId> = checkerOf(payloadId);

/**
 * Checks a payload that a caller hands in and copies it, arrays included; its fields tell its fork.
 *
 * @throws ConversionError `MISSING_FIELD` (one blob field without the other too), `UNKNOWN_FIELD`, `INVALID_TYPE`, `INVALID_DATA`, `INVALID_LENGTH` or `OUT_OF_RANGE` at the field
 */
export function checkExecutionPayload(value: unknown, path: string = 'executionPayload'): ExecutionPayload {
  const source = readRecord(value, path);
  const isDeneb = has(source, 'blobGasUsed', path) || has(source, 'excessBlobGas', path);
  return executionPayloads[isDeneb ? 'cancun' : has(source, 'withdrawals', path) ? 'shanghai' : 'paris'](source, path);
}

/**
 * Checks a payload as {@link checkExecutionPayload} does, as one of a fork that is known.
 *
 * @throws ConversionError as there, `UNKNOWN_FIELD` for a field of a later fork too
 */
export function checkExecutionPayloadOf(fork: ServedFork, value: unknown, path: string): ExecutionPayload {
  return executionPayloads[fork](value, path);
}

/** Checks raw transactions, at least one byte each, and copies the list. */
export function checkTransactions(value: unknown, path: string): readonly Data[] {
  return rawTransactions(value, path);
}

/** Checks withdrawals and copies them. */
export function checkWithdrawals(value: unknown, path: string): readonly Withdrawal[] {
  return allWithdrawals(value, path);
}

/** Checks DATA of 48 bytes. */
export function checkCommitment(value: unknown, path: string): Data {
  return commitment(value, path);
}

/**
 * Checks a forkchoice state that a caller hands in and copies it; `justifiedBlockHash` makes it Lighthouse v5's.
 *
 * @throws ConversionError at the field that is missing, unknown or malformed
 */
export function checkForkchoiceState(
  value: unknown,
  path: string = 'forkchoiceState',
): ForkchoiceState | ForkchoiceStateV3 {
  const source = readRecord(value, path);
  return has(source, 'justifiedBlockHash', path) ? checkV3State(source, path) : checkV1State(source, path);
}

/**
 * Checks attributes that a caller hands in and copies them, arrays included; their fields tell their version, and a root of null is that of attributes converted from V2.
 *
 * @throws ConversionError at the field that is missing, unknown or malformed
 */
export function checkPayloadAttributes(value: unknown, path: string = 'payloadAttributes'): PayloadAttributes {
  const source = readRecord(value, path);
  const isV3 = has(source, 'parentBeaconBlockRoot', path);
  return payloadAttributes[isV3 ? 'cancun' : has(source, 'withdrawals', path) ? 'shanghai' : 'paris'](source, path);
}

/**
 * Checks a signed beacon block that a caller hands in and copies it, arrays included; `blobKzgCommitments` in its body make it Deneb's.
 *
 * @throws ConversionError at the field that is missing, unknown or malformed, `INVALID_LENGTH` too for a list over its limit in the mainnet preset
 */
export function checkSignedBeaconBlock(value: unknown, path: string = 'signedBeaconBlock'): SignedBeaconBlock {
  const source = readRecord(value, path);
  const message = readRecord(readField(source, 'message', `${path}.message`) ?? {}, `${path}.message`);
  const body = readRecord(readField(message, 'body', `${path}.message.body`) ?? {}, `${path}.message.body`);
  const isDeneb = has(body, 'blobKzgCommitments', `${path}.message.body`);
  return isDeneb ? checkDenebBlock(source, path) : checkCapellaBlock(source, path);
}

/**
 * Checks DATA of 32 bytes.
 *
 * @throws ConversionError `INVALID_TYPE`, `INVALID_DATA` or `INVALID_LENGTH`
 */
export function checkHash32(value: unknown, path: string): Hash32 {
  return hash(value, path);
}

/**
 * Checks DATA of 8 bytes.
 *
 * @throws ConversionError `INVALID_TYPE`, `INVALID_DATA` or `INVALID_LENGTH`
 */
export function checkPayloadId(value: unknown, path: string): PayloadId {
  return id(value, path);
}

/**
 * Checks a list of hashes of 32 bytes and copies it; their version bytes are for the engine to judge.
 *
 * @throws ConversionError `INVALID_TYPE`, `INVALID_DATA` or `INVALID_LENGTH`
 */
export function checkVersionedHashes(value: unknown, path: string): readonly Hash32[] {
  return hashes(value, path);
}

function has(source: FieldSource, name: string, path: string): boolean {
  return readField(source, name, `${path}.${name}`) !== undefined;
}
