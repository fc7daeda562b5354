import type { Address, Data } from '@lighthouse-compat/conversions';
import { id, Wallet } from 'ethers';

/** An account of a devnet, worthless anywhere else: its private key is derived from its index. */
export type DevnetAccount = {
  readonly address: Address;
  readonly privateKey: Data;
};

/** Gives the first `count` accounts, the same ones every time; the addresses are in lower case. */
export function devnetAccounts(count: number): readonly DevnetAccount[] {
  return Array.from({ length: count }, (_, index) => {
    const privateKey = id(`lighthouse-compat devnet account ${index}`) as Data;
    return { address: new Wallet(privateKey).address.toLowerCase() as Address, privateKey };
  });
}
