import type {
  ExecutionPayloadCapella,
  ExecutionPayloadDeneb,
  ExecutionPayloadParis,
  ForkchoiceState,
  Hash32,
  PayloadAttributesV1,
  PayloadAttributesV2,
  PayloadAttributesV3,
} from '@lighthouse-compat/conversions';

/** A schedule in which timestamp 1..99 is Paris, 100..199 Shanghai, 200..299 Cancun, 300 on Prague. */
export const forks = { shanghaiTime: 100n, cancunTime: 200n, pragueTime: 300n } as const;

/** A 32-byte hash told apart by a number. */
export const hash = (n: number): Hash32 => `0x${n.toString(16).padStart(64, '0')}` as const;

const zeroAddress = `0x${'00'.repeat(20)}` as const;

const common = (number: number, timestamp: bigint) => ({
  parentHash: hash(number - 1),
  feeRecipient: zeroAddress,
  stateRoot: hash(1_000_001),
  receiptsRoot: hash(1_000_002),
  logsBloom: `0x${'00'.repeat(256)}` as const,
  prevRandao: hash(1_000_003),
  blockNumber: BigInt(number),
  gasLimit: 30_000_000n,
  gasUsed: 0n,
  timestamp,
  extraData: '0x' as const,
  baseFeePerGas: 7n,
  blockHash: hash(number),
  transactions: [],
});

export const parisPayload = (number: number): ExecutionPayloadParis => common(number, 50n);
export const capellaPayload = (number: number): ExecutionPayloadCapella => ({
  ...common(number, 150n),
  withdrawals: [],
});
export const denebPayload = (number: number): ExecutionPayloadDeneb => ({
  ...common(number, 250n),
  withdrawals: [],
  blobGasUsed: 0n,
  excessBlobGas: 0n,
});

/** A forkchoice whose head is the block of this number. */
export const headAt = (number: number): ForkchoiceState => ({
  headBlockHash: hash(number),
  safeBlockHash: hash(0),
  finalizedBlockHash: hash(0),
});

const attributes = (timestamp: bigint) => ({ timestamp, prevRandao: hash(9), suggestedFeeRecipient: zeroAddress });

export const parisAttributes: PayloadAttributesV1 = attributes(60n);
export const capellaAttributes: PayloadAttributesV2 = { ...attributes(160n), withdrawals: [] };
export const denebAttributes: PayloadAttributesV3 = {
  ...attributes(260n),
  withdrawals: [],
  parentBeaconBlockRoot: hash(77),
};
