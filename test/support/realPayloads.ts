import { createBlockFromExecutionPayload } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import {
  type Data,
  type ExecutionPayload,
  engineJson,
  type Hash32,
  type ServedFork,
} from '@lighthouse-compat/conversions';
import { encodeRlp, toBeArray } from 'ethers';
import fc from 'fast-check';
import {
  arbitraryExecutionPayloadCapella,
  arbitraryExecutionPayloadDeneb,
  arbitraryExecutionPayloadParis,
  arbitraryHash32,
  arbitraryWithdrawal,
} from './arbitraries.js';

// Payloads that @ethereumjs/block takes: their transactions are well-formed and signed by nobody.

/** A payload, and what its block hash covers beside it. */
export type HashablePayload = {
  readonly fork: ServedFork;
  readonly payload: ExecutionPayload;
  readonly parentBeaconBlockRoot: Hash32 | undefined;
};

const MAINNET = '0x01';
const hex = (bytes: Uint8Array): Data => `0x${Buffer.from(bytes).toString('hex')}` as const;
const uint = (max: bigint): fc.Arbitrary<Uint8Array> =>
  fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max })).map((value) => toBeArray(value));

const bytes = (length: number): fc.Arbitrary<Data> =>
  fc.uint8Array({ minLength: length, maxLength: length, max: 0xff }).map(hex);
const signatureHalf = fc.bigInt({ min: 1n, max: 2n ** 254n }).map((value) => toBeArray(value));

type Parts = {
  readonly nonce: Uint8Array;
  readonly tip: Uint8Array;
  readonly fee: Uint8Array;
  readonly gas: Uint8Array;
  readonly address: Data;
  readonly creates: boolean;
  readonly value: Uint8Array;
  readonly data: Uint8Array;
  readonly accessList: (readonly [Data, Data[]])[];
  readonly versionedHashes: Data[];
  readonly parity: boolean;
  readonly r: Uint8Array;
  readonly s: Uint8Array;
};

const parts: fc.Arbitrary<Parts> = fc.record({
  nonce: uint(2n ** 63n),
  tip: uint(2n ** 30n),
  fee: uint(2n ** 30n).map((bytes) => Uint8Array.of(0x7f, ...Array.from({ length: 8 }, (_, i) => bytes[i] ?? 1))),
  gas: uint(2n ** 40n),
  address: bytes(20),
  creates: fc.boolean(),
  value: uint(2n ** 128n),
  data: fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    fc.uint8Array({ minLength: 0, maxLength: 9 }),
  ),
  accessList: fc.array(fc.tuple(bytes(20), fc.array(bytes(32), { maxLength: 2 })), { maxLength: 2 }),
  versionedHashes: fc.array(
    bytes(31).map((tail) => `0x01${tail.slice(2)}` as const),
    { minLength: 1, maxLength: 3 },
  ),
  parity: fc.boolean(),
  r: signatureHalf,
  s: signatureHalf,
});

function encode(type: number, of: Parts): Data {
  const to = of.creates && type !== 3 ? '0x' : of.address;
  const signature = [of.parity ? '0x01' : '0x', of.r, of.s];
  const typed = (fields: unknown): Data => `0x0${type}${encodeRlp(fields as never).slice(2)}` as const;
  switch (type) {
    case 0:
      return encodeRlp([
        of.nonce,
        of.fee,
        of.gas,
        to,
        of.value,
        of.data,
        of.parity ? '0x1b' : '0x26',
        of.r,
        of.s,
      ]) as Data;
    case 1:
      return typed([MAINNET, of.nonce, of.fee, of.gas, to, of.value, of.data, of.accessList, ...signature]);
    case 2:
      return typed([MAINNET, of.nonce, of.tip, of.fee, of.gas, to, of.value, of.data, of.accessList, ...signature]);
    default: {
      const { nonce, tip, fee, gas, value, data, accessList, versionedHashes } = of;
      const beforeHashes = [MAINNET, nonce, tip, fee, gas, to, value, data, accessList, of.tip];
      return typed([...beforeHashes, versionedHashes, ...signature]);
    }
  }
}

/** A well-formed raw transaction of one of some types. */
const arbitraryTransactionOf = (...types: number[]): fc.Arbitrary<Data> =>
  fc.tuple(fc.constantFrom(...types), parts).map(([type, of]) => encode(type, of));

const shapes = {
  paris: arbitraryExecutionPayloadParis,
  shanghai: arbitraryExecutionPayloadCapella,
  cancun: arbitraryExecutionPayloadDeneb,
} as const;

/** A payload of any fork with so many transactions of every type that the fork has, and 0 to 16 withdrawals. */
export function arbitraryHashablePayload(size: {
  readonly minTransactions: number;
  readonly maxTransactions: number;
}): fc.Arbitrary<HashablePayload> {
  const length = { minLength: size.minTransactions, maxLength: size.maxTransactions, size: 'max' } as const;
  return fc.constantFrom('paris', 'shanghai', 'cancun', 'cancun').chain((fork: ServedFork) =>
    fc
      .record({
        payload: shapes[fork] as fc.Arbitrary<ExecutionPayload>,
        transactions: fc.array(arbitraryTransactionOf(...(fork === 'cancun' ? [0, 1, 2, 3] : [0, 1, 2])), length),
        withdrawals: fc.array(arbitraryWithdrawal, { maxLength: 16, size: 'max' }),
        root: arbitraryHash32,
      })
      .map(({ payload, transactions, withdrawals, root }) => ({
        fork,
        payload: {
          ...payload,
          // A header that used more gas than its limit is refused by the library that ours is held against.
          gasUsed: payload.gasUsed > payload.gasLimit ? 0n : payload.gasUsed,
          transactions,
          ...(fork === 'paris' ? {} : { withdrawals }),
        } as ExecutionPayload,
        parentBeaconBlockRoot: fork === 'cancun' ? root : undefined,
      })),
  );
}

// A blob transaction is not read without one; nothing calls it, since no payload holds a sidecar.
const customCrypto = { kzg: {} as never };

const commons: Readonly<Record<ServedFork, Common>> = {
  paris: new Common({ chain: Mainnet, hardfork: Hardfork.Paris, customCrypto }),
  shanghai: new Common({ chain: Mainnet, hardfork: Hardfork.Shanghai, customCrypto }),
  cancun: new Common({ chain: Mainnet, hardfork: Hardfork.Cancun, customCrypto }),
};

/** The block hash of a payload as \@ethereumjs/block gives it; it throws unless the payload's own hash is the same. */
export async function ethereumjsBlockHash(hashable: HashablePayload): Promise<Data> {
  const json = {
    ...engineJson.serializeExecutionPayload(hashable.payload),
    ...(hashable.parentBeaconBlockRoot === undefined ? {} : { parentBeaconBlockRoot: hashable.parentBeaconBlockRoot }),
  };
  const block = await createBlockFromExecutionPayload(json as never, { common: commons[hashable.fork] });
  return hex(block.hash());
}
