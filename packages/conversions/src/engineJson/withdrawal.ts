import type { Codec } from '../codec.js';
import { withdrawal } from '../shapes.js';
import type { Withdrawal } from '../types/withdrawal.js';
import { engineCodec } from './encoding.js';
import type { WithdrawalJson } from './json.js';

const codec: Codec<Withdrawal, WithdrawalJson> = engineCodec(withdrawal);

/**
 * Reads WithdrawalV1: uint64 indices, an address of 20 bytes, the amount in Gwei.
 *
 * @throws ConversionError at the field that is missing, unknown or malformed
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/shanghai.md#withdrawalv1
 */
export function parseWithdrawal(json: unknown, path: string = 'withdrawal'): Withdrawal {
  return codec.parse(json, path);
}

/** Writes WithdrawalV1. */
export function serializeWithdrawal(withdrawal: Withdrawal): WithdrawalJson {
  return codec.serialize(withdrawal);
}
