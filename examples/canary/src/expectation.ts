import { InMemStorageProvider, Unleash } from 'unleash-client';

/** What Unleash's own client would decide: an oracle that shares no code with the SDK. */
export type UnleashOracle = {
  /** Whether a flag rolled out to `percent` is on for this key. */
  isOn(percent: number, key: string): boolean;
  close(): void;
};

const flagOf = (percent: number): string => `rollout_${percent}`;

/** Makes an Unleash client without a server that knows one flag for each percentage. */
export async function createUnleashOracle(percents: readonly number[]): Promise<UnleashOracle> {
  const unleash = new Unleash({
    appName: 'canary-demo',
    // Never asked: with a refresh interval of 0 nothing is fetched, and the flags come with the bootstrap.
    url: 'http://127.0.0.1:9/api/',
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    disableAutoStart: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: {
      data: [...new Set(percents)].map((percent) => ({
        name: flagOf(percent),
        type: 'release',
        enabled: true,
        stale: false,
        impressionData: false,
        project: 'default',
        variants: [],
        strategies: [
          {
            name: 'flexibleRollout',
            parameters: { rollout: String(percent), stickiness: 'userId', groupId: 'lighthouse-compat' },
            constraints: [],
          },
        ],
      })),
    },
  });
  const ready = new Promise<void>((resolve, reject) => {
    unleash.once('synchronized', () => resolve());
    unleash.once('error', reject);
  });
  await unleash.start();
  await ready;
  return {
    isOn: (percent, key) => unleash.isEnabled(flagOf(percent), { userId: key }),
    close: () => unleash.destroy(),
  };
}
