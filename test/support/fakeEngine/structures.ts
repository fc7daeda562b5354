import { isJsonObject, type JsonObject } from './params.js';

type Check = (value: unknown) => boolean;

/** A structure of the Engine API: its fields, every one of them needed, and how each is encoded. */
export type Structure = Readonly<Record<string, Check>>;

// The regular expressions of execution-apis, src/engine/common.md, "Encoding"; DATA's pairs are counted, since a pattern
// of repeated groups fails on the length of a large transaction.
const dataPattern = /^0x[a-fA-F0-9]*$/;
const quantityPattern = /^0x(?:0|(?:[a-fA-F1-9][a-fA-F0-9]*))$/;

const data =
  (minBytes: number, maxBytes: number = minBytes): Check =>
  (value) =>
    typeof value === 'string' &&
    value.length % 2 === 0 &&
    value.length >= 2 + 2 * minBytes &&
    value.length <= 2 + 2 * maxBytes &&
    dataPattern.test(value);

const quantity =
  (bits: 64 | 256): Check =>
  (value) =>
    typeof value === 'string' && value.length <= 2 + bits / 4 && quantityPattern.test(value);

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const is =
  (structure: Structure): Check =>
  (value) =>
    flawOf(value, structure) === undefined;

const withdrawal: Structure = {
  index: quantity(64),
  validatorIndex: quantity(64),
  address: data(20),
  amount: quantity(64),
};

/** ExecutionPayloadV1 (paris.md). A transaction of no bytes is well-formed: it makes the payload INVALID. */
export const executionPayloadV1: Structure = {
  parentHash: data(32),
  feeRecipient: data(20),
  stateRoot: data(32),
  receiptsRoot: data(32),
  logsBloom: data(256),
  prevRandao: data(32),
  blockNumber: quantity(64),
  gasLimit: quantity(64),
  gasUsed: quantity(64),
  timestamp: quantity(64),
  extraData: data(0, 32),
  baseFeePerGas: quantity(256),
  blockHash: data(32),
  transactions: listOf(data(0, Number.POSITIVE_INFINITY)),
};
/** ExecutionPayloadV2 (shanghai.md). */
export const executionPayloadV2: Structure = { ...executionPayloadV1, withdrawals: listOf(is(withdrawal)) };
/** ExecutionPayloadV3 (cancun.md). */
export const executionPayloadV3: Structure = {
  ...executionPayloadV2,
  blobGasUsed: quantity(64),
  excessBlobGas: quantity(64),
};

/** PayloadAttributesV1 (paris.md). */
export const payloadAttributesV1: Structure = {
  timestamp: quantity(64),
  prevRandao: data(32),
  suggestedFeeRecipient: data(20),
};
/** PayloadAttributesV2 (shanghai.md). */
export const payloadAttributesV2: Structure = { ...payloadAttributesV1, withdrawals: listOf(is(withdrawal)) };
/** PayloadAttributesV3 (cancun.md). */
export const payloadAttributesV3: Structure = { ...payloadAttributesV2, parentBeaconBlockRoot: data(32) };

/** ForkchoiceStateV1 (paris.md): three hashes in every version of the method. */
export const forkchoiceStateV1: Structure = {
  headBlockHash: data(32),
  safeBlockHash: data(32),
  finalizedBlockHash: data(32),
};

export const isTimestamp: Check = quantity(64);
export const isHash: Check = data(32);
export const isHashes: Check = listOf(isHash);
export const isPayloadId: Check = data(8);
export const isNames: Check = listOf((name) => typeof name === 'string');

/** Tells the first way in which a value is not exactly this structure: a field that is missing, null, malformed or unknown. */
export function flawOf(value: unknown, structure: Structure): string | undefined {
  if (!isJsonObject(value)) return 'not an object';
  for (const [key, check] of Object.entries(structure)) {
    if (value[key] === undefined || value[key] === null) return `${key} is missing`;
    if (!check(value[key])) return `${key} is malformed`;
  }
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(structure, key));
  return unknown === undefined ? undefined : `${unknown} is unknown`;
}

/** Reads a QUANTITY of an object whose structure has been checked. */
export const quantityOf = (object: JsonObject, key: string): bigint => BigInt(object[key] as string);

/** Reads DATA of an object whose structure has been checked, in lower case. */
export const dataOf = (object: JsonObject, key: string): string => (object[key] as string).toLowerCase();
