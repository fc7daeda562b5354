import { MAX_WITHDRAWALS_PER_PAYLOAD } from '../beaconShapes.js';
import { ConversionError } from '../errors.js';
import type { Withdrawal } from '../types/withdrawal.js';

/**
 * Refuses to write a block with more withdrawals than it can hold, as a payload from an engine outside mainnet may have.
 *
 * @throws ConversionError `INVALID_LENGTH`
 */
export function requireWithdrawalsFit(withdrawals: readonly Withdrawal[], path: string): void {
  if (withdrawals.length <= MAX_WITHDRAWALS_PER_PAYLOAD) return;
  const detail = `expected at most ${MAX_WITHDRAWALS_PER_PAYLOAD} items, got ${withdrawals.length}`;
  throw new ConversionError('INVALID_LENGTH', `${path}.withdrawals`, detail);
}
