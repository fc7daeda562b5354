import { EventEmitter } from 'node:events';
import { Unleash, type UnleashConfig } from 'unleash-client';
import type { ClientFeatures, Feature, Segment } from './clientFeatures.js';

type Repository = NonNullable<UnleashConfig['repository']>;
type EnhancedFeature = ReturnType<Repository['getTogglesWithSegmentData']>[number];

/** Flags that an Unleash client finds in memory: it has nothing to ask, so that no request can leave it. */
class MemoryRepository extends EventEmitter implements Repository {
  held: ClientFeatures = { features: new Map(), segments: new Map(), revision: undefined };

  async start(): Promise<void> {
    this.emit('ready');
  }

  stop(): void {
    this.removeAllListeners();
  }

  getToggle(name: string): Feature | undefined {
    return this.held.features.get(name);
  }

  getToggles(): Feature[] {
    return [...this.held.features.values()];
  }

  getTogglesWithSegmentData(): EnhancedFeature[] {
    return this.getToggles().map(({ strategies, ...rest }) => ({
      ...rest,
      strategies: (strategies ?? []).map(({ segments, ...strategy }) => ({
        ...strategy,
        ...(segments === undefined ? {} : { segments: segments.map((id) => this.getSegment(id)) }),
      })),
    }));
  }

  getSegment(id: number): Segment | undefined {
    return this.held.segments.get(id);
  }
}

/** An Unleash client that evaluates what it is given and talks to nobody. */
export type OfflineClient = {
  readonly unleash: Unleash;
  /** Puts flags in force, at once and all together. */
  readonly hold: (features: ClientFeatures) => void;
};

/** Makes a client that is ready and without flags. */
export function offlineClient(config: Pick<UnleashConfig, 'appName' | 'environment' | 'strategies'>): OfflineClient {
  const repository = new MemoryRepository();
  const unleash = new Unleash({
    ...config,
    // The client wants one, and only its own repository and its metrics would use it.
    url: 'http://offline.invalid/',
    repository,
    disableMetrics: true,
    metricsInterval: 0,
    disableAutoStart: true,
    skipInstanceCountWarning: true,
  });
  // Without a listener the client writes its errors to the console; what is wrong with a question is in its answer.
  unleash.on('error', () => {});
  // Its repository is ready within this call.
  void unleash.start();
  return {
    unleash,
    hold: (features) => {
      repository.held = features;
    },
  };
}
