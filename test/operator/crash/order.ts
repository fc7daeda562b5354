import type { MigrationPlanOptions } from '@lighthouse-compat/sdk';

/** Where a service of the crash tests lives: its engines, what it keeps, and how late and how far the chain is. */
export type CrashPlace = {
  readonly v4: { readonly url: string; readonly secret: string };
  readonly v5: { readonly url: string; readonly secret: string };
  readonly journalFile: string;
  readonly latchFile: string;
  readonly startMs: number;
  readonly firstBlock: number;
};

/** What it is told besides. */
export type CrashCommand = {
  /** `before write 3`, `after write 3`, `after act 2`, or never. */
  readonly dieAt: string | null;
  /** The state in which a person rolls back. */
  readonly rollBackIn: string | null;
  /** Whether a person clears a rollback that is found. */
  readonly clear: boolean;
  /** Only opens, and waits to be ended. */
  readonly wait: boolean;
};

/** All of it. */
export type CrashOrder = CrashPlace & CrashCommand;

/** Short, and blind to the latencies of engines that are none. */
export const crashPlan: MigrationPlanOptions = {
  steps: [10, 30, 100],
  incrementPoints: 45,
  firstStepMs: 60_000,
  stepMs: 60_000,
  parallel: { comparisons: 100, expectedMs: 60_000 },
  health: { minimumSamples: 100, latencyRegressionPercent: 1_000 },
};
