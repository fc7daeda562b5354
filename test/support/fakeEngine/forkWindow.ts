import { RpcError } from './rpcError.js';

/** When each fork begins, in Unix seconds. */
export type ForkTimes = {
  readonly shanghaiTime: bigint;
  readonly cancunTime?: bigint;
  readonly pragueTime?: bigint;
};

type ForkName = 'paris' | 'shanghai' | 'cancun' | 'prague';

/** The fork of a timestamp. */
export function forkOf(times: ForkTimes, timestamp: bigint): ForkName {
  const begun = (time: bigint | undefined): boolean => time !== undefined && timestamp >= time;
  if (begun(times.pragueTime)) return 'prague';
  if (begun(times.cancunTime)) return 'cancun';
  return begun(times.shanghaiTime) ? 'shanghai' : 'paris';
}

/** The forks that each version of a method serves: newPayload and getPayload (cancun.md, prague.md). For V1 after Paris the specification has an obligation of the caller and no code; here it is refused as V2 is after Shanghai. */
const payloadForks: Readonly<Record<1 | 2 | 3, readonly ForkName[]>> = {
  1: ['paris'],
  2: ['paris', 'shanghai'],
  3: ['cancun'],
};

/** The same for the attributes of forkchoiceUpdated, whose V3 Prague goes on using. */
const attributesForks: Readonly<Record<1 | 2 | 3, readonly ForkName[]>> = { ...payloadForks, 3: ['cancun', 'prague'] };

/** A version of the methods that the specification has up to Cancun. */
export type MethodVersion = keyof typeof payloadForks;

/** Throws -38005 for a payload whose timestamp the version of the method does not serve. */
export function assertPayloadFork(times: ForkTimes, version: MethodVersion, timestamp: bigint): void {
  if (!payloadForks[version].includes(forkOf(times, timestamp))) throw new RpcError(-38005, 'Unsupported fork');
}

/** Throws -38005 for attributes whose timestamp the version of the method does not serve. */
export function assertAttributesFork(times: ForkTimes, version: MethodVersion, timestamp: bigint): void {
  if (!attributesForks[version].includes(forkOf(times, timestamp))) throw new RpcError(-38005, 'Unsupported fork');
}
