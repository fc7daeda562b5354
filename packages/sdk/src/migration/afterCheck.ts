import { isDeepStrictEqual } from 'node:util';
import { advance } from './advance.js';
import type { MigrationEvent, ParallelCounts } from './event.js';
import { describeCheck } from './health/describe.js';
import type { HealthVerdict } from './health/healthCheck.js';
import { nextStreak } from './health/streak.js';
import { blockersNow, v4Obstacle } from './obstacles.js';
import { type MigrationPlan, stepLengthMs } from './plan.js';
import type { MigrationState } from './state.js';
import { type Alarm, applied, type Transition } from './transitionResult.js';

type CheckEvent = Extract<MigrationEvent, { readonly type: 'check' }>;
type Rules = {
  readonly plan: MigrationPlan;
  readonly nowMs: number;
  readonly rollBack: (state: MigrationState, reason: string, nowMs: number) => Transition;
};

/** What is still wanting for the canary; null where nothing is. */
function missingInParallel(counts: ParallelCounts, plan: MigrationPlan): 'comparisons' | 'quality' | null {
  const { compared, notCompared, differed, critical } = counts;
  const { comparisons, coveragePercent } = plan.parallel;
  if (!(compared >= comparisons)) return 'comparisons';
  const isCovered = compared * 100 >= coveragePercent * (compared + notCompared);
  const agrees = differed * 100 < plan.health.divergencePercent * compared || differed === 0;
  return isCovered && agrees && critical === 0 ? null : 'quality';
}

/** The check's verdict; a parallel phase that has compared enough, but too patchily or with too many differences, is not clear either. */
function verdictOf(state: MigrationState, { check, parallel }: CheckEvent, plan: MigrationPlan): HealthVerdict {
  if (state.kind !== 'parallel_testing' || check.verdict !== 'pass') return check.verdict;
  return parallel === null || missingInParallel(parallel, plan) === 'quality' ? 'inconclusive' : 'pass';
}

/** How long the phase that a state is in is meant to take; null where nothing is waited for. */
function lengthMs(state: MigrationState, plan: MigrationPlan): number | null {
  switch (state.kind) {
    case 'parallel_testing':
      return plan.parallel.expectedMs;
    case 'canary':
      return plan.firstStepMs;
    case 'gradual':
      return stepLengthMs(plan, state.step - 1);
    case 'completing':
      return stepLengthMs(plan, plan.steps.length - 1);
    case 'pre_migration':
    case 'complete':
    case 'finalized':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return null;
  }
}

/** With the check noted, before anything follows from it. */
function noted(state: MigrationState, { parallel }: CheckEvent, streak: MigrationState['streak'], plan: MigrationPlan) {
  const seen = { ...state, streak };
  if (seen.kind !== 'parallel_testing' || parallel === null) return seen;
  const progress = Math.min(1, Math.max(0, parallel.compared / plan.parallel.comparisons));
  return Number.isFinite(progress) ? { ...seen, progress } : seen;
}

/** Holds, unless a person holds already; the controller's own hold keeps its time. */
function heldBecause(state: MigrationState, why: string, nowMs: number): MigrationState {
  if (state.held !== null && (state.held.by !== null || state.held.kind === 'pause')) return state;
  return { ...state, held: { kind: 'hold', by: null, why, sinceMs: state.held?.sinceMs ?? nowMs } };
}

/** Gives the state itself where nothing about it has changed. */
const settled = (from: MigrationState, to: MigrationState, alarms: readonly Alarm[] = []): Transition =>
  applied(
    from,
    isDeepStrictEqual(from, to) ? from : to,
    alarms.map((alarm) => ({ type: 'alarm', ...alarm })),
  );

/** Moves a plan that nothing holds back. */
function moveUp(from: MigrationState, seen: MigrationState, event: CheckEvent, { plan, nowMs }: Rules): Transition {
  switch (seen.kind) {
    case 'parallel_testing': {
      const isDone = event.parallel !== null && missingInParallel(event.parallel, plan) === null;
      return settled(from, isDone ? advance(seen, plan, nowMs, 'in time') : seen);
    }
    case 'canary':
    case 'gradual':
      return settled(from, advance(seen, plan, nowMs, 'in time'));
    case 'completing': {
      const { streak, run } = seen;
      return settled(from, { kind: 'complete', sinceMs: nowMs, held: null, streak, run });
    }
    case 'pre_migration':
    case 'complete':
    case 'finalized':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return settled(from, seen);
  }
}

/** What follows from one health check: the same rule in every state, held or not. */
export function afterCheck(state: MigrationState, event: CheckEvent, rules: Rules): Transition {
  const { plan, nowMs } = rules;
  const { check, facts } = event;
  const verdict = verdictOf(state, event, plan);
  const streak = nextStreak(state.streak, verdict, { nowMs, enough: plan.health.failingChecks });
  const seen = noted(state, event, streak, plan);

  const isDue = check.isCritical || streak.fails >= plan.health.failingChecks;
  switch (seen.kind) {
    // Nothing is answered by v5 yet.
    case 'pre_migration':
      return settled(state, seen);
    // It has been done.
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return settled(state, state);
    case 'finalized': {
      const message = `v5 answers alone and is not well: ${describeCheck(check)}`;
      return settled(state, seen, isDue ? [{ level: 'critical', code: 'FAILING_WHEN_FINALIZED', message }] : []);
    }
    case 'parallel_testing':
    case 'canary':
    case 'gradual':
    case 'completing':
    case 'complete':
      break;
  }

  if (isDue) {
    const obstacle = v4Obstacle(facts);
    if (obstacle === null) return rules.rollBack(seen, describeCheck(check), nowMs);
    const message = `a rollback is due (${describeCheck(check)}) and cannot be: ${obstacle.code}: ${obstacle.why}`;
    return settled(state, heldBecause(seen, message, nowMs), [
      { level: 'critical', code: 'ROLLBACK_IMPOSSIBLE', message },
    ]);
  }
  if (seen.kind === 'complete') return settled(state, seen);

  const [blocker] = blockersNow(facts, plan, nowMs);
  if (blocker !== undefined) {
    const why = `${blocker.code}: ${blocker.why}`;
    const isNew = seen.held === null;
    return settled(
      state,
      heldBecause(seen, why, nowMs),
      isNew ? [{ level: 'warning', code: 'HELD', message: why }] : [],
    );
  }
  const free = seen.held?.by === null && seen.held.kind === 'hold' ? { ...seen, held: null } : seen;

  const patienceMs = lengthMs(free, plan);
  const unsureMs = streak.unsureSinceMs === null ? null : nowMs - streak.unsureSinceMs;
  if (free.held === null && patienceMs !== null && unsureMs !== null && unsureMs > 0 && unsureMs >= 2 * patienceMs) {
    const why = `no check was clear for two step lengths; the last: ${describeCheck(check)}`;
    const held = { kind: 'pause', by: null, why, sinceMs: nowMs } as const;
    return settled(state, { ...free, held }, [{ level: 'critical', code: 'PAUSED', message: why }]);
  }
  if (free.held !== null || verdict !== 'pass') return settled(state, free);
  return moveUp(state, free, event, rules);
}
