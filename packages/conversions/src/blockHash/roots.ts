import { encodeRlp, getBytes, hexlify, toBeArray } from 'ethers/utils';
import { checkTransactions, checkWithdrawals } from '../check.js';
import type { Data, Hash32 } from '../types/scalars.js';
import type { Withdrawal } from '../types/withdrawal.js';
import { orderedTrieRoot } from './orderedTrie.js';

/** Of three uint64, an address and the list, each with a header of one byte. */
const LONGEST_WITHDRAWAL = 3 * 9 + 21 + 1;

/**
 * Gives the transactionsRoot of a header: the root of the trie of raw transactions under their indices.
 *
 * @throws ConversionError at the transaction that is malformed or empty
 */
export function transactionsRoot(transactions: readonly Data[], path: string = 'transactions'): Hash32 {
  return hexlify(transactionsRootOf(checkTransactions(transactions, path))) as Hash32;
}

/**
 * Gives the withdrawalsRoot of a header from Shanghai on; the amounts are in Gwei.
 *
 * @throws ConversionError at the field that is missing, unknown or malformed
 * @see https://eips.ethereum.org/EIPS/eip-4895
 */
export function withdrawalsRoot(withdrawals: readonly Withdrawal[], path: string = 'withdrawals'): Hash32 {
  return hexlify(withdrawalsRootOf(checkWithdrawals(withdrawals, path))) as Hash32;
}

/** The root of raw transactions; `transactions` have been checked. */
export function transactionsRootOf(transactions: readonly Data[]): Uint8Array {
  let capacity = 0;
  for (const { length } of transactions) capacity = Math.max(capacity, length / 2);
  return orderedTrieRoot(transactions, capacity, (transaction, target, at) =>
    // A view of the same memory: only Node's Buffer decodes hex.
    Buffer.from(target.buffer, target.byteOffset, target.length).write(transaction.slice(2), at, 'hex'),
  );
}

/** The root of withdrawals; they have been checked. */
export function withdrawalsRootOf(withdrawals: readonly Withdrawal[]): Uint8Array {
  const encoded = withdrawals.map(({ index, validatorIndex, address, amount }) =>
    getBytes(encodeRlp([toBeArray(index), toBeArray(validatorIndex), address, toBeArray(amount)])),
  );
  return orderedTrieRoot(encoded, LONGEST_WITHDRAWAL, (bytes, target, at) => {
    target.set(bytes, at);
    return bytes.length;
  });
}
