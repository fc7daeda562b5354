import type { Address } from './scalars.js';

/** WithdrawalV1 (execution-apis, src/engine/shanghai.md): the indices are uint64, the amount is uint64 Gwei. */
export type Withdrawal = {
  readonly index: bigint;
  readonly validatorIndex: bigint;
  readonly address: Address;
  readonly amount: bigint;
};
