/** What a check is held against. */
export type HealthLimits = {
  /** Of v5's attempts that get no usable answer, and of the calls that v5 answers for callers. */
  readonly errorRatePercent: number;
  /** How much slower than v4, at the same time, v5 may be on average. */
  readonly latencyRegressionPercent: number;
  /** Of the answers that were compared. */
  readonly divergencePercent: number;
  /** Of the answers to be compared: above it too many are SYNCING or ACCEPTED to tell. */
  readonly pendingPercent: number;
  /** Attempts at each engine below which a check says nothing. */
  readonly minimumSamples: number;
  /** How far a check looks back at most. */
  readonly windowMs: number;
  /** So many failing checks in a row are a rollback. */
  readonly failingChecks: number;
  /** The probability, over the whole plan, of a rollback of a v5 that is as good as v4. */
  readonly falseAlarm: number;
};

/** How a migration goes, checked and complete. */
export type MigrationPlan = {
  /** Shares of the calls that v5 answers, rising to 100. */
  readonly steps: readonly number[];
  /** How many points the share rises at once; each rise waits for a passing check. */
  readonly incrementPoints: number;
  /** How long the first step is stayed at once it is reached. */
  readonly firstStepMs: number;
  /** How long every other step is. */
  readonly stepMs: number;
  readonly parallel: {
    /** Answers to compare before the canary. */
    readonly comparisons: number;
    /** Of the calls that should be compared, how many must have been. */
    readonly coveragePercent: number;
    /** How long the phase is expected to take; twice as long without a clear check pauses it. */
    readonly expectedMs: number;
  };
  readonly checkEveryMs: number;
  readonly health: HealthLimits;
  /** A rollback that is not verified within it has failed. */
  readonly rollbackDeadlineMs: number;
  /** Unix seconds; null: no such fork is known. */
  readonly cancunTime: number | null;
  /** So long before the fork a running plan is held. */
  readonly forkMarginMs: number;
  /** Whether other nodes migrate with this one. */
  readonly fleet: boolean;
  /** What keeps a call's way: the block's hash, or the node. */
  readonly stickiness: 'block' | 'node';
};

/** A part of the plan's options: everything has a default. */
export type MigrationPlanOptions = {
  readonly [K in Exclude<keyof MigrationPlan, 'parallel' | 'health' | 'cancunTime'>]?: MigrationPlan[K];
} & {
  readonly parallel?: Partial<MigrationPlan['parallel']>;
  readonly health?: Partial<HealthLimits>;
  /** Unix seconds. */
  readonly cancunTime?: bigint | number | null;
};

const minutes = (count: number): number => count * 60_000;
const hours = (count: number): number => minutes(60 * count);

/** What holds where the options say nothing. */
export const defaultPlan: MigrationPlan = {
  steps: [5, 10, 25, 50, 75, 90, 100],
  incrementPoints: 5,
  firstStepMs: hours(6),
  stepMs: hours(2),
  parallel: { comparisons: 1_000, coveragePercent: 99, expectedMs: hours(2) },
  checkEveryMs: 30_000,
  health: {
    errorRatePercent: 1,
    latencyRegressionPercent: 5,
    divergencePercent: 1,
    pendingPercent: 20,
    minimumSamples: 200,
    windowMs: minutes(30),
    failingChecks: 3,
    falseAlarm: 0.05,
  },
  rollbackDeadlineMs: 300_000,
  cancunTime: null,
  forkMarginMs: hours(1),
  fleet: false,
  stickiness: 'block',
};

/** How long one step is stayed at, by its place from 0. */
export const stepLengthMs = (plan: MigrationPlan, step: number): number =>
  step === 0 ? plan.firstStepMs : plan.stepMs;

/** How long a plan takes when every check passes, in milliseconds: what is waited for, the checks between two rises included. */
export function planDurationMs(plan: MigrationPlan): number {
  let from = 0;
  let rises = 0;
  for (const step of plan.steps) {
    rises += Math.ceil((step - from) / plan.incrementPoints);
    from = step;
  }
  const waits = plan.firstStepMs + (plan.steps.length - 1) * plan.stepMs;
  // One check more ends the last step, and one validates.
  return plan.parallel.expectedMs + waits + (rises + 2) * plan.checkEveryMs;
}
