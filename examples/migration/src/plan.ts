import type { MigrationPlanOptions } from '@lighthouse-compat/sdk';

/** A block is made for every slot, as fast as the machine can; the plan's clock goes by slots. */
export const slotMs = 12_000;

const minutes = (count: number): number => count * 60_000;

/** A migration of two hours at most; a check every ten slots. */
export const plan: MigrationPlanOptions = {
  steps: [10, 50, 100],
  incrementPoints: 50,
  firstStepMs: minutes(14),
  stepMs: minutes(14),
  parallel: { comparisons: 150, expectedMs: minutes(20) },
  checkEveryMs: minutes(2),
  // Two clients and their caller share this machine's processors, and so unevenly that 5 % would be too strict for them.
  health: { minimumSamples: 100, latencyRegressionPercent: 50 },
};

/** How far both engines are away, in milliseconds: beside it what the processors are shared by weighs less. */
export const networkMs = 15;

/** One of so many new_payload calls fails at v5 when it is made worse. */
export const failOneIn = 3;

/** The share, in percent, at which it is made worse: v4 builds the other blocks. */
export const regressionPercent = 50;

/** Blocks after the rollback, of which v5 may answer none. */
export const blocksAfterRollback = 20;

/** A run that has not ended after so many blocks will not end. */
export const mostBlocks = 700;
