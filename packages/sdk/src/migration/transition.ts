import { adopt, reset } from './adoption.js';
import { advance } from './advance.js';
import { afterCheck } from './afterCheck.js';
import type { Blocker, MigrationEvent, MigrationFacts } from './event.js';
import { blockersNow, forkObstacle } from './obstacles.js';
import type { MigrationPlan } from './plan.js';
import { freshStreak, type MigrationState } from './state.js';
import { applied, type RefusalCode, refused, type Transition } from './transitionResult.js';

type ByPerson = { readonly by: string };

const notNow = (state: MigrationState, what: string): Transition =>
  refused(state, 'NOT_IN_THIS_STATE', `${what} is not possible in ${state.kind}`);

/** Whether a state is one in which a plan is on its way, or about to be. */
const canBeHeld = ({ kind }: MigrationState): boolean =>
  kind === 'pre_migration' ||
  kind === 'parallel_testing' ||
  kind === 'canary' ||
  kind === 'gradual' ||
  kind === 'completing' ||
  kind === 'complete';

/** Why a person may not move the plan up now; null where nothing is in the way. */
function inTheWay(
  { held, streak }: MigrationState,
  blockers: readonly Blocker[],
): { readonly code: RefusalCode; readonly message: string } | null {
  const [blocker] = blockers;
  if (blocker !== undefined) {
    const code = blocker.code === 'PAST_FORK' || blocker.code === 'V4_NOT_IN_STEP' ? blocker.code : 'BLOCKED';
    return { code, message: `${blocker.code}: ${blocker.why}` };
  }
  if (held !== null) return { code: held.kind === 'pause' ? 'PAUSED' : 'HELD', message: held.why };
  if (streak.fails > 0) return { code: 'HEALTH_FAILING', message: `${streak.fails} failing checks in a row` };
  return null;
}

function start(state: MigrationState, facts: MigrationFacts, plan: MigrationPlan, nowMs: number): Transition {
  if (state.kind !== 'pre_migration') return notNow(state, 'a start');
  const fork = facts.isPastFork ? null : forkObstacle(plan, nowMs, 'start');
  if (fork !== null) return refused(state, 'ENDS_AFTER_FORK', fork);
  const obstacle = inTheWay(state, blockersNow(facts, plan, nowMs));
  if (obstacle !== null) return refused(state, obstacle.code, obstacle.message);
  const run = { startedMs: nowMs, rollbacks: 0 };
  return applied(state, {
    kind: 'parallel_testing',
    progress: 0,
    sinceMs: nowMs,
    held: null,
    streak: freshStreak,
    run,
  });
}

function hold(state: MigrationState, { by, why }: ByPerson & { why: string }, nowMs: number): Transition {
  if (!canBeHeld(state)) return notNow(state, 'a hold');
  if (state.held?.kind === 'pause') return refused(state, 'PAUSED', 'it is paused, which is more than held');
  return applied(state, { ...state, held: { kind: 'hold', by, why, sinceMs: state.held?.sinceMs ?? nowMs } });
}

function pause(state: MigrationState, { by, why }: ByPerson & { why: string }, nowMs: number): Transition {
  if (!canBeHeld(state)) return notNow(state, 'a pause');
  // The plan's time stands still from the first pause on.
  const sinceMs = state.held?.kind === 'pause' ? state.held.sinceMs : nowMs;
  return applied(state, { ...state, held: { kind: 'pause', by, why, sinceMs } });
}

function resume(state: MigrationState, nowMs: number): Transition {
  const { held } = state;
  if (held?.kind !== 'pause') return refused(state, 'NOT_PAUSED', 'it is not paused');
  const resumed = { ...state, held: null, streak: { ...state.streak, unsureSinceMs: null } };
  if ((resumed.kind !== 'canary' && resumed.kind !== 'gradual') || resumed.reachedMs === null)
    return applied(state, resumed);
  return applied(state, { ...resumed, reachedMs: resumed.reachedMs + Math.max(0, nowMs - held.sinceMs) });
}

/** Latches, from every state before `finalized` that has not been rolled back already. */
function rollBack(state: MigrationState, reason: string, nowMs: number): Transition {
  switch (state.kind) {
    case 'pre_migration':
    case 'parallel_testing':
    case 'canary':
    case 'gradual':
    case 'completing':
    case 'complete':
      return applied(state, {
        kind: 'rolling_back',
        reason,
        sinceMs: nowMs,
        held: null,
        streak: freshStreak,
        run: { ...state.run, rollbacks: state.run.rollbacks + 1 },
      });
    case 'finalized':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return notNow(state, 'a rollback');
  }
}

function rollBackByPerson(
  state: MigrationState,
  { force, facts }: { readonly force: boolean; readonly facts: MigrationFacts },
  reason: string,
  nowMs: number,
): Transition {
  const result = rollBack(state, reason, nowMs);
  if (!result.applied) return result;
  if (facts.isPastFork) return refused(state, 'PAST_FORK', 'the chain is at Cancun: v4 cannot take over any more');
  if (!facts.v4InStep && !force)
    return refused(state, 'V4_NOT_IN_STEP', "v4's engine is not known to be in step; force rolls back all the same");
  return result;
}

function retry(state: MigrationState, nowMs: number): Transition {
  if (state.kind !== 'rollback_failed') return notNow(state, 'a retry');
  const { reason, held, streak, run } = state;
  return applied(state, { kind: 'rolling_back', reason, sinceMs: nowMs, held, streak, run });
}

function promote(state: MigrationState, facts: MigrationFacts, plan: MigrationPlan, nowMs: number): Transition {
  if (state.kind !== 'parallel_testing' && state.kind !== 'canary' && state.kind !== 'gradual')
    return notNow(state, 'a promotion');
  const obstacle = inTheWay(state, blockersNow(facts, plan, nowMs));
  if (obstacle !== null) return refused(state, obstacle.code, obstacle.message);
  return applied(state, advance(state, plan, nowMs, 'at once'));
}

function finalize(state: MigrationState, facts: MigrationFacts, nowMs: number): Transition {
  if (state.kind !== 'complete') return notNow(state, 'finalizing');
  // From here on v4 is not needed, so that its end, or the fork, is no reason to wait.
  const obstacle = inTheWay(state, facts.blockers);
  if (obstacle !== null) return refused(state, obstacle.code, obstacle.message);
  const { streak, run } = state;
  return applied(state, { kind: 'finalized', sinceMs: nowMs, held: null, streak, run });
}

/** Makes the rule by which a migration under a plan moves: pure and total. An event that does not apply leaves the state as it is and says why. */
export function createTransition(
  plan: MigrationPlan,
): (state: MigrationState, event: MigrationEvent, nowMs: number) => Transition {
  return (state, event, nowMs) => {
    switch (event.type) {
      case 'start':
        return start(state, event.facts, plan, nowMs);
      case 'check':
        return afterCheck(state, event, { plan, nowMs, rollBack });
      case 'hold':
        return hold(state, event, nowMs);
      case 'release':
        if (state.held === null) return refused(state, 'NOT_HELD', 'it is not held');
        if (state.held.kind === 'pause') return refused(state, 'PAUSED', 'it is paused; resume it');
        return applied(state, { ...state, held: null });
      case 'pause':
        return pause(state, event, nowMs);
      case 'resume':
        return resume(state, nowMs);
      case 'promote':
        return promote(state, event.facts, plan, nowMs);
      case 'rollback':
        return rollBackByPerson(state, event, event.reason, nowMs);
      case 'abort':
        return rollBackByPerson(state, event, 'aborted', nowMs);
      case 'latched':
        return rollBack(state, event.reason, nowMs);
      case 'verified': {
        if (state.kind !== 'rolling_back') return notNow(state, 'the end of a rollback');
        const { reason, held, streak, run } = state;
        const { durationMs, evidence } = event;
        return applied(state, { kind: 'rolled_back', reason, durationMs, evidence, held, streak, run });
      }
      case 'unverified': {
        if (state.kind !== 'rolling_back') return notNow(state, 'the end of a rollback');
        const { reason, held, streak, run } = state;
        const { why, durationMs, evidence } = event;
        const failed: MigrationState = {
          kind: 'rollback_failed',
          reason,
          why,
          durationMs,
          evidence,
          held,
          streak,
          run,
        };
        return applied(state, failed, [
          { type: 'alarm', level: 'critical', code: 'ROLLBACK_FAILED', message: `${why}; the latch stays set` },
        ]);
      }
      case 'retry':
        return retry(state, nowMs);
      case 'clear':
        if (state.kind !== 'rolled_back') return notNow(state, 'clearing');
        return applied(state, { kind: 'pre_migration', held: null, streak: freshStreak, run: state.run });
      case 'finalize':
        return finalize(state, event.facts, nowMs);
      case 'adopt':
        return adopt(state, event.found, plan, nowMs);
      case 'reset':
        return reset(state, nowMs);
    }
  };
}
