import type {
  Address,
  BlobsBundle,
  Data,
  ExecutionPayload,
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
  PayloadEnvelopeV1,
  PayloadEnvelopeV2,
  PayloadEnvelopeV3,
  PayloadId,
  PayloadStatus,
  Withdrawal,
} from '@lighthouse-compat/conversions';
import { encodeRlp } from 'ethers';
import fc from 'fast-check';

// Arbitrary values of every noun, small enough that a property of a hundred runs takes a blink.

/** fc.record with plain objects alone, so that `toStrictEqual` can compare them. */
export function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

/** DATA of `minBytes` to `maxBytes` bytes, in either case. */
export function arbitraryData(minBytes: number, maxBytes: number = minBytes): fc.Arbitrary<Data> {
  return fc
    .tuple(fc.uint8Array({ minLength: minBytes, maxLength: maxBytes }), fc.boolean())
    .map(([bytes, isUpperCase]) => {
      const hex = Buffer.from(bytes).toString('hex');
      return `0x${isUpperCase ? hex.toUpperCase() : hex}` as const;
    });
}

export const arbitraryHash32: fc.Arbitrary<Hash32> = arbitraryData(32);
export const arbitraryAddress: fc.Arbitrary<Address> = arbitraryData(20);
const arbitraryPayloadId: fc.Arbitrary<PayloadId> = arbitraryData(8);
export const arbitraryUint64: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const arbitraryUint256: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });

const logsBloom: fc.Arbitrary<Data> = arbitraryHash32.map((hash) => `0x${hash.slice(2).repeat(8)}` as const);

const rlpFields = (count: number): fc.Arbitrary<Data[]> =>
  fc.array(arbitraryData(0, 8), { minLength: count, maxLength: count });

const asData = (hex: string): Data => hex as Data;

const legacyTransaction = rlpFields(9).map((fields) => asData(encodeRlp(fields)));

const accessListTransaction = rlpFields(11).map((fields) =>
  asData(`0x01${encodeRlp(fields.with(7, [] as never)).slice(2)}`),
);

const dynamicFeeTransaction = rlpFields(12).map((fields) =>
  asData(`0x02${encodeRlp(fields.with(8, [] as never)).slice(2)}`),
);

/** A raw transaction of type 3 in the payload's form, and the versioned hashes in it. */
export const arbitraryBlobTransaction: fc.Arbitrary<{ transaction: Data; versionedHashes: Hash32[] }> = fc
  .tuple(rlpFields(8), rlpFields(1), fc.array(arbitraryHash32, { minLength: 1, maxLength: 3 }), rlpFields(3))
  .map(([toData, [maxFeePerBlobGas], hashes, signature]) => ({
    transaction: asData(`0x03${encodeRlp([...toData, [], maxFeePerBlobGas ?? '0x', hashes, ...signature]).slice(2)}`),
    versionedHashes: hashes.map((hash) => asData(hash.toLowerCase())),
  }));

/** A raw transaction of type 0, 1 or 2: its shape, not its signature. */
export const arbitraryTransaction: fc.Arbitrary<Data> = fc.oneof(
  legacyTransaction,
  accessListTransaction,
  dynamicFeeTransaction,
);

export const arbitraryWithdrawal: fc.Arbitrary<Withdrawal> = record({
  index: arbitraryUint64,
  validatorIndex: arbitraryUint64,
  address: arbitraryAddress,
  amount: arbitraryUint64,
});

const withdrawals = fc.array(arbitraryWithdrawal, { maxLength: 20, size: 'small' });

const parisFields = {
  parentHash: arbitraryHash32,
  feeRecipient: arbitraryAddress,
  stateRoot: arbitraryHash32,
  receiptsRoot: arbitraryHash32,
  logsBloom,
  prevRandao: arbitraryHash32,
  blockNumber: arbitraryUint64,
  gasLimit: arbitraryUint64,
  gasUsed: arbitraryUint64,
  timestamp: arbitraryUint64,
  extraData: arbitraryData(0, 32),
  baseFeePerGas: arbitraryUint256,
  blockHash: arbitraryHash32,
  transactions: fc.array(arbitraryTransaction, { maxLength: 4 }),
};

export const arbitraryExecutionPayloadParis: fc.Arbitrary<ExecutionPayloadParis> = record(parisFields);

export const arbitraryExecutionPayloadCapella: fc.Arbitrary<ExecutionPayloadCapella> = record({
  ...parisFields,
  withdrawals,
});

export const arbitraryExecutionPayloadDeneb: fc.Arbitrary<ExecutionPayloadDeneb> = record({
  ...parisFields,
  transactions: fc.array(
    fc.oneof(
      arbitraryTransaction,
      arbitraryBlobTransaction.map(({ transaction }) => transaction),
    ),
    { maxLength: 4 },
  ),
  withdrawals,
  blobGasUsed: arbitraryUint64,
  excessBlobGas: arbitraryUint64,
});

export const arbitraryExecutionPayload: fc.Arbitrary<ExecutionPayload> = fc.oneof(
  arbitraryExecutionPayloadParis,
  arbitraryExecutionPayloadCapella,
  arbitraryExecutionPayloadDeneb,
);

const stateFields = {
  headBlockHash: arbitraryHash32,
  safeBlockHash: arbitraryHash32,
  finalizedBlockHash: arbitraryHash32,
};

export const arbitraryForkchoiceState: fc.Arbitrary<ForkchoiceState> = record(stateFields);

export const arbitraryForkchoiceStateV3: fc.Arbitrary<ForkchoiceStateV3> = record({
  ...stateFields,
  justifiedBlockHash: arbitraryHash32,
});

const attributesFields = {
  timestamp: arbitraryUint64,
  prevRandao: arbitraryHash32,
  suggestedFeeRecipient: arbitraryAddress,
};

export const arbitraryPayloadAttributesV1: fc.Arbitrary<PayloadAttributesV1> = record(attributesFields);

export const arbitraryPayloadAttributesV2: fc.Arbitrary<PayloadAttributesV2> = record({
  ...attributesFields,
  withdrawals,
});

/** Attributes that may go on the wire: the root is never null. */
export const arbitraryPayloadAttributesV3: fc.Arbitrary<
  PayloadAttributesV3 & { readonly parentBeaconBlockRoot: Hash32 }
> = record({ ...attributesFields, withdrawals, parentBeaconBlockRoot: arbitraryHash32 });

const validationError = fc.option(fc.string({ maxLength: 20 }));

export const arbitraryPayloadStatus: fc.Arbitrary<PayloadStatus> = fc.oneof(
  record({ status: fc.constant('VALID' as const), latestValidHash: arbitraryHash32 }),
  record({ status: fc.constant('INVALID' as const), latestValidHash: fc.option(arbitraryHash32), validationError }),
  record({ status: fc.constantFrom('SYNCING' as const, 'ACCEPTED' as const), latestValidHash: fc.constant(null) }),
  record({
    status: fc.constant('INVALID_BLOCK_HASH' as const),
    latestValidHash: fc.constant(null),
    validationError,
  }),
);

export const arbitraryForkchoiceUpdatedResult: fc.Arbitrary<ForkchoiceUpdatedResult> = fc
  .tuple(arbitraryPayloadStatus, fc.option(arbitraryPayloadId))
  .map(([payloadStatus, payloadId]) => ({
    payloadStatus,
    payloadId: payloadStatus.status === 'VALID' ? payloadId : null,
  }));

const blob = arbitraryData(32).map((bytes) => `0x${bytes.slice(2).repeat(4096)}` as const);

const arbitraryBlobsBundle: fc.Arbitrary<BlobsBundle> = fc
  .array(fc.tuple(arbitraryData(48), arbitraryData(48), blob), { maxLength: 2 })
  .map((blobs) => ({
    commitments: blobs.map(([commitment]) => commitment),
    proofs: blobs.map(([, proof]) => proof),
    blobs: blobs.map(([, , bytes]) => bytes),
  }));

export const arbitraryPayloadEnvelopeV1: fc.Arbitrary<PayloadEnvelopeV1> = record({
  executionPayload: arbitraryExecutionPayloadParis,
  blockValueWei: fc.constant(null),
});

/** As an engine answers at Shanghai: always with withdrawals. */
export const arbitraryPayloadEnvelopeV2: fc.Arbitrary<PayloadEnvelopeV2> = record({
  executionPayload: arbitraryExecutionPayloadCapella,
  blockValueWei: arbitraryUint256,
});

export const arbitraryPayloadEnvelopeV3: fc.Arbitrary<PayloadEnvelopeV3> = record({
  executionPayload: arbitraryExecutionPayloadDeneb,
  blockValueWei: arbitraryUint256,
  blobsBundle: arbitraryBlobsBundle,
  shouldOverrideBuilder: fc.boolean(),
});
