import { type MigrationPlan, stepLengthMs } from './plan.js';
import type { MigrationState } from './state.js';

/** A state that moves up by passing checks and time. */
export type RisingState = Extract<MigrationState, { readonly kind: 'parallel_testing' | 'canary' | 'gradual' }>;

/** The next share on the way to a step's own, one increment at most. */
function rise(from: RisingState, step: number, current: number, plan: MigrationPlan, nowMs: number): MigrationState {
  const { streak, run } = from;
  // The steps are rising and end with 100, so there is one at every place that is asked for.
  const target = plan.steps[step] ?? 100;
  const percent = Math.min(target, current + plan.incrementPoints);
  const common = { sinceMs: nowMs, reachedMs: percent === target ? nowMs : null, held: null, streak, run };
  return step === 0
    ? { kind: 'canary', percent, ...common }
    : { kind: 'gradual', current: percent, target, step: step + 1, ...common };
}

/** Gives the state after a passing check, or, `at once`, the one that a person moves on to without waiting for the step's time; the same state where it is not time yet. */
export function advance(
  state: RisingState,
  plan: MigrationPlan,
  nowMs: number,
  when: 'in time' | 'at once',
): MigrationState {
  if (state.kind === 'parallel_testing') return rise(state, 0, 0, plan, nowMs);
  const [step, current] = state.kind === 'canary' ? [0, state.percent] : [state.step - 1, state.current];
  if (state.reachedMs === null) return rise(state, step, current, plan, nowMs);
  if (when === 'in time' && nowMs - state.reachedMs < stepLengthMs(plan, step)) return state;
  if (step + 1 < plan.steps.length) return rise(state, step + 1, current, plan, nowMs);
  const { streak, run } = state;
  return { kind: 'completing', sinceMs: nowMs, held: null, streak, run };
}
