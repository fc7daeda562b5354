import {
  type Actuator,
  type Journal,
  type LighthouseCompat,
  type LighthouseCompatOptions,
  MigrationController,
  type MigrationControllerOptions,
  type MigrationPlanOptions,
  memoryJournal,
} from '@lighthouse-compat/sdk';
import { onTestFinished } from 'vitest';
import type { FakeEngine } from '../../support/fakeEngine.js';
import { capellaPayload, hash, headAt } from '../../support/samples.js';
import { openTwoEngines } from '../../support/twoEngines.js';
import { createManualClock } from './observations.js';

/** A plan of four windows; a fake engine's latencies are noise, so that they are no reason for anything. */
export const shortPlan: MigrationPlanOptions = {
  steps: [10, 100],
  incrementPoints: 100,
  firstStepMs: 60_000,
  stepMs: 60_000,
  parallel: { comparisons: 100, expectedMs: 60_000 },
  health: { minimumSamples: 100, latencyRegressionPercent: 1_000 },
};

/** Lets an engine answer what every Engine port serves beside the Engine API. */
export function serveChain(engine: FakeEngine, { genesis = 1, head = 2, chainId = '0x1' } = {}): void {
  engine.on('eth_chainId', () => chainId);
  engine.on('eth_getBlockByNumber', ([tag]) => ({
    hash: tag === '0x0' ? hash(genesis) : hash(head),
    number: tag === '0x0' ? '0x0' : '0x1',
    timestamp: '0x64',
  }));
}

/** A controller over two fake engines, and what drives it. */
export async function openMigration(
  options: {
    readonly journal?: Journal;
    readonly compat?: Partial<LighthouseCompatOptions>;
    readonly controller?: Partial<MigrationControllerOptions>;
    /** Default: the controller's own. */
    readonly actuator?: (compat: LighthouseCompat) => Actuator;
  } = {},
) {
  const engines = await openTwoEngines(options.compat);
  for (const engine of [engines.v4, engines.v5]) serveChain(engine);
  const clock = createManualClock(1_000_000);
  const journal = memoryJournal();
  const told: string[] = [];
  const controller = new MigrationController({
    compat: engines.compat,
    journal: options.journal ?? journal,
    plan: shortPlan,
    clock,
    ...(options.actuator === undefined ? {} : { actuator: options.actuator(engines.compat) }),
    ...options.controller,
  });
  onTestFinished(() => controller.close());
  controller.on('transition', ({ state }) => told.push(state.kind));
  controller.on('alarm', ({ code }) => told.push(`alarm ${code}`));
  let number = 2;
  const { compat } = engines;
  const block = async (): Promise<void> => {
    number += 1;
    await compat.newPayload({ executionPayload: capellaPayload(number) });
    await compat.forkchoiceUpdated(headAt(number));
  };
  const blocks = async (count: number): Promise<void> => {
    for (let made = 0; made < count; made += 1) await block();
    await compat.drain();
  };
  return {
    ...engines,
    clock,
    journal,
    controller,
    told,
    blocks,
    /** A window's worth of blocks, so much later, and a check. */
    async step(laterMs = 60_000) {
      await blocks(60);
      clock.advance(laterMs);
      await controller.check();
    },
    get kind() {
      return controller.status.state.kind;
    },
  };
}
