import type { Address, Hash32 } from './scalars.js';
import type { Withdrawal } from './withdrawal.js';

type PayloadAttributesCommon = {
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly prevRandao: Hash32;
  readonly suggestedFeeRecipient: Address;
};

/** PayloadAttributesV1 (execution-apis, src/engine/paris.md). */
export type PayloadAttributesV1 = PayloadAttributesCommon & {
  readonly withdrawals?: never;
  readonly parentBeaconBlockRoot?: never;
};

/** PayloadAttributesV2 (execution-apis, src/engine/shanghai.md). */
export type PayloadAttributesV2 = PayloadAttributesCommon & {
  readonly withdrawals: readonly Withdrawal[];
  readonly parentBeaconBlockRoot?: never;
};

/** PayloadAttributesV3 (execution-apis, src/engine/cancun.md); the root is null only in attributes converted from V2, which never go on the wire as V3. */
export type PayloadAttributesV3 = PayloadAttributesCommon & {
  readonly withdrawals: readonly Withdrawal[];
  readonly parentBeaconBlockRoot: Hash32 | null;
};

/** The attributes of any fork that is served. */
export type PayloadAttributes = PayloadAttributesV1 | PayloadAttributesV2 | PayloadAttributesV3;

/** The attributes' type by their fork; Prague's are not served. */
export type PayloadAttributesByFork = {
  readonly paris: PayloadAttributesV1;
  readonly shanghai: PayloadAttributesV2;
  readonly cancun: PayloadAttributesV3;
  readonly prague: never;
};
