import { createMigration, init, type LDMigrationStage, LDMigrationSuccess } from '@launchdarkly/node-server-sdk';
import type { Way } from '../harness.js';

/** What LaunchDarkly's migration is measured on. */
export type LaunchDarkly = {
  /** At its best, or `tracked` as it comes: each call's latency and errors measured, as the SDK always does. */
  way(name: string, stage: `${LDMigrationStage}`, options?: { tracked: boolean }): Way;
  close(): void;
};

const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** LaunchDarkly offline, so that the stage is the caller's own: no flag is evaluated, nothing logged and no event sent. */
export async function openLaunchDarkly(): Promise<LaunchDarkly> {
  const client = init('sdk-key', { offline: true, logger: quiet });
  await client.waitForInitialization({ timeout: 5 });
  const handler = async () => LDMigrationSuccess(1);
  const migrationOf = (tracking: boolean) =>
    createMigration<number, number>(client, {
      readOld: handler,
      readNew: handler,
      writeOld: handler,
      writeNew: handler,
      check: (old, fresh) => old === fresh,
      latencyTracking: tracking,
      errorTracking: tracking,
    });
  const migrations = { best: migrationOf(false), tracked: migrationOf(true) };
  const context = { kind: 'user', key: `0x${'5a'.repeat(32)}` };
  return {
    way(name, stage, { tracked } = { tracked: false }) {
      const migration = migrations[tracked ? 'tracked' : 'best'];
      return {
        name,
        async run(calls) {
          for (let call = 0; call < calls; call += 1) {
            const result = await migration.read('migration', context, stage as LDMigrationStage);
            if (!result.success) throw new Error(`${name}: the read failed`);
          }
        },
      };
    },
    close: () => client.close(),
  };
}
