import type { Codec } from '../codec.js';
import { withdrawal } from '../shapes.js';
import type { Withdrawal } from '../types/withdrawal.js';
import { beaconCodec } from './encoding.js';
import type { BeaconJson } from './json.js';

const codec: Codec<Withdrawal, BeaconJson<Withdrawal>> = beaconCodec(withdrawal);

/**
 * Reads a Withdrawal: uint64 indices, an address of 20 bytes, the amount in Gwei.
 *
 * @throws ConversionError at the field that is missing, unknown or malformed
 * @see https://github.com/ethereum/consensus-specs/blob/master/specs/capella/beacon-chain.md#withdrawal
 */
export function parseWithdrawal(json: unknown, path: string = 'withdrawal'): Withdrawal {
  return codec.parse(json, path);
}

/** Writes a Withdrawal. */
export function serializeWithdrawal(withdrawal: Withdrawal): BeaconJson<Withdrawal> {
  return codec.serialize(withdrawal);
}
