import { readFile } from 'node:fs/promises';
import { MigrationController, memoryJournal, watchMigration } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import { serveChain } from '../sdk/migration/migration.js';
import { RpcError } from '../support/fakeEngine.js';
import { hasPrometheus, startPrometheus } from '../support/prometheus.js';
import { firing, patience, requireData } from './liveAlerts.js';
import { hastened, ruleFile } from './ruleFile.js';
import { startRunningSdk } from './runningSdk.js';

test.skipIf(!hasPrometheus)(
  'a real Prometheus sees a migration hold itself, roll itself back, and fail to verify that while v4 is away',
  async () => {
    const sdk = await startRunningSdk();
    const { compat, v4, v5 } = sdk;
    for (const engine of [v4, v5]) serveChain(engine);
    const controller = new MigrationController({
      compat,
      journal: memoryJournal(),
      plan: {
        steps: [100],
        incrementPoints: 100,
        checkEveryMs: 500,
        parallel: { comparisons: 200, expectedMs: 10_000 },
        // The latencies of fake engines are noise.
        health: { minimumSamples: 100, windowMs: 10_000, latencyRegressionPercent: 1_000 },
        rollbackDeadlineMs: 2_000,
      },
    });
    onTestFinished(() => controller.close());
    watchMigration(sdk.registry, controller);
    const prometheus = await startPrometheus({
      targets: [sdk.port],
      rules: hastened(await readFile(ruleFile, 'utf8')),
    });
    const isNow = (query: string) =>
      vi.waitFor(async () => expect(await prometheus.query(query), query).not.toEqual([]), patience);
    const migrationAlerts = async () =>
      (await prometheus.alerts()).filter(({ labels }) => labels['alertname']?.includes('Migration'));

    await expect.poll(() => compat.standby()).toMatchObject({ v4: { state: 'in_step' }, v5: { state: 'in_step' } });
    const ended = controller.run({ by: 'ada' });
    ended.catch(() => {});
    await controller.drill({ by: 'ada' });
    await isNow('lighthouse_compat_migration_state{state="canary"} == 1');
    await isNow('lighthouse_compat_migration_health_verdict{verdict="pass"} == 1');
    // Prometheus needs two scrapes to see that checks are made: until then it is right to wait with that alert.
    await expect.poll(migrationAlerts).toEqual([]);

    // v4 fails what it is fed, so that there is nothing to roll back onto: the controller holds.
    for (const method of ['engine_newPayloadV2', 'engine_forkchoiceUpdatedV2'])
      v4.on(method, () => {
        throw new RpcError(-32603);
      });
    expect((await firing(prometheus, 'LighthouseCompatMigrationHeld')).labels).toMatchObject({ kind: 'hold' });
    await requireData(prometheus, ({ row, title }) => row === 'Migration' && title !== 'Rollback took');

    // A person rolls back all the same.
    await controller.rollback({ by: 'ada', reason: 'a test', force: true });
    const started = await firing(prometheus, 'LighthouseCompatMigrationRollbackStarted');
    expect(started.labels).toMatchObject({ severity: 'critical', by: 'person' });
    expect(await ended).toMatchObject({ success: false, rollbackReason: 'a test' });
    const failed = await firing(prometheus, 'LighthouseCompatMigrationRollbackFailed');
    expect(failed.annotations['runbook_url']).toBe('docs/runbook.md#lighthousecompatmigrationrollbackfailed');
    await requireData(prometheus, ({ title }) => title === 'Rollback took');
  },
  180_000,
);
