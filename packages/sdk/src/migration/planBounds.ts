import type { HealthLimits, MigrationPlan } from './plan.js';

const dayMs = 24 * 60 * 60 * 1_000;

/** A number between two bounds, both included; whole unless told. */
export type Bounds = { readonly min: number; readonly max: number; readonly isFraction?: true };

const duration = (min: number): Bounds => ({ min, max: 365 * dayMs });
const percent: Bounds = { min: 0, max: 100, isFraction: true };

/** Of a plan's own numbers. */
export const topBounds: Readonly<
  Record<'incrementPoints' | 'firstStepMs' | 'stepMs' | 'checkEveryMs' | 'rollbackDeadlineMs' | 'forkMarginMs', Bounds>
> = {
  incrementPoints: { min: 1, max: 100 },
  firstStepMs: duration(0),
  stepMs: duration(0),
  checkEveryMs: duration(1),
  rollbackDeadlineMs: { min: 1, max: 300_000 },
  forkMarginMs: duration(0),
};

/** Of the parallel phase. */
export const parallelBounds: Readonly<Record<keyof MigrationPlan['parallel'], Bounds>> = {
  comparisons: { min: 1, max: Number.MAX_SAFE_INTEGER },
  coveragePercent: percent,
  expectedMs: duration(0),
};

/** Of the health checks. */
export const healthBounds: Readonly<Record<keyof HealthLimits, Bounds>> = {
  errorRatePercent: percent,
  latencyRegressionPercent: { min: 0, max: 1_000, isFraction: true },
  divergencePercent: percent,
  pendingPercent: percent,
  // Below it nothing can be said of a mean.
  minimumSamples: { min: 100, max: Number.MAX_SAFE_INTEGER },
  windowMs: duration(1),
  failingChecks: { min: 1, max: 1_000 },
  falseAlarm: { min: 1e-9, max: 0.5, isFraction: true },
};

/** Of each step, a percentage. */
export const stepBounds: Bounds = { min: 1, max: 100 };

/** Of a fork's time in Unix seconds: up to the last that a date can be. */
export const forkTimeBounds: Bounds = { min: 0, max: 8_640_000_000_000 };
