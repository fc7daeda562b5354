import { flagKeys } from '@lighthouse-compat/flag-provider';
import type { UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash';
import { type EventDetails, ProviderEvents } from '@openfeature/server-sdk';
import { byV5, type DemoRecord, percentOf } from './record.js';
import { type BlockSeen, flagsChangedIn, type World } from './world.js';

const { lighthouseV5, lighthouseV5Primary } = flagKeys;
const inForceWithinMs = 20_000;

/** A change of one flag, and how many blocks are made after it. */
type Step = {
  readonly title: string;
  readonly flagKey: string;
  readonly change: 'on' | 'off' | number;
  readonly blocks: number;
};

const steps: readonly Step[] = [
  { title: 'lighthouse_v5 on', flagKey: lighthouseV5, change: 'on', blocks: 4 },
  { title: 'lighthouse_v5_primary on, at 0 %', flagKey: lighthouseV5Primary, change: 'on', blocks: 6 },
  { title: 'lighthouse_v5_primary at 10 %', flagKey: lighthouseV5Primary, change: 10, blocks: 30 },
  { title: 'lighthouse_v5_primary at 50 %', flagKey: lighthouseV5Primary, change: 50, blocks: 20 },
  { title: 'lighthouse_v5_primary at 100 %', flagKey: lighthouseV5Primary, change: 100, blocks: 6 },
  { title: 'lighthouse_v5 off', flagKey: lighthouseV5, change: 'off', blocks: 6 },
];

/** Makes the changes by the Admin API, and holds every block's version against what Unleash's own playground says of its hash. */
export async function runScript(world: World, record: DemoRecord, say: (line: string) => void): Promise<void> {
  const beginning = await makeBlocks(world, record, { title: 'everything off', blocks: 4, changedAfterMs: null });
  say(lineOf('everything off', beginning));
  for (const { title, flagKey, change, blocks } of steps) {
    const changedAfterMs = await inForce(world, flagKey, () => applyChange(world, flagKey, change));
    const made = await makeBlocks(world, record, { title, blocks, changedAfterMs });
    say(`${lineOf(title, made)}, in force after ${(changedAfterMs / 1000).toFixed(1)} s`);
  }
}

const lineOf = (title: string, blocks: readonly BlockSeen[]): string =>
  `[${title}] ${blocks.length} blocks, by v5: ${byV5(blocks)} (${percentOf(byV5(blocks), blocks.length)})`;

async function applyChange({ admin, unleash }: World, flagKey: string, change: Step['change']): Promise<void> {
  const { project, environment } = unleash;
  const place = { project, environment, flagKey };
  if (typeof change === 'string') return admin.switchFlag(place, change);
  await setPercent(admin, place, change);
}

async function setPercent(
  admin: UnleashAdmin,
  place: { project: string; environment: string; flagKey: string },
  percent: number,
): Promise<void> {
  const strategy = (await admin.readFlag(place))?.strategies[0];
  if (strategy === undefined) throw new Error(`${place.flagKey} has no strategy`);
  await admin.setRollout(place, strategy, percent);
}

/** Makes a change and waits until the provider has it; gives the milliseconds from the one to the other. */
async function inForce({ flags, ended }: World, flagKey: string, change: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), inForceWithinMs);
  try {
    const seen = new Promise<void>((resolve, reject) => {
      const hear = (details?: EventDetails): void => {
        if (!flagsChangedIn(details).includes(flagKey)) return;
        flags.removeHandler(ProviderEvents.ConfigurationChanged, hear);
        resolve();
      };
      flags.addHandler(ProviderEvents.ConfigurationChanged, hear);
      late.signal.addEventListener('abort', () =>
        reject(new Error(`the change of ${flagKey} was not in force after ${inForceWithinMs / 1000} s`)),
      );
    });
    seen.catch(() => {});
    await change();
    await Promise.race([seen, ended]);
    return performance.now() - beganMs;
  } finally {
    clearTimeout(timer);
  }
}

async function makeBlocks(
  world: World,
  record: DemoRecord,
  stretch: { readonly title: string; readonly blocks: number; readonly changedAfterMs: number | null },
): Promise<readonly BlockSeen[]> {
  const { title, changedAfterMs } = stretch;
  const blocks: BlockSeen[] = [];
  record.stretches.push({ title, blocks, changedAfterMs });
  while (blocks.length < stretch.blocks) blocks.push(await world.nextBlock());
  const { v4, v5 } = await world.settledHeads();
  const head = blocks.at(-1)?.hash;
  if (v4.hash !== head || v5.hash !== head) {
    record.failures.push(`${title}: the heads are ${v4.hash} at v4 and ${v5.hash} at v5, and not ${head}`);
  }
  for (const block of blocks) {
    const expected = await versionByPlayground(world, block.hash);
    for (const [what, call] of [
      ['imported', block.imported],
      ['made the head', block.madeHead],
    ] as const) {
      const isAsDecided = call?.answeredBy === call?.decidedFor || call?.fallback !== null;
      if (call?.decidedFor === expected && isAsDecided) continue;
      const seen =
        call === undefined ? 'nobody' : `${call.answeredBy} (decided for ${call.decidedFor}: ${call.reason})`;
      record.failures.push(
        `${title}: block ${block.number} ${block.hash} was ${what} by ${seen}; Unleash's playground says ${expected}`,
      );
    }
  }
  return blocks;
}

/** What the server itself says of a block's hash, by its own evaluation. */
async function versionByPlayground({ unleash }: World, hash: string): Promise<'v4' | 'v5'> {
  const { apiUrl, adminToken, environment } = unleash;
  const response = await fetch(`${apiUrl}/admin/playground`, {
    method: 'POST',
    headers: { authorization: adminToken, 'content-type': 'application/json' },
    body: JSON.stringify({ environment, projects: '*', context: { appName: 'demo', userId: hash } }),
  });
  if (!response.ok) throw new Error(`Unleash's playground: ${response.status} ${await response.text()}`);
  const { features } = (await response.json()) as { features: { name: string; isEnabled: boolean }[] };
  const isOn = (key: string): boolean => features.some(({ name, isEnabled }) => name === key && isEnabled);
  return isOn(lighthouseV5) && isOn(lighthouseV5Primary) ? 'v5' : 'v4';
}
