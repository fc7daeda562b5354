import { createBlockDriver, type Devnet, startDevnet } from '@lighthouse-compat/example-devnet';
import { type CallMode, createLighthouseCompat, type LighthouseCompat, type Observation } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';

async function openDevnet<Name extends string>(
  names: readonly Name[],
  blocksBeforeFork: number,
): Promise<Devnet<Name>> {
  const devnet = await startDevnet({ names, blocksBeforeFork });
  onTestFinished(() => devnet.stop());
  return devnet;
}

async function openCompat(
  devnet: Devnet,
  engines: { v4: string; v5: string },
): Promise<{ compat: LighthouseCompat; seen: Observation[] }> {
  const engine = (name: string) => {
    const client = devnet.clients[name];
    if (client === undefined) throw new Error(`no client ${name}`);
    return { url: client.engineUrl, jwtSecretFile: client.jwtSecretFile };
  };
  const compat = await createLighthouseCompat({ v4: engine(engines.v4), v5: engine(engines.v5), forks: devnet.forks });
  onTestFinished(() => compat.close());
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  return { compat, seen };
}

const answering: Readonly<Record<CallMode, 'v4' | 'v5'>> = {
  v4_only: 'v4',
  v4_primary: 'v4',
  parallel: 'v4',
  v5_only: 'v5',
  v5_primary: 'v5',
};
const kinds = Object.keys(answering) as CallMode[];

test('60 blocks through every mode on two real clients: every block VALID, every answer compared and alike, both heads equal after each', async () => {
  const blocksAMode = 12;
  const devnet = await openDevnet(['v4', 'v5'], kinds.length * blocksAMode);
  const { compat, seen } = await openCompat(devnet, { v4: 'v4', v5: 'v5' });
  const divergences: Observation[] = [];
  compat.on('divergence', (observation) => divergences.push(observation));
  const driver = createBlockDriver({ engine: compat, devnet });
  const heads = async () => Promise.all([devnet.clients.v4.rpc.head(), devnet.clients.v5.rpc.head()]);

  for (const kind of kinds) {
    compat.setMigrationMode({ kind });
    seen.length = 0;
    for (let n = 0; n < blocksAMode; n += 1) await driver.nextBlock();
    expect(await compat.drain()).toMatchObject({ drained: true });
    const [v4, v5] = await heads();
    expect([v4.hash, v5.hash]).toEqual([driver.head.hash, driver.head.hash]);
    expect(v4.stateRoot).toBe(v5.stateRoot);
    expect(new Set(seen.map(({ answering: { adapter } }) => adapter))).toEqual(new Set([answering[kind]]));
    const verdictsOf = (operation: string) =>
      new Set(seen.filter((each) => each.operation === operation).map(({ comparison }) => comparison?.verdict));
    expect(verdictsOf('new_payload')).toEqual(new Set(['match']));
    // The forkchoice that begins a build repeats the last one at the engine that does not build.
    expect(verdictsOf('forkchoice_updated')).toEqual(new Set(kind === 'parallel' ? ['match'] : ['match', undefined]));
    expect(verdictsOf('get_payload')).toEqual(new Set([kind === 'parallel' ? 'match' : undefined]));
  }

  // Across the fork, bound for v4: v5 takes over, and v4's client stays at the last block that it can have.
  compat.setMigrationMode({ kind: 'v4_only' });
  const last = driver.head;
  seen.length = 0;
  for (let n = 0; n < 4; n += 1) await driver.nextBlock();
  await compat.drain();
  const [v4, v5] = await heads();
  expect([v4.hash, v5.hash]).toEqual([last.hash, driver.head.hash]);
  expect(seen.every(({ decision }) => ['FORK', 'PIN'].includes(decision.reason))).toBe(true);
  expect(divergences).toEqual([]);
  expect(compat.standby().v4.state).toBe('unfed');
}, 120_000);

test('every mode on one shared real client, then across the fork: every block VALID, and what was asked twice was answered alike', async () => {
  const blocksAMode = 6;
  const devnet = await openDevnet(['shared'], kinds.length * blocksAMode);
  const { compat, seen } = await openCompat(devnet, { v4: 'shared', v5: 'shared' });
  const driver = createBlockDriver({ engine: compat, devnet });
  for (const kind of kinds) {
    compat.setMigrationMode({ kind });
    seen.length = 0;
    for (let n = 0; n < blocksAMode; n += 1) await driver.nextBlock();
    await compat.drain();
    expect(new Set(seen.map(({ answering: { adapter } }) => adapter))).toEqual(new Set([answering[kind]]));
    const compared = seen.filter(({ comparison }) => comparison !== null);
    expect(compared.every(({ comparison }) => comparison?.verdict === 'match')).toBe(true);
    if (kind === 'parallel') expect(compared).toHaveLength(blocksAMode);
    if (kind === 'v4_only' || kind === 'v5_only' || kind === 'v5_primary') expect(compared).toEqual([]);
  }
  for (let n = 0; n < 4; n += 1) await driver.nextBlock();
  await compat.drain();
  const client = devnet.clients.shared;
  expect((await client.rpc.head()).hash).toBe(driver.head.hash);
}, 120_000);

test('what is set by a rollback on real clients: v4 answers at once, on the head that v5 made', async () => {
  const devnet = await openDevnet(['v4', 'v5'], 64);
  const { compat, seen } = await openCompat(devnet, { v4: 'v4', v5: 'v5' });
  const driver = createBlockDriver({ engine: compat, devnet });
  compat.setMigrationMode({ kind: 'v5_only' });
  for (let n = 0; n < 6; n += 1) await driver.nextBlock();
  await compat.drain();
  await compat.rollback('drill');
  seen.length = 0;
  for (let n = 0; n < 4; n += 1) await driver.nextBlock();
  await compat.drain();
  expect(new Set(seen.map(({ answering: { adapter } }) => adapter))).toEqual(new Set(['v4']));
  expect((await devnet.clients.v4.rpc.head()).hash).toBe(driver.head.hash);
}, 60_000);
