import { blocksAfterRollback, failOneIn, mostBlocks, regressionPercent } from './plan.js';
import type { DemoRecord } from './record.js';
import type { Watcher } from './table.js';
import { inWorld, type World } from './world.js';

const by = 'the demo';

type Stage = { readonly record: DemoRecord; readonly watcher: Watcher };

/** Makes slot after slot until a promise has settled. */
async function slotsUntil<T>({ nextSlot, controller }: World, wanted: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  wanted.then(settle, settle);
  for (let made = 0; !isSettled; made += 1) {
    if (made === mostBlocks)
      throw new Error(`it has not ended after ${mostBlocks} blocks: ${JSON.stringify(controller.status.state)}`);
    await nextSlot();
  }
  return wanted;
}

/** A whole migration, and a rehearsal of taking it back. */
async function migrate(world: World, { record, watcher }: Stage): Promise<void> {
  const { controller, nextSlot } = world;
  // The first forkchoice of an instance says where each engine is.
  await nextSlot();
  watcher.say("\n1. a whole migration: a slot of 12 s of the plan's time for each block\n");
  watcher.begin();
  record.migration = await slotsUntil(world, controller.run({ by }));
  if (!record.migration.success) return;
  record.drill = await controller.drill({ by, live: true });
}

/** A person takes v5 back, so that a second run can begin. */
async function takeBack({ controller }: World): Promise<void> {
  const ended = controller.ended.bind(controller);
  for (const [what, command] of [
    ['rollback', () => controller.rollback({ by, reason: 'a second run is to begin' })],
    ['clear', () => controller.clear({ by, reason: 'a second run begins' })],
  ] as const) {
    const result = await command();
    if (!result.applied) throw new Error(`${what} is refused: ${result.refusal.code}: ${result.refusal.message}`);
    if (what === 'rollback') await ended();
  }
}

/** A second run, moved on by a person to where v5 is made worse; it has to be rolled back by itself. */
async function regress(world: World, { record, watcher }: Stage): Promise<void> {
  const { controller, v5Proxy, nextSlot, compat } = world;
  await takeBack(world);
  record.run = 2;
  watcher.say(
    `\n2. a second run, promoted to ${regressionPercent} %; there one of ${failOneIn} new_payload calls fails at v5\n`,
  );
  watcher.begin();
  await nextSlot();
  const ended = controller.run({ by });
  ended.catch(() => {});
  while (controller.status.percent < regressionPercent) {
    await nextSlot();
    if (controller.status.state.kind !== 'pre_migration') await controller.promote({ by });
  }
  v5Proxy.failOneIn = failOneIn;
  record.rollback = await slotsUntil(world, ended);

  v5Proxy.failOneIn = null;
  const made = record.blocks;
  while (record.blocks < made + blocksAfterRollback) await nextSlot();
  const { blocks = 0, answeredByV5 = 0 } = record.phases.findLast(({ state }) => state === 'rolled_back') ?? {};
  record.afterRollback = { blocks, answeredByV5, isLatched: compat.latch !== null };
}

/** What the demo is told. */
type DemoOptions = Stage & {
  /** Given where a page is wanted: resolves when nobody looks at it any more. */
  readonly leave: (() => Promise<void>) | null;
};

/** Runs a whole migration on two real execution clients and a second one that has to be rolled back, and fills the record; with a page it stays until nobody looks at it any more; everything it started has ended when it settles. */
export async function runDemo({ leave, ...stage }: DemoOptions, signal: AbortSignal): Promise<void> {
  await inWorld({ ...stage, signal, page: leave !== null }, async (world) => {
    await migrate(world, stage);
    if (stage.record.migration?.success === true) {
      await regress(world, stage);
      stage.record.heads = await world.readHeads();
    }
    if (leave === null) return;
    stage.watcher.say('\nit is over; the page stays until Ctrl-C');
    await leave();
  });
}
