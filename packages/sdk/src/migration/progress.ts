import { type MigrationPlan, stepLengthMs } from './plan.js';
import type { MigrationState } from './state.js';

/** How far the share has risen from the step before to the step's own, 0 to 1. */
function risen(plan: MigrationPlan, step: number, current: number): number {
  const from = plan.steps[step - 1] ?? 0;
  const to = plan.steps[step] ?? 100;
  return to > from ? (current - from) / (to - from) : 1;
}

/** How much of a plan lies behind a state, 0 to 1: the parallel phase, each step and the final validation count as one part each, and a step that has been reached and is stayed at as half done. */
export function progressOf(state: MigrationState, plan: MigrationPlan): number {
  const parts = plan.steps.length + 2;
  const inStep = (step: number, current: number): number => (1 + step + risen(plan, step, current) / 2) / parts;
  switch (state.kind) {
    case 'parallel_testing':
      return state.progress / parts;
    case 'canary':
      return inStep(0, state.percent);
    case 'gradual':
      return inStep(state.step - 1, state.current);
    case 'completing':
      return (parts - 1) / parts;
    case 'complete':
    case 'finalized':
      return 1;
    case 'pre_migration':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return 0;
  }
}

/** When a plan moves up next at the earliest, if checks pass, in Unix milliseconds; null where it does not by itself, or its time stands still. */
export function dueAt(state: MigrationState, plan: MigrationPlan): number | null {
  if (state.held?.kind === 'pause') return null;
  switch (state.kind) {
    case 'parallel_testing':
      return state.sinceMs + plan.parallel.expectedMs;
    case 'canary':
    case 'gradual':
      if (state.reachedMs === null) return state.sinceMs + plan.checkEveryMs;
      return state.reachedMs + stepLengthMs(plan, state.kind === 'canary' ? 0 : state.step - 1);
    case 'completing':
      return state.sinceMs + plan.checkEveryMs;
    case 'pre_migration':
    case 'complete':
    case 'finalized':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return null;
  }
}
