import type { Address, Data, Hash32 } from './scalars.js';
import type { Withdrawal } from './withdrawal.js';

type ExecutionPayloadCommon = {
  readonly parentHash: Hash32;
  readonly feeRecipient: Address;
  readonly stateRoot: Hash32;
  readonly receiptsRoot: Hash32;
  /** 256 bytes. */
  readonly logsBloom: Data;
  readonly prevRandao: Hash32;
  readonly blockNumber: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** 0 to 32 bytes. */
  readonly extraData: Data;
  /** uint256, wei. */
  readonly baseFeePerGas: bigint;
  readonly blockHash: Hash32;
  /** Raw transactions, at least one byte each. */
  readonly transactions: readonly Data[];
};

// `never` keeps the forks apart: without it a Deneb payload would pass for a Capella one and lose its blob fields.

/** ExecutionPayloadV1 (execution-apis, src/engine/paris.md): no withdrawals, no blob fields. */
export type ExecutionPayloadParis = ExecutionPayloadCommon & {
  readonly withdrawals?: never;
  readonly blobGasUsed?: never;
  readonly excessBlobGas?: never;
};

/** ExecutionPayloadV2 with withdrawals (execution-apis, src/engine/shanghai.md), Lighthouse v4's newest. */
export type ExecutionPayloadCapella = ExecutionPayloadCommon & {
  readonly withdrawals: readonly Withdrawal[];
  readonly blobGasUsed?: never;
  readonly excessBlobGas?: never;
};

/** ExecutionPayloadV3 (execution-apis, src/engine/cancun.md), Lighthouse v5's; blob gas in uint64. */
export type ExecutionPayloadDeneb = ExecutionPayloadCommon & {
  readonly withdrawals: readonly Withdrawal[];
  readonly blobGasUsed: bigint;
  readonly excessBlobGas: bigint;
};

/** The payload of any fork that is served; `'blobGasUsed' in payload` and `'withdrawals' in payload` tell them apart. */
export type ExecutionPayload = ExecutionPayloadParis | ExecutionPayloadCapella | ExecutionPayloadDeneb;

/** The payload's type by its fork; Prague's is not served. */
export type ExecutionPayloadByFork = {
  readonly paris: ExecutionPayloadParis;
  readonly shanghai: ExecutionPayloadCapella;
  readonly cancun: ExecutionPayloadDeneb;
  readonly prague: never;
};
