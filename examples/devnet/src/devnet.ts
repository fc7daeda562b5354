import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hash32 } from '@lighthouse-compat/conversions';
import { type DevnetAccount, devnetAccounts } from './accounts.js';
import { DevnetError } from './errors.js';
import { type ExecutionClient, startExecutionClient } from './executionClient.js';
import { devnetChainId, makeGenesis } from './genesis.js';

/** How many blocks fit between the genesis and now, when the genesis time is left out. */
const pastSlots = 512;

const balanceWei = 10n ** 24n;

/** What {@link startDevnet} starts. */
export type DevnetOptions<Name extends string> = {
  /** One client each, without repeats. */
  readonly names: readonly Name[];
  /** How many blocks come before the first of Cancun; left out, there is no Cancun. */
  readonly blocksBeforeFork?: number;
  /** Unix seconds; left out, far enough in the past for every block's timestamp to be in it. */
  readonly genesisTime?: bigint;
  /** 12 unless told. */
  readonly slotSeconds?: number;
  /** How many accounts are funded, 3 unless told. */
  readonly txAccounts?: number;
  /** How long each client has until it answers, 60000 unless told. */
  readonly startTimeoutMs?: number;
  /** Ends the start, not the started devnet. */
  readonly signal?: AbortSignal;
};

/** Execution clients of one genesis. */
export type Devnet<Name extends string = string> = {
  readonly clients: Readonly<Record<Name, ExecutionClient>>;
  readonly chainId: bigint;
  readonly genesisHash: Hash32;
  /** Unix seconds. */
  readonly genesisTime: bigint;
  /** Unix seconds, as the SDK takes them. */
  readonly forks: { readonly shanghaiTime: bigint; readonly cancunTime?: bigint };
  readonly slotSeconds: number;
  /** Funded from genesis. */
  readonly accounts: readonly DevnetAccount[];
  /** Where the data is, until the devnet stops. */
  readonly folder: string;
  /** Ends every client and removes the folder; harmless when it has been done. */
  stop(): Promise<void>;
};

/** Starts the clients side by side in a temporary folder; throws a DevnetError and leaves nothing behind if one does not start. */
export async function startDevnet<const Name extends string>(options: DevnetOptions<Name>): Promise<Devnet<Name>> {
  const { names, slotSeconds = 12 } = options;
  checkOptions(names, slotSeconds, options.blocksBeforeFork);
  const genesisTime =
    options.genesisTime ??
    BigInt(Math.floor(Date.now() / 1000) - slotSeconds * (pastSlots + (options.blocksBeforeFork ?? 0)));
  const cancun =
    options.blocksBeforeFork === undefined
      ? {}
      : { cancunTime: genesisTime + BigInt(slotSeconds * (options.blocksBeforeFork + 1)) };
  const accounts = devnetAccounts(options.txAccounts ?? 3);

  const folder = await mkdtemp(join(tmpdir(), 'lighthouse-compat-devnet-'));
  const removeOnExit = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', removeOnExit);
  const started: ExecutionClient[] = [];
  const startFailed = new AbortController();
  const signals = options.signal === undefined ? [startFailed.signal] : [startFailed.signal, options.signal];

  const end = async (): Promise<void> => {
    await Promise.all(started.map((client) => client.stop()));
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    process.removeListener('exit', removeOnExit);
  };
  let ended: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    ended ??= end();
    return ended;
  };

  try {
    const genesisFile = join(folder, 'devnet.json');
    const funded = accounts.map(({ address }) => ({ address, balanceWei }));
    await writeFile(genesisFile, JSON.stringify(makeGenesis({ genesisTime, ...cancun, accounts: funded })));

    const startOne = async (name: Name): Promise<[Name, ExecutionClient]> => {
      const home = join(folder, name);
      const dataDir = join(home, 'data');
      const jwtSecretFile = join(home, 'jwt.hex');
      await mkdir(home);
      await writeFile(jwtSecretFile, randomBytes(32).toString('hex'), { mode: 0o600 });
      const signal = AbortSignal.any(signals);
      const timeout = options.startTimeoutMs === undefined ? {} : { startTimeoutMs: options.startTimeoutMs };
      const client = await startExecutionClient({ name, genesisFile, dataDir, jwtSecretFile, signal, ...timeout });
      started.push(client);
      return [name, client];
    };
    const results = await Promise.allSettled(
      names.map((name) =>
        startOne(name).catch((error: unknown) => {
          startFailed.abort(error);
          throw error;
        }),
      ),
    );
    // The first to fail made the others fail with ABORTED.
    if (startFailed.signal.aborted) throw startFailed.signal.reason;
    const clients = Object.fromEntries(
      results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    ) as Record<Name, ExecutionClient>;
    const genesisHash = sameGenesis(started);
    const forks = { shanghaiTime: 0n, ...cancun };
    return { clients, chainId: devnetChainId, genesisHash, genesisTime, forks, slotSeconds, accounts, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function sameGenesis(clients: readonly ExecutionClient[]): Hash32 {
  const hashes = new Set(clients.map((client) => client.genesisHash));
  const [hash] = hashes;
  if (hash !== undefined && hashes.size === 1) return hash;
  const found = clients.map((client) => `${client.name} ${client.genesisHash}`).join(', ');
  throw new DevnetError('GENESIS_MISMATCH', `the clients do not agree on the genesis: ${found}`);
}

function checkOptions(names: readonly string[], slotSeconds: number, blocksBeforeFork: number | undefined): void {
  const wrong = (what: string): DevnetError => new DevnetError('INVALID_OPTION', what);
  if (names.length === 0 || new Set(names).size !== names.length) throw wrong('names: one or more, without repeats');
  if (names.some((name) => !/^[\w-]+$/.test(name))) throw wrong('names: letters, digits, _ and - only');
  if (!Number.isSafeInteger(slotSeconds) || slotSeconds < 1) throw wrong('slotSeconds: a whole number from 1');
  if (blocksBeforeFork !== undefined && (!Number.isSafeInteger(blocksBeforeFork) || blocksBeforeFork < 0)) {
    throw wrong('blocksBeforeFork: a whole number from 0');
  }
}
