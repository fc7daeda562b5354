import { prometheusHealth } from '@lighthouse-compat/operator';
import {
  type HealthSample,
  type HealthSource,
  MigrationController,
  memoryJournal,
  observationHealth,
  systemClock,
} from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mergeMoments } from '../../../packages/sdk/src/statistics/moments.js';
import { type RunningSdk, startRunningSdk } from '../../monitoring/runningSdk.js';
import { serveChain } from '../../sdk/migration/migration.js';
import { RpcError } from '../../support/fakeEngine.js';
import { hasPrometheus, type Prometheus, startPrometheus } from '../../support/prometheus.js';

const patience = { timeout: 60_000, interval: 100 };
const windowMs = 600_000;

type Fleet = {
  readonly sdks: readonly RunningSdk[];
  readonly first: RunningSdk;
  readonly prometheus: Prometheus;
  readonly health: ReturnType<typeof prometheusHealth>;
};

/** Three instances of the SDK, which make blocks, and a real Prometheus that scrapes them four times a second. */
async function openFleet(): Promise<Fleet> {
  const sdks: RunningSdk[] = [];
  for (let n = 0; n < 3; n += 1) sdks.push(await startRunningSdk());
  const [first] = sdks;
  if (first === undefined) throw new Error('there are three');
  for (const { v4, v5 } of sdks) for (const engine of [v4, v5]) serveChain(engine);
  const ports = sdks.map(({ port }) => port);
  const prometheus = await startPrometheus({ targets: ports, rules: '' });
  const health = prometheusHealth({
    url: prometheus.url,
    windowMs,
    instances: ports.map((port) => `127.0.0.1:${port}`),
    labels: { job: 'lighthouse-compat' },
    staleAfterMs: 5_000,
  });
  onTestFinished(() => health.close());
  await vi.waitFor(async () => expect(await health.sample(), String(health.problem)).not.toBeNull(), patience);
  return { sdks, first, prometheus, health };
}

const tallies = ({ attempts, callers, comparisons }: HealthSample) => ({ attempts, callers, comparisons });

/** The samples of processes put together. */
function together(samples: readonly HealthSample[]): ReturnType<typeof tallies> & {
  readonly pairs: Readonly<Record<string, { count: number; mean: number; m2: number }>>;
} {
  const add = <T>(one: T, other: T): T => {
    if (typeof one === 'number') return (one + Number(other)) as T;
    return Object.fromEntries(
      Object.entries(one as object).map(([key, value]) => [key, add(value, (other as Record<string, unknown>)[key])]),
    ) as T;
  };
  const pairs: Record<string, { count: number; mean: number; m2: number }> = {};
  for (const { speed } of samples)
    for (const stratum of speed)
      if (stratum.kind === 'pairs')
        pairs[stratum.name] = mergeMoments(pairs[stratum.name] ?? { count: 0, mean: 0, m2: 0 }, stratum.difference);
  return { ...samples.map(tallies).reduce(add), pairs };
}

test.skipIf(!hasPrometheus)(
  'what a real Prometheus has scraped of three instances makes the sample that they make of themselves, to the last call',
  async () => {
    const { sdks, prometheus, health } = await openFleet();
    // Between two stretches of calls, so that both begin with the same one.
    for (const sdk of sdks) await sdk.stopBlocks();
    for (const { compat } of sdks) await compat.drain();
    const sources: HealthSource[] = sdks.map(({ compat }) =>
      observationHealth(compat, { clock: systemClock, windowMs }),
    );
    health.reset();
    const scraped = async (): Promise<number> => {
      const [series] = await prometheus.query('sum(count_over_time(lighthouse_compat_latch_set[10m]))');
      return series?.value ?? 0;
    };
    const before = await scraped();
    // Every target twice, and one more of any: the first scrape after the reset is behind.
    await vi.waitFor(async () => expect(await scraped()).toBeGreaterThan(before + 9), patience);
    await health.sample();
    sdks[1]?.v5.on('engine_newPayloadV2', () => {
      throw new RpcError(-32603);
    });
    for (const sdk of sdks) await sdk.makeBlocks(25);
    for (const { compat } of sdks) await compat.drain();
    const own = together(
      (await Promise.all(sources.map((source) => source.sample()))).filter((sample) => sample !== null),
    );
    for (const source of sources) source.close();
    expect(own.attempts.v5.other.failures).toBeGreaterThan(0);
    expect(own.comparisons.compared).toBeGreaterThan(90);
    await vi.waitFor(async () => {
      const sample = await health.sample();
      if (sample === null) throw health.problem ?? new Error('there is no sample');
      expect(tallies(sample)).toEqual({ attempts: own.attempts, callers: own.callers, comparisons: own.comparisons });
      expect(sample.sharedEngine).toBe(false);
      for (const stratum of sample.speed) {
        if (stratum.kind !== 'pairs') continue;
        const { count, mean, m2 } = own.pairs[stratum.name] ?? { count: 0, mean: 0, m2: 0 };
        expect(stratum.difference).toEqual({ count, mean: expect.closeTo(mean, 9), m2: expect.closeTo(m2, 7) });
      }
    }, patience);
  },
  180_000,
);

const plan = {
  steps: [100],
  incrementPoints: 100,
  checkEveryMs: 250,
  parallel: { comparisons: 100, expectedMs: 4_000 },
  health: { minimumSamples: 100, windowMs, latencyRegressionPercent: 1_000, failingChecks: 3 },
};

async function openController({ first, health }: Fleet) {
  const controller = new MigrationController({ compat: first.compat, journal: memoryJournal(), health, plan });
  onTestFinished(() => controller.close());
  await expect.poll(() => first.compat.standby()).toMatchObject({ v4: { state: 'in_step' }, v5: { state: 'in_step' } });
  controller.run({ by: 'ada' }).catch(() => {});
  return controller;
}

test.skipIf(!hasPrometheus)(
  'a v5 that fails at another instance than the one that is in control is a rollback',
  async () => {
    const fleet = await openFleet();
    const controller = await openController(fleet);
    await vi.waitFor(() => expect(controller.status.check?.verdict).toBe('pass'), patience);
    for (const { v5 } of fleet.sdks.slice(1))
      v5.on('engine_newPayloadV2', () => {
        throw new RpcError(-32603);
      });
    await vi.waitFor(() => expect(controller.status.state.kind).toBe('rolled_back'), patience);
    expect(controller.status.state).toMatchObject({ reason: expect.stringContaining('v5_errors') });
    expect(fleet.first.compat.latch).not.toBeNull();
  },
  180_000,
);

test.skipIf(!hasPrometheus)(
  'an instance that is away, and then Prometheus, hold the plan and roll nothing back, though v5 fails meanwhile',
  async () => {
    const fleet = await openFleet();
    const { sdks, prometheus, health } = fleet;
    const controller = await openController(fleet);
    const kinds: string[] = [];
    controller.on('transition', ({ state }) => kinds.push(state.kind));
    await vi.waitFor(() => expect(controller.status.check?.verdict).toBe('pass'), patience);
    await sdks[2]?.stopServing();
    const isMissing = {
      code: 'PROMETHEUS_INCOMPLETE',
      message: expect.stringContaining(`127.0.0.1:${sdks[2]?.port}`),
    };
    await vi.waitFor(() => expect(health.problem).toMatchObject(isMissing), patience);
    for (const { v5 } of sdks)
      v5.on('engine_newPayloadV2', () => {
        throw new RpcError(-32603);
      });
    await prometheus.stop();
    await vi.waitFor(() => expect(health.problem).toMatchObject({ code: 'PROMETHEUS_UNREACHABLE' }), patience);
    // Long enough for three failing checks, and for the plan to be paused.
    const verdicts: string[] = [];
    controller.on('check', ({ check }) => verdicts.push(check.verdict));
    await vi.waitFor(() => expect(verdicts.length).toBeGreaterThan(8), patience);
    expect(new Set(verdicts)).toEqual(new Set(['no_data']));
    expect(kinds).not.toContain('rolling_back');
    expect(fleet.first.compat.latch).toBeNull();
  },
  180_000,
);
