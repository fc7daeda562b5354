import { randomUUID } from 'node:crypto';
import { type FlagKey, flagKeys } from '@lighthouse-compat/flag-provider';
import { type FlagPlace, setUpFlags, UnleashAdmin, UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import type { Decision, LighthouseCompat } from '@lighthouse-compat/sdk';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import murmurhash3js from 'murmurhash3js';
import { onTestFinished, vi } from 'vitest';
import { hash } from './samples.js';
import type { UnleashLease } from './unleashServer.js';

const inForceWithinMs = 20_000;

/** The hashes of a hundred blocks. */
export const hundredHashes: readonly `0x${string}`[] = Array.from({ length: 100 }, (_, n) => hash(7_000 + n));

/** Which of two versions a rollout gives a key to, by the hash that Unleash's own client computes. */
export const versionAt = (percent: number, key: string): 'v4' | 'v5' =>
  (murmurhash3js.x86.hash32(`lighthouse-compat:${key}`, 0) % 100) + 1 <= percent ? 'v5' : 'v4';

/** Flags of the run's Unleash, set up anew: an OpenFeature client that asks every 200 ms, and the means to change them. */
export async function openFlags(unleash: UnleashLease): Promise<{
  readonly flags: Client;
  readonly place: (flagKey: FlagKey) => FlagPlace;
  readonly admin: UnleashAdmin;
  setPercent(flagKey: FlagKey, percent: number): Promise<void>;
}> {
  const { project, environment } = unleash;
  const admin = new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken });
  await unleash.removeFlags();
  await setUpFlags({ admin, project, environment });
  const domain = randomUUID();
  const provider = new UnleashProvider({
    url: unleash.apiUrl,
    appName: 'test',
    token: unleash.clientToken,
    refreshIntervalMs: 200,
  });
  await OpenFeature.setProviderAndWait(domain, provider);
  onTestFinished(() => provider.onClose());
  const place = (flagKey: FlagKey): FlagPlace => ({ project, environment, flagKey });
  const setPercent = async (flagKey: FlagKey, percent: number): Promise<void> => {
    const strategy = (await admin.readFlag(place(flagKey)))?.strategies[0];
    if (strategy === undefined) throw new Error(`${flagKey} has no strategy`);
    await admin.setRollout(place(flagKey), strategy, percent);
  };
  return { flags: OpenFeature.getClient(domain), place, admin, setPercent };
}

/** How the SDK would decide the call that makes a block the head. */
export function decideHead(compat: LighthouseCompat, headBlockHash: `0x${string}`): Promise<Decision> {
  const forkchoiceState = { headBlockHash, safeBlockHash: headBlockHash, finalizedBlockHash: headBlockHash };
  return compat.decide('forkchoice_updated', { forkchoiceState });
}

/** The versions that the SDK would send a hundred blocks to. */
export async function versionsOf(compat: LighthouseCompat): Promise<readonly string[]> {
  const decisions = await Promise.all(hundredHashes.map((one) => decideHead(compat, one)));
  return decisions.map(({ adapter }) => adapter);
}

/** Waits until the SDK decides every one of a hundred blocks as a rollout of `lighthouse_v5_primary` has it. */
export async function followed(compat: LighthouseCompat, percent: number): Promise<void> {
  const wanted = hundredHashes.map((one) => versionAt(percent, one)).join(' ');
  await vi.waitFor(
    async () => {
      const found = (await versionsOf(compat)).join(' ');
      if (found !== wanted) throw new Error(`${flagKeys.lighthouseV5Primary} at ${percent} %: decided ${found}`);
    },
    { timeout: inForceWithinMs, interval: 50 },
  );
}
