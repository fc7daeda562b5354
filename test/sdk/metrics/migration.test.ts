import { CompatError, type MigrationController, watchMigration } from '@lighthouse-compat/sdk';
import { Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import * as table from '../../../packages/sdk/src/metrics/migrationTable.js';
import { hasPromtool, promtool } from '../../support/promtool.js';
import { scrape } from '../../support/scrape.js';
import { openMigration } from '../migration/migration.js';

/** A migration over two fake engines that a new registry tells of. */
async function openWatched(...options: Parameters<typeof openMigration>) {
  const migration = await openMigration(...options);
  const registry = new Registry();
  const end = watchMigration(registry, migration.controller);
  const told = async (): Promise<ReadonlyMap<string, number>> => {
    const series = await scrape(registry);
    return new Map(
      [...series].flatMap(([name, value]) =>
        name.startsWith('migration_') ? [[name.replace('migration_', ''), value]] : [],
      ),
    );
  };
  /** The one value of a label that is 1. */
  const holding = async (metric: string): Promise<readonly string[]> =>
    [...(await told())].flatMap(([name, value]) =>
      name.startsWith(`${metric}{`) && value === 1 ? [name.slice(metric.length + 1, -1)] : [],
    );
  return { ...migration, registry, end, told, holding };
}

/** A block that both engines know, so that they are in step. */
async function start(migration: Awaited<ReturnType<typeof openWatched>>): Promise<void> {
  await migration.blocks(1);
  migration.controller.run({ by: 'ada' }).catch(() => {});
  await new Promise<void>((resolve) => {
    const off = migration.controller.on('transition', ({ state }) => {
      if (state.kind !== 'parallel_testing') return;
      off();
      resolve();
    });
  });
}

test('state, share, progress and due time are told at each phase of a plan, up to its end', async () => {
  const migration = await openWatched();
  const { told, holding, controller, clock } = migration;
  expect(await holding('state')).toEqual(['state="pre_migration"']);
  expect((await told()).get('progress_ratio')).toBe(0);
  expect((await told()).has('due_timestamp_seconds')).toBe(false);
  expect(await holding('health_verdict')).toEqual([]);

  await start(migration);
  expect(await holding('state')).toEqual(['state="parallel_testing"']);
  expect((await told()).get('v5_ratio')).toBe(0);
  expect((await told()).get('due_timestamp_seconds')).toBe((clock.nowMs() + 60_000) / 1000);

  await migration.step();
  expect(await holding('state')).toEqual(['state="canary"']);
  expect(await holding('health_verdict')).toEqual(['verdict="pass"']);
  const canary = await told();
  expect(canary.get('v5_ratio')).toBe(0.1);
  expect(canary.get('progress_ratio')).toBe(1.5 / 4);
  expect(canary.get('health_checks_total{verdict="pass"}')).toBe(1);
  expect(canary.get('health_figure_ratio{criterion="v5_errors"}')).toBe(0);
  expect(canary.get('health_limit_ratio{criterion="v5_errors"}')).toBe(0.01);

  while (controller.status.state.kind !== 'complete') await migration.step();
  expect(await holding('state')).toEqual(['state="complete"']);
  const complete = await told();
  expect(complete.get('v5_ratio')).toBe(1);
  expect(complete.get('progress_ratio')).toBe(1);
  expect(complete.has('due_timestamp_seconds')).toBe(false);
  expect(complete.get('rollbacks_started_total{by="controller"}')).toBe(0);
});

test('who holds the plan is told while it is held, and how', async () => {
  const migration = await openWatched();
  const { controller, holding, told } = migration;
  await start(migration);
  expect(await holding('held')).toEqual([]);
  await controller.hold({ by: 'ada', why: 'lunch' });
  expect(await holding('held')).toEqual(['kind="hold",by="person"']);
  await controller.pause({ by: 'ada', why: 'a day' });
  expect(await holding('held')).toEqual(['kind="pause",by="person"']);
  expect((await told()).has('due_timestamp_seconds')).toBe(false);
  await controller.resume({ by: 'ada' });
  expect(await holding('held')).toEqual([]);
  migration.v4.trouble('engine_', { kind: 'error', code: -32603 });
  await migration.blocks(1).catch(() => {});
  await controller.check();
  expect(await holding('held')).toEqual(['kind="hold",by="controller"']);
  expect((await told()).get('alarms_total{code="HELD"}')).toBe(1);
});

test('a rollback counts for the person, the controller or the latch that began it, and tells how it ended and how long it took', async () => {
  const byPerson = await openWatched();
  await start(byPerson);
  expect((await byPerson.told()).has('rollback_duration_seconds')).toBe(false);
  const ended = byPerson.controller.ended();
  await byPerson.controller.rollback({ by: 'ada', reason: 'a wish' });
  const { rollbackDurationMs } = await ended;
  const series = await byPerson.told();
  expect(series.get('rollbacks_started_total{by="person"}')).toBe(1);
  expect(series.get('rollbacks_started_total{by="controller"}')).toBe(0);
  expect(series.get('rollbacks_ended_total{outcome="verified"}')).toBe(1);
  expect(series.get('rollback_duration_seconds')).toBe((rollbackDurationMs as number) / 1000);
  expect(series.get('v5_ratio')).toBe(0);

  const byLatch = await openWatched();
  await start(byLatch);
  const latched = byLatch.controller.ended();
  await byLatch.compat.rollback('somebody else');
  await latched;
  expect((await byLatch.told()).get('rollbacks_started_total{by="latch"}')).toBe(1);

  const byController = await openWatched();
  await start(byController);
  const failed = byController.controller.ended();
  byController.v5.trouble('engine_newPayload', { kind: 'error', code: -32603 });
  await byController.blocks(120);
  for (let check = 0; check < 3; check += 1) await byController.controller.check();
  await failed;
  const counts = await byController.told();
  expect(counts.get('rollbacks_started_total{by="controller"}')).toBe(1);
  expect(counts.get('health_checks_total{verdict="fail"}')).toBe(3);
});

test('a drill counts by its end, and one that was well is told by its time, after a restart too', async () => {
  const { controller, told, clock, journal, blocks, v4 } = await openWatched();
  await blocks(1);
  await controller.open();
  expect((await told()).has('drill_timestamp_seconds')).toBe(false);
  expect((await controller.drill({ by: 'ada' })).ok).toBe(true);
  const drilledAt = clock.nowMs() / 1000;
  expect((await told()).get('drill_timestamp_seconds')).toBe(drilledAt);
  clock.advance(1_000);
  v4.trouble('engine_', { kind: 'error', code: -32603 });
  await blocks(1).catch(() => {});
  const failing = controller.drill({ by: 'ada', live: true });
  v4.calm();
  expect((await failing).ok).toBe(false);
  const series = await told();
  expect(series.get('drills_total{outcome="ok"}')).toBe(1);
  expect(series.get('drills_total{outcome="failed"}')).toBe(1);
  expect(series.get('drill_timestamp_seconds')).toBe(drilledAt);
  await controller.close();

  const again = await openWatched({ journal });
  await again.controller.open();
  expect((await again.told()).get('drill_timestamp_seconds')).toBe(drilledAt);
});

test('a registry takes one controller at a time, and one that is watched no more tells nothing', async () => {
  const one = await openWatched();
  const two = await openMigration();
  expect(() => watchMigration(one.registry, two.controller)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', path: 'registry' }),
  );
  one.end();
  expect(await one.holding('state')).toEqual([]);
  watchMigration(one.registry, two.controller);
  expect(await one.holding('state')).toEqual(['state="pre_migration"']);
});

test('what is no registry or no controller, and a name that is taken, are refused before anything is registered', async () => {
  const { controller } = await openMigration();
  expect(() => watchMigration({} as Registry, controller)).toThrow(CompatError);
  expect(() => watchMigration(new Registry(), {} as MigrationController)).toThrow(
    expect.objectContaining({ path: 'controller' }),
  );
  const registry = new Registry();
  new Gauge({ name: table.drilled.name, help: 'mine', registers: [registry] });
  expect(() => watchMigration(registry, controller)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  expect(registry.getMetricsAsArray()).toHaveLength(1);
});

test.skipIf(!hasPromtool)('promtool finds nothing to say about what is told', async () => {
  const migration = await openWatched();
  await start(migration);
  await migration.step();
  expect(promtool(['check', 'metrics'], await migration.registry.metrics())).toMatchObject({ status: 0, output: '' });
});
