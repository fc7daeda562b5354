import { type MigrationPlan, planDurationMs } from '@lighthouse-compat/sdk';
import { duration, number, percent, time } from '../../page/browser/view/format.js';
import type { Paint } from '../terminal.js';
import { columns } from './columns.js';

/** One stretch of a plan. */
type PlannedStep = {
  readonly name: string;
  readonly percent: number;
  /** After the start, at the earliest. */
  readonly beginsMs: number;
  readonly lengthMs: number;
  /** How many checks have to pass on the way to it. */
  readonly rises: number;
};

/** A plan as it will go when every check passes. */
export type PlanOutline = {
  readonly steps: readonly PlannedStep[];
  readonly durationMs: number;
  /** Unix milliseconds: a later start ends too near to Cancun; null where no such time is known. */
  readonly latestStartMs: number | null;
};

/** Says how a plan goes: pure. */
export function outlineOf(plan: MigrationPlan): PlanOutline {
  const { parallel, checkEveryMs, cancunTime, forkMarginMs } = plan;
  const steps: PlannedStep[] = [
    { name: 'parallel testing', percent: 0, beginsMs: 0, lengthMs: parallel.expectedMs, rises: 0 },
  ];
  let atMs = parallel.expectedMs;
  let from = 0;
  for (const [index, step] of plan.steps.entries()) {
    const rises = Math.ceil((step - from) / plan.incrementPoints);
    const lengthMs = index === 0 ? plan.firstStepMs : plan.stepMs;
    const name = index === 0 ? 'canary' : `step ${index + 1}`;
    atMs += rises * checkEveryMs;
    steps.push({ name, percent: step, beginsMs: atMs, lengthMs, rises });
    atMs += lengthMs;
    from = step;
  }
  steps.push({
    name: 'final validation',
    percent: 100,
    beginsMs: atMs + checkEveryMs,
    lengthMs: checkEveryMs,
    rises: 1,
  });
  const durationMs = planDurationMs(plan);
  return {
    steps,
    durationMs,
    latestStartMs: cancunTime === null ? null : cancunTime * 1_000 - forkMarginMs - durationMs,
  };
}

/** The same in words. */
export function planText(plan: MigrationPlan, paint: Paint): string {
  const { steps, durationMs, latestStartMs } = outlineOf(plan);
  const { health, incrementPoints } = plan;
  const rows = steps.map(({ name, percent: share, beginsMs, lengthMs, rises }) => [
    { text: name },
    { text: percent(share) },
    { text: `from ${duration(beginsMs)}` },
    { text: `for ${duration(lengthMs)}` },
    { text: rises > 1 ? `in ${rises} rises of at most ${incrementPoints} points` : '' },
  ]);
  const limits = `Rolled back by ${health.failingChecks} failing checks in a row, one every ${duration(plan.checkEveryMs)}: errors over ${percent(health.errorRatePercent)}, slower than v4 by over ${percent(health.latencyRegressionPercent)}, answers that differ over ${percent(health.divergencePercent)}; from ${number(health.minimumSamples)} attempts at each engine on, over the last ${duration(health.windowMs)} at most.`;
  const fork =
    latestStartMs === null || plan.cancunTime === null
      ? paint('attention', 'No time of Cancun is told (cancunTime): nothing sees to it that the plan ends before it.')
      : `Cancun begins at ${time(plan.cancunTime * 1_000)}: the plan has to be started by ${time(latestStartMs)}.`;
  return `${columns(rows, paint)}\nIt takes ${duration(durationMs)} where every check passes. ${fork}\n${limits}\n`;
}
