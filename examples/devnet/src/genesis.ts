import type { Address, Data, Quantity } from '@lighthouse-compat/conversions';

/** The chain id of every devnet. */
export const devnetChainId = 4_700_447n;

const beaconRootsAddress: Address = '0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02';

// From Cancun on a client calls this contract at the start of every block (EIP-4788), so it must be there from genesis.
const beaconRootsCode: Data =
  '0x3373fffffffffffffffffffffffffffffffffffffffe14604d57602036146024575f5ffd5b5f35801560495762001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001fff42064281555f359062001fff015500';

const zeroHash: Data = `0x${'00'.repeat(32)}` as const;

/** A funded account of the genesis; the balance in wei. */
export type GenesisAccount = {
  readonly address: Address;
  readonly balanceWei: bigint;
};

type AllocatedAccount = {
  readonly balance: Quantity;
  readonly nonce?: Quantity;
  readonly code?: Data;
};

type BlobScheduleEntry = {
  readonly target: number;
  readonly max: number;
  readonly baseFeeUpdateFraction: number;
};

/** A genesis in geth's format, as JSON; fork times are numbers of Unix seconds there. */
export type Genesis = {
  readonly config: {
    readonly chainId: number;
    readonly homesteadBlock: 0;
    readonly eip150Block: 0;
    readonly eip155Block: 0;
    readonly eip158Block: 0;
    readonly byzantiumBlock: 0;
    readonly constantinopleBlock: 0;
    readonly petersburgBlock: 0;
    readonly istanbulBlock: 0;
    readonly berlinBlock: 0;
    readonly londonBlock: 0;
    readonly mergeNetsplitBlock: 0;
    readonly terminalTotalDifficulty: 0;
    readonly terminalTotalDifficultyPassed: true;
    readonly shanghaiTime: 0;
    readonly cancunTime?: number;
    readonly blobSchedule?: { readonly cancun: BlobScheduleEntry };
  };
  readonly nonce: Quantity;
  readonly timestamp: Quantity;
  readonly extraData: Data;
  readonly gasLimit: Quantity;
  readonly difficulty: Quantity;
  readonly mixHash: Data;
  readonly coinbase: Address;
  readonly baseFeePerGas: Quantity;
  readonly alloc: Readonly<Record<string, AllocatedAccount>>;
};

const quantity = (value: bigint): Quantity => `0x${value.toString(16)}` as const;

/** Makes a proof-of-stake genesis of Shanghai that turns to Cancun at `cancunTime`, or never; times in Unix seconds. */
export function makeGenesis(options: {
  readonly genesisTime: bigint;
  readonly cancunTime?: bigint;
  readonly accounts: readonly GenesisAccount[];
}): Genesis {
  const funded = options.accounts.map(({ address, balanceWei }): [string, AllocatedAccount] => [
    address,
    { balance: quantity(balanceWei) },
  ]);
  return {
    config: {
      chainId: Number(devnetChainId),
      homesteadBlock: 0,
      eip150Block: 0,
      eip155Block: 0,
      eip158Block: 0,
      byzantiumBlock: 0,
      constantinopleBlock: 0,
      petersburgBlock: 0,
      istanbulBlock: 0,
      berlinBlock: 0,
      londonBlock: 0,
      mergeNetsplitBlock: 0,
      terminalTotalDifficulty: 0,
      terminalTotalDifficultyPassed: true,
      shanghaiTime: 0,
      ...(options.cancunTime === undefined
        ? {}
        : {
            cancunTime: Number(options.cancunTime),
            blobSchedule: { cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 } },
          }),
    },
    nonce: '0x0',
    timestamp: quantity(options.genesisTime),
    extraData: '0x',
    gasLimit: quantity(30_000_000n),
    difficulty: '0x0',
    mixHash: zeroHash,
    coinbase: `0x${'00'.repeat(20)}` as const,
    baseFeePerGas: quantity(1_000_000_000n),
    alloc: {
      [beaconRootsAddress]: { balance: '0x0', nonce: '0x1', code: beaconRootsCode },
      ...Object.fromEntries(funded),
    },
  };
}
