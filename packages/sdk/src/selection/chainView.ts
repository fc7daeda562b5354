import { type ForkSchedule, forkAt, type Hash32, type ServedFork } from '@lighthouse-compat/conversions';
import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import { createBoundedMap } from '../boundedMap.js';
import type { EngineName } from '../engine/engineClient.js';
import { CompatError } from '../errors.js';

/** The fork of a timestamp as far as it is served; throws UNSUPPORTED_FORK for Prague and later. */
export function servedForkAt(schedule: ForkSchedule, timestamp: bigint, path: string): ServedFork {
  const fork = forkAt(schedule, timestamp);
  if (fork !== 'prague') return fork;
  throw new CompatError('UNSUPPORTED_FORK', `${path}: ${timestamp} is in Prague, which neither v4 nor v5 serves`, {
    path,
  });
}

/** What the calls so far have told of the chain: which fork a block is of, and which engine built it. Block hashes are compared without case. */
export type ChainView = {
  seePayload(blockHash: Hash32, fork: ServedFork): void;
  seeBuilt(blockHash: Hash32, engine: EngineName): void;
  /** A head that an engine answered VALID: a Cancun one keeps the process on v5 for good. */
  seeValidHead(blockHash: Hash32): void;
  forkOfHead(blockHash: Hash32): ServedFork;
  newestFork(): ServedFork;
  builtBy(blockHash: Hash32): EngineName | undefined;
  cancunHeadWasValid(): boolean;
};

const maxBlocks = 256;

/** Starts with nothing seen: until then a block is taken to be of Shanghai, or of Cancun where the schedule begins with it; without attributes every version of the method is legal, and the oldest is the first that engines drop. */
export function createChainView(schedule: ForkSchedule): ChainView {
  const forks = createBoundedMap<ServedFork>(maxBlocks);
  const builders = createBoundedMap<EngineName>(maxBlocks);
  let newestFork: ServedFork = servedForkAt(schedule, 0n, 'forks') === 'cancun' ? 'cancun' : 'shanghai';
  let cancunHeadWasValid = false;

  return {
    seePayload(blockHash, fork) {
      forks.set(blockHash, fork);
      newestFork = fork;
    },
    seeBuilt: (blockHash, engine) => builders.set(blockHash, engine),
    seeValidHead(blockHash) {
      if (forks.get(blockHash) === 'cancun') cancunHeadWasValid = true;
    },
    forkOfHead: (blockHash) => forks.get(blockHash) ?? newestFork,
    newestFork: () => newestFork,
    builtBy: (blockHash) => builders.get(blockHash),
    cancunHeadWasValid: () => cancunHeadWasValid,
  };
}

/** The adapter that a call's fork leaves no choice about, or undefined where flags and mode may choose. */
export function adapterByFork(fork: ServedFork, chain: ChainView): AdapterVersion | undefined {
  return fork === 'cancun' || chain.cancunHeadWasValid() ? 'v5' : undefined;
}
