import { startUnleashServer, type UnleashServer } from '@lighthouse-compat/example-unleash-server';
import { flagKeys } from '@lighthouse-compat/flag-provider';
import { setUpFlags, UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash/admin';
import type { MigrationPlanOptions } from '@lighthouse-compat/sdk';
import { type Fleet, startFleet } from './fleet.js';

const hours = (count: number): number => count * 3_600_000;

/** A person moves it on: no step ends by itself while the demo runs. */
const plan: MigrationPlanOptions = {
  fleet: true,
  stickiness: 'node',
  steps: [10, 50, 100],
  incrementPoints: 100,
  firstStepMs: hours(6),
  stepMs: hours(6),
  checkEveryMs: 1_000,
  parallel: { comparisons: 100 },
  // Twelve processes share this machine, so that a difference in speed says nothing of the engines.
  health: { minimumSamples: 100, latencyRegressionPercent: 1_000 },
};

/** Everything that the demo has started. */
export type World = {
  readonly unleash: UnleashServer;
  readonly fleet: Fleet;
  /** By whose calls the controller judges. */
  readonly evidence: string;
  say(line: string): void;
  /** Switches `lighthouse_v5` in Unleash, as a person does. */
  switchMaster(to: 'on' | 'off'): Promise<void>;
  isMasterOn(): Promise<boolean>;
  /** What is set of the canary in Unleash, as a person reads it. */
  settingOf(): Promise<string>;
};

/** Starts Unleash and the fleet, and ends everything when `act` has settled. */
export async function inWorld(
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
  act: (world: World) => Promise<void>,
): Promise<void> {
  say('starting Unleash on a PostgreSQL of its own, and three services with two execution clients each');
  const unleash = await startUnleashServer({ signal });
  try {
    const { project, environment } = unleash;
    const admin = new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken });
    await setUpFlags({ admin, project, environment });
    const log = ({ level, name, message }: { level: string; name: string; message: string }): void => {
      // A check without enough samples is the rule here, and no news; whether there is a sample at all is.
      if (message.startsWith('health') || (level !== 'info' && !message.startsWith('migration check')))
        say(`  ${name}: ${message}`);
    };
    const fleet = await startFleet({ unleash, plan, signal, log });
    try {
      const evidence =
        fleet.prometheus === null ? 'its own service alone' : 'all three services, as Prometheus has scraped them';
      say(`the controller judges by the calls of ${evidence}`);
      say(`Prometheus: ${fleet.prometheus?.url ?? 'not installed'}`);
      const master = { project, environment, flagKey: flagKeys.lighthouseV5 };
      await act({
        unleash,
        fleet,
        evidence,
        say,
        switchMaster: (to) => admin.switchFlag(master, to),
        isMasterOn: async () => (await admin.readFlag(master))?.enabled === true,
        async settingOf() {
          const flag = await admin
            .readFlag({ project, environment, flagKey: flagKeys.lighthouseV5Primary })
            .catch(() => undefined);
          if (flag === undefined) return 'unknown';
          const rollouts = flag.strategies.map(({ parameters }) => `${parameters['rollout'] ?? '?'} %`);
          return flag.enabled ? rollouts.join(' and ') : 'off';
        },
      });
    } finally {
      await fleet.stop();
    }
  } finally {
    await unleash.stop();
  }
}
