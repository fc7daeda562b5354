import type { Data } from '@lighthouse-compat/conversions';
import { id, Wallet } from 'ethers';
import type { DevnetAccount } from './accounts.js';

const weiPerGwei = 1_000_000_000n;
const accessListEvery = 4;

const legacyFees = { type: 0, gasPrice: 2n * weiPerGwei };
const dynamicFees = { type: 2, maxFeePerGas: 3n * weiPerGwei, maxPriorityFeePerGas: weiPerGwei };

/** Signs one transfer after the other, from each account in turn and with its next nonce: types 2 and 0 by turns, every fourth with an access list. */
export function createTransfers(options: { readonly accounts: readonly DevnetAccount[]; readonly chainId: bigint }): {
  next(): Promise<Data>;
} {
  const wallets = options.accounts.map((account) => new Wallet(account.privateKey));
  let count = 0;

  return {
    async next() {
      const index = count;
      count += 1;
      const wallet = wallets[index % wallets.length] as Wallet;
      const to = `0x${id(`recipient ${index % 7}`).slice(-40)}`;
      const accessList =
        index % accessListEvery === 0 ? { accessList: [{ address: to, storageKeys: [id('slot')] }] } : {};
      const signed = await wallet.signTransaction({
        ...(index % 2 === 0 ? { ...dynamicFees, ...accessList } : legacyFees),
        chainId: options.chainId,
        nonce: Math.floor(index / wallets.length),
        gasLimit: 50_000n,
        to,
        value: BigInt(index + 1) * weiPerGwei,
      });
      return signed as Data;
    },
  };
}
