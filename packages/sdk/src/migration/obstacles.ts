import type { Blocker, MigrationFacts } from './event.js';
import { type MigrationPlan, planDurationMs } from './plan.js';

/** Why the fork is too near; null where it is not. `start`: the whole plan must end before it; `run`: only the margin must be left. */
export function forkObstacle(plan: MigrationPlan, nowMs: number, when: 'start' | 'run'): string | null {
  if (plan.cancunTime === null) return null;
  const leftMs = plan.cancunTime * 1_000 - nowMs;
  const neededMs = plan.forkMarginMs + (when === 'start' ? planDurationMs(plan) : 0);
  if (leftMs > neededMs) return null;
  const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
  return `Cancun begins in ${seconds(leftMs)}, and ${seconds(neededMs)} are needed: after it v4 cannot take over`;
}

/** Why v4 could not take over now; null where it could. */
export function v4Obstacle({ isPastFork, v4InStep }: MigrationFacts): Blocker | null {
  if (isPastFork) return { code: 'PAST_FORK', why: 'the chain is at Cancun, and v4 cannot take over any more' };
  return v4InStep ? null : { code: 'V4_NOT_IN_STEP', why: "v4's engine is not in step and could not take over now" };
}

/** Everything that keeps the plan from moving up now, the gravest first. */
export function blockersNow(facts: MigrationFacts, plan: MigrationPlan, nowMs: number): readonly Blocker[] {
  const v4 = v4Obstacle(facts);
  const fork = forkObstacle(plan, nowMs, 'run');
  return [
    ...(v4 === null ? [] : [v4]),
    ...(fork === null ? [] : [{ code: 'FORK_NEAR', why: fork } as const]),
    ...facts.blockers,
  ];
}
