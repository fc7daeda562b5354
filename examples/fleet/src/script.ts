import { setTimeout as delay } from 'node:timers/promises';
import { defaultGroupId, flagKeys, normalizedValue } from '@lighthouse-compat/flag-provider';
import type { ActionBody, ActionName } from '@lighthouse-compat/operator';
import { type NodeView, nodeNames } from './fleet.js';
import { answeredBetween, type DemoRecord, judgeStretch, type Stretch, stretchLine } from './record.js';
import type { World } from './world.js';

const by = 'the demo';
const inForceWithinMs = 30_000;
const passedWithinMs = 60_000;
const parallelBlocks = 5;

/** Looks until the fleet is as it should be; throws when it is not in time. */
async function lookUntil(
  { fleet }: World,
  what: string,
  isSo: (views: readonly NodeView[]) => boolean,
): Promise<readonly NodeView[]> {
  const untilMs = performance.now() + inForceWithinMs;
  for (;;) {
    const views = await fleet.look();
    if (isSo(views)) return views;
    if (performance.now() > untilMs) {
      const found = views.map(({ name, decision }) => `${name} ${decision?.adapter} (${decision?.reason})`).join(', ');
      throw new Error(`${what}: after ${inForceWithinMs / 1_000} s ${found}`);
    }
    await delay(50);
  }
}

async function act({ fleet }: World, name: ActionName, body: Partial<ActionBody> = {}): Promise<void> {
  await fleet.control.act(name, { by, ...body });
}

/** Makes blocks once the flags are in force, and notes who answered them. */
async function stretch(
  world: World,
  record: DemoRecord,
  { title, share, blocks }: { readonly title: string; readonly share: number; readonly blocks: number },
): Promise<void> {
  const { fleet, say } = world;
  const onV5 = new Set<string>(nodeNames.filter((name) => normalizedValue(name, defaultGroupId) <= share));
  const before = await lookUntil(world, `the share of ${share} %`, (views) =>
    views.every(({ name, decision }) => decision?.adapter === (onV5.has(name) ? 'v5' : 'v4')),
  );
  for (let made = 0; made < blocks; made += 1) await fleet.nextBlock();
  const made: Stretch = { title, share, blocks, answered: answeredBetween(before, await fleet.look()) };
  record.stretches.push(made);
  judgeStretch(record, made, onV5);
  say(stretchLine(made));
}

/** Asks about the newest block again and again, which costs less than blocks do, until a check has passed. */
async function askUntilPass({ fleet, evidence, say }: World, record: DemoRecord): Promise<void> {
  const untilMs = performance.now() + passedWithinMs;
  for (;;) {
    const { migration } = await fleet.control.status();
    const check = migration?.check;
    if (check?.verdict === 'pass') {
      record.passedBy = check.criteria.find(({ name }) => name === 'v5_errors')?.samples ?? null;
      say(
        `a check has passed by ${record.passedBy?.v4} attempts at v4 and ${record.passedBy?.v5} at v5 of ${evidence}`,
      );
      return;
    }
    if (performance.now() > untilMs)
      throw new Error(`no check has passed in ${passedWithinMs / 1_000} s: ${JSON.stringify(check)}`);
    for (let asked = 0; asked < 10; asked += 1) await fleet.askAgain();
  }
}

/** Holds what Prometheus has counted of the fleet against what the services say. */
async function compareWithPrometheus({ fleet, say }: World): Promise<void> {
  if (fleet.prometheus === null) return;
  const query = 'sum by (instance) (lighthouse_compat_calls_total{version="v5"})';
  const wanted = new Map((await fleet.look()).map(({ name, answered }) => [name as string, answered.v5]));
  const untilMs = performance.now() + inForceWithinMs;
  for (;;) {
    const found = await fleet.prometheus.valuesBy('instance', query);
    if ([...wanted].every(([name, count]) => (found.get(name) ?? 0) === count)) {
      say(
        `Prometheus has counted the same: ${nodeNames.map((name) => `${name} ${found.get(name) ?? 0}`).join(', ')} calls by v5`,
      );
      return;
    }
    if (performance.now() > untilMs)
      throw new Error(
        `Prometheus has counted ${JSON.stringify([...found])}, the services ${JSON.stringify([...wanted])}`,
      );
    await delay(200);
  }
}

/** Begins the migration, and promotes it to its first share. */
export async function beginCanary(world: World): Promise<void> {
  const { fleet, say, switchMaster } = world;
  await switchMaster('on');
  // The first forkchoice of an instance says where each engine is.
  await fleet.nextBlock();
  await act(world, 'start');
  say('the migration has begun: both engines of every node get every call, and their answers are compared');
  for (let made = 0; made < parallelBlocks; made += 1) await fleet.nextBlock();
  // A check needs a hundred calls at least, and so many blocks of the parallel phase are more than a demo waits for.
  await act(world, 'promote');
}

/** A canary through Unleash, more of it, and the rollback of the whole fleet. */
export async function runScript(world: World, record: DemoRecord): Promise<void> {
  const { fleet, say } = world;
  await beginCanary(world);
  await stretch(world, record, { title: 'canary', share: 10, blocks: 6 });
  await askUntilPass(world, record);
  await act(world, 'promote');
  await stretch(world, record, { title: 'promoted by a person', share: 50, blocks: 6 });

  const beganMs = performance.now();
  await act(world, 'rollback', { reason: 'the demo takes it back' });
  await lookUntil(world, 'every process latched', (views) => views.every(({ isLatched }) => isLatched));
  record.latchedAfterMs = performance.now() - beganMs;
  say(`rolled back: every process was seen latched after ${record.latchedAfterMs.toFixed(0)} ms`);
  await stretch(world, record, { title: 'rolled back', share: 0, blocks: 6 });
  const { migration } = await fleet.control.status();
  if (migration?.state.kind !== 'rolled_back')
    record.failures.push(`the migration is ${migration?.state.kind} in place of rolled_back`);
  if (await world.isMasterOn()) record.failures.push(`${flagKeys.lighthouseV5} is still on in Unleash`);
  await compareWithPrometheus(world);
}
