import type { Data } from '@lighthouse-compat/conversions';
import type { Devnet } from './devnet.js';
import type { RequestOptions } from './engineRpc.js';
import { DevnetError } from './errors.js';
import type { ExecutionClient } from './executionClient.js';
import { createTransfers } from './transactions.js';

// A client that did not answer the last time, frozen perhaps, may not hold up every block.
const silentTimeoutMs = 500;

/** Keeps every client's pool alike: a pool is its client's own and in memory only, and a nonce that one lacks empties the blocks it builds. */
export type TransactionSender = {
  /** Sends what no block has yet and new transfers up to `count` of both to every client that is alive; one that cannot be reached gets them the next time. */
  send(count: number): Promise<void>;
  /** Forgets what a block has taken in. */
  included(transactions: readonly Data[]): void;
};

/** Makes the sender of a devnet's transfers. */
export function createTransactionSender(devnet: Devnet): TransactionSender {
  const transfers = createTransfers(devnet);
  let pending: readonly Data[] = [];
  const silent = new Set<string>();

  async function reach(client: ExecutionClient): Promise<boolean> {
    const reached = await sendTo(client, pending, silent.has(client.name) ? { timeoutMs: silentTimeoutMs } : {});
    if (reached) silent.delete(client.name);
    else silent.add(client.name);
    return reached;
  }

  return {
    async send(count) {
      while (pending.length < count) pending = [...pending, await transfers.next()];
      const alive = Object.values(devnet.clients).filter((client) => client.alive);
      const reached = await Promise.all(alive.map(reach));
      if (!reached.includes(true)) throw new DevnetError('NO_CLIENT_ALIVE', 'no client takes transactions');
    },
    included(transactions) {
      const taken = new Set(transactions);
      pending = pending.filter((transaction) => !taken.has(transaction));
    },
  };
}

async function sendTo(
  client: ExecutionClient,
  transactions: readonly Data[],
  options: RequestOptions,
): Promise<boolean> {
  try {
    for (const transaction of transactions) await client.rpc.sendRawTransaction(transaction, options);
    return true;
  } catch (error) {
    if (error instanceof DevnetError && error.code === 'RPC_UNREACHABLE') return false;
    throw error;
  }
}
