import type { MigrationPlan } from './plan.js';
import type { MigrationState } from './state.js';
import { type Adoption, isSameTarget, settableOf, targetOf } from './target.js';
import { applied, refused, type Transition } from './transitionResult.js';

const notAdoptable = (state: MigrationState, why: string): Transition => refused(state, 'NOT_ADOPTABLE', why);

/** The controller's own hold ends with what it was for; a person's, and a pause, do not. */
const heldByOthers = ({ held }: MigrationState): MigrationState['held'] =>
  held?.by === null && held.kind === 'hold' ? null : held;

/** Where a share stands in a plan: in the first step that reaches it, on the way to its percentage. */
function stateAt(percent: number, from: MigrationState, plan: MigrationPlan, nowMs: number): MigrationState {
  const step = plan.steps.findIndex((each) => percent <= each);
  // The last step is 100, so that there is one for every percentage.
  const target = plan.steps[step] ?? 100;
  const common = {
    sinceMs: nowMs,
    reachedMs: percent === target ? nowMs : null,
    held: heldByOthers(from),
    streak: { ...from.streak, unsureSinceMs: null },
    run: from.run,
  };
  return step === 0
    ? { kind: 'canary', percent, ...common }
    : { kind: 'gradual', current: percent, target, step: step + 1, ...common };
}

/** Goes by the share that a person has set elsewhere: its window and its step begin anew. */
export function adopt(state: MigrationState, found: Adoption, plan: MigrationPlan, nowMs: number): Transition {
  switch (state.kind) {
    case 'pre_migration':
    case 'finalized':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return refused(state, 'NOT_IN_THIS_STATE', `adopting is not possible in ${state.kind}`);
    case 'parallel_testing':
    case 'canary':
    case 'gradual':
    case 'completing':
    case 'complete':
      break;
  }
  if (found.target === null) return notAdoptable(state, found.why);
  if (isSameTarget(found.target, targetOf(state)))
    return refused(state, 'NO_DRIFT', 'the migration goes by what is set already');
  if (found.target.kind !== 'canary')
    return notAdoptable(state, `${found.target.kind} is no share of the plan: reset it, or say what you want here`);
  const { percent } = found.target;
  if (!Number.isInteger(percent) || percent < 1 || percent > 100)
    return notAdoptable(state, `${percent} % is no share of the plan: reset it, or roll back`);
  return applied(state, stateAt(percent, state, plan, nowMs));
}

/** Writes what the state wants over what a person has set: what was seen meanwhile says nothing about the state, so that its window and its step begin anew. */
export function reset(state: MigrationState, nowMs: number): Transition {
  return applied(state, begunAnew(state, nowMs), [{ type: 'reset', target: settableOf(state) }]);
}

function begunAnew(state: MigrationState, nowMs: number): MigrationState {
  const common = {
    sinceMs: nowMs,
    held: heldByOthers(state),
    streak: { ...state.streak, unsureSinceMs: null },
  };
  switch (state.kind) {
    case 'parallel_testing':
      return { ...state, ...common, progress: 0 };
    case 'canary':
    case 'gradual':
      return { ...state, ...common, reachedMs: state.reachedMs === null ? null : nowMs };
    case 'completing':
    case 'complete':
    case 'finalized':
      return { ...state, ...common };
    // Nothing is measured here.
    case 'pre_migration':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return state;
  }
}
