import { setTimeout as delay } from 'node:timers/promises';
import { AbTestController, type LighthouseCompatOptions, watchAbTests } from '@lighthouse-compat/sdk';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { localFlags } from '../support/localFlags.js';
import { serveMetrics } from '../support/metricsServer.js';
import { capellaAttributes, capellaPayload, headAt } from '../support/samples.js';
import { openTwoEngines, type TwoEngines } from '../support/twoEngines.js';
import { wirePayload } from '../support/wire.js';

/** The SDK between two fake engines while blocks are made, under an A/B test whose plan is that v4 answers them all, and its metrics at a port. */
export type RunningSdk = TwoEngines & {
  readonly registry: Registry;
  readonly port: number;
  /** Blocks made so far. */
  readonly blocks: number;
  /** Ends the blocks, but not the SDK. */
  stopBlocks(): Promise<void>;
  /** Makes so many at once, one after the other; once the others have ended. */
  makeBlocks(count: number): Promise<void>;
  stopServing(): Promise<void>;
};

const payloadId = '0x0000000000000001';

/** Makes a block every `slotMs`: the payload, its head, and every tenth time a build that is fetched. What the caller gets is not looked at; the metrics tell. */
export async function startRunningSdk(
  options: Partial<LighthouseCompatOptions> = {},
  slotMs = 40,
): Promise<RunningSdk> {
  const registry = new Registry();
  const { client } = await localFlags({ lighthouse_v5: true });
  const engines = await openTwoEngines({ registry, flags: client, ...options });
  const { compat, v4, v5 } = engines;
  const tests = new AbTestController();
  watchAbTests(registry, tests);
  tests.createTest({ name: 'deneb', v5Percent: 0, durationMs: 3_600_000 });
  compat.on('observation', (observation) => void tests.recordObservation('deneb', observation));
  for (const engine of [v4, v5]) {
    engine.on('engine_forkchoiceUpdatedV2', ([state, attributes]) => ({
      payloadStatus: { status: 'VALID', latestValidHash: (state as { headBlockHash: string }).headBlockHash },
      payloadId: attributes === null ? null : payloadId,
    }));
    engine.on('engine_getPayloadV2', () => ({ executionPayload: wirePayload(1_000_000), blockValue: '0x1' }));
  }
  const { port, stop: stopServing } = await serveMetrics(registry);

  let blocks = 0;
  const stopping = new AbortController();
  async function makeBlock(): Promise<void> {
    const number = blocks + 1;
    const builds = number % 10 === 0;
    const calls: Promise<unknown>[] = [
      compat.newPayload({ executionPayload: capellaPayload(number) }),
      compat.forkchoiceUpdated(headAt(number), builds ? capellaAttributes : null),
    ];
    await Promise.allSettled(calls);
    if (builds) await compat.getPayload(payloadId).catch(() => {});
    blocks = number;
  }
  async function make(): Promise<void> {
    while (!stopping.signal.aborted) {
      await makeBlock();
      await delay(slotMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }
  const making = make();
  const stopBlocks = async (): Promise<void> => {
    stopping.abort();
    await making;
  };
  onTestFinished(stopBlocks);
  return {
    ...engines,
    registry,
    port,
    get blocks() {
      return blocks;
    },
    stopBlocks,
    async makeBlocks(count) {
      for (let made = 0; made < count; made += 1) await makeBlock();
    },
    stopServing,
  };
}
