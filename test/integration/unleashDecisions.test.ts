import { createBlockDriver, startDevnet } from '@lighthouse-compat/example-devnet';
import { flagKeys, type MigrationModeFlagValue } from '@lighthouse-compat/flag-provider';
import { migrationModeVariants } from '@lighthouse-compat/flag-provider/unleash';
import { createLighthouseCompat, type Observation } from '@lighthouse-compat/sdk';
import { ProviderEvents } from '@openfeature/server-sdk';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { capellaPayload, hash } from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';
import { decideHead, followed, hundredHashes, openFlags, versionAt, versionsOf } from '../support/unleashDecisions.js';
import { leaseTimeoutMs, leaseUnleash, type UnleashLease } from '../support/unleashServer.js';

const { lighthouseV5, lighthouseV5Primary, lighthouseMigrationMode } = flagKeys;

let unleash: UnleashLease;
beforeAll(async () => {
  unleash = await leaseUnleash();
}, leaseTimeoutMs);
afterAll(() => unleash?.release());

test('each flag of the vocabulary, switched on in Unleash as it was set up, does what its name says', async () => {
  const { flags, admin, place } = await openFlags(unleash);
  const { compat } = await openTwoEngines({ flags });
  const head = hash(1);
  const decisions = async () => {
    const [made, imported] = await Promise.all([
      decideHead(compat, head),
      compat.decide('new_payload', { executionPayload: capellaPayload(1) }),
    ]);
    return { made: made.mode, imported: imported.mode };
  };
  const inForce = (wanted: { made: string; imported: string }) =>
    vi.waitFor(async () => expect(await decisions()).toEqual(wanted), { timeout: 20_000, interval: 50 });
  const off = { made: 'v4_only', imported: 'v4_only' };

  // The master switch alone leaves it to the configured mode, and without it no other flag matters.
  await admin.switchFlag(place(flagKeys.lighthouseParallelMode), 'on');
  await admin.switchFlag(place(lighthouseV5), 'on');
  await inForce({ made: 'parallel', imported: 'parallel' });
  await admin.switchFlag(place(lighthouseV5), 'off');
  await inForce(off);
  await admin.switchFlag(place(flagKeys.lighthouseParallelMode), 'off');
  await admin.switchFlag(place(lighthouseV5), 'on');

  for (const [flagKey, wanted] of [
    [flagKeys.newPayloadV5Only, { made: 'v4_only', imported: 'v5_only' }],
    [flagKeys.forkchoiceV5Only, { made: 'v5_only', imported: 'v4_only' }],
  ] as const) {
    await admin.switchFlag(place(flagKey), 'on');
    await inForce(wanted);
    await admin.switchFlag(place(flagKey), 'off');
    await inForce(off);
  }

  // The canary begins with nobody, the mode with v4_only.
  await admin.switchFlag(place(lighthouseV5Primary), 'on');
  await admin.switchFlag(place(lighthouseMigrationMode), 'on');
  await vi.waitFor(async () => expect((await decideHead(compat, head)).flagKey).toBe(lighthouseMigrationMode), {
    timeout: 20_000,
    interval: 50,
  });
  expect(await decisions()).toEqual(off);
  for (const mode of ['v5_primary', 'parallel', 'v5_only', 'v4_primary'] satisfies MigrationModeFlagValue[]) {
    const [strategy] = (await admin.readFlag(place(lighthouseMigrationMode)))?.strategies ?? [];
    if (strategy === undefined) throw new Error('no strategy');
    await admin.setVariants(place(lighthouseMigrationMode), strategy, migrationModeVariants(mode));
    await inForce({ made: mode, imported: mode });
    expect((await decideHead(compat, head)).variant).toBe(mode);
  }
}, 120_000);

test('two real execution clients while the rollout is moved and Unleash is killed: every block VALID, both heads equal, and no decision changed by the kill', async () => {
  const { flags, admin, place, setPercent } = await openFlags(unleash);
  const devnet = await startDevnet({ names: ['v4', 'v5'] });
  onTestFinished(() => devnet.stop());
  const { v4, v5 } = devnet.clients;
  const compat = await createLighthouseCompat({
    v4: { url: v4.engineUrl, jwtSecretFile: v4.jwtSecretFile },
    v5: { url: v5.engineUrl, jwtSecretFile: v5.jwtSecretFile },
    forks: devnet.forks,
    flags,
  });
  onTestFinished(() => compat.close());
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  // It throws at any answer that is not VALID.
  const driver = createBlockDriver({ engine: compat, devnet });
  let making = true;
  const makeBlocks = async (): Promise<number> => {
    let made = 0;
    for (; making; made += 1) {
      await driver.nextBlock();
      if (made % 10 === 9) await compat.drain();
    }
    return made;
  };
  const driving = makeBlocks();
  driving.catch(() => {});
  const moreBlocks = async (count: number): Promise<void> => {
    const from = driver.head.number;
    const enough = () => expect(driver.head.number - from).toBeGreaterThanOrEqual(count);
    await Promise.race([vi.waitFor(enough, { timeout: 60_000, interval: 50 }), driving]);
  };

  await moreBlocks(2);
  await admin.switchFlag(place(lighthouseV5), 'on');
  await admin.switchFlag(place(lighthouseV5Primary), 'on');
  for (const percent of [10, 50, 100, 30]) {
    await setPercent(lighthouseV5Primary, percent);
    await followed(compat, percent);
    await moreBlocks(3);
  }

  const before = await versionsOf(compat);
  const stale = new Promise<void>((resolve) => flags.addHandler(ProviderEvents.Stale, () => resolve()));
  const ready = (): Promise<void> =>
    vi.waitFor(() => expect(flags.providerStatus).toBe('READY'), { timeout: 20_000, interval: 50 });
  await unleash.kill();
  expect(await versionsOf(compat)).toEqual(before);
  await stale;
  await moreBlocks(4);
  expect(await versionsOf(compat)).toEqual(before);
  const chosen = hundredHashes.find((one) => versionAt(30, one) === 'v5') ?? hash(1);
  expect(await decideHead(compat, chosen)).toMatchObject({ adapter: 'v5', reason: 'FLAG', unusableFlags: [] });

  await unleash.restart();
  await ready();
  expect(await versionsOf(compat)).toEqual(before);
  await admin.switchFlag(place(lighthouseV5), 'off');
  await followed(compat, 0);
  await moreBlocks(2);

  making = false;
  expect(await driving).toBeGreaterThan(15);
  expect(await compat.drain()).toMatchObject({ drained: true });
  const heads = await Promise.all([v4.rpc.head(), v5.rpc.head()]);
  expect(heads.map((one) => one.hash)).toEqual([driver.head.hash, driver.head.hash]);
  expect(heads[0].stateRoot).toBe(heads[1].stateRoot);
  expect(new Set(seen.map(({ answering }) => answering.adapter))).toEqual(new Set(['v4', 'v5']));
  expect(seen.filter(({ answering }) => answering.outcome.kind !== 'answered')).toEqual([]);
  const verdicts = new Set(seen.flatMap(({ comparison }) => (comparison === null ? [] : [comparison.verdict])));
  expect(verdicts).toEqual(new Set(['match']));
}, 240_000);
