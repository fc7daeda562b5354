import type { MigrationState } from '@lighthouse-compat/sdk';
import type { ActionName, StatusAnswer } from '../../../control/answers.js';

/** The actions that the page offers: all of a migration's own. */
type PageAction = Exclude<ActionName, 'latch' | 'clear-latch'>;

/** What a person may tick: a field of the action's body, and what it means. */
type Choice = { readonly field: 'force' | 'live'; readonly label: string };

/** What a person is asked before an action. */
export type ActionForm = {
  readonly name: PageAction;
  readonly label: string;
  /** What it does, in a sentence. */
  readonly does: string;
  readonly needsReason: boolean;
  readonly choice: Choice | null;
  readonly isGrave: boolean;
  /** Whether its button is behind another, so that those of every day stay few. */
  readonly isRare: boolean;
};

const force: Choice = { field: 'force', label: "Also where v4's engine is not known to be in step" };
const live: Choice = {
  field: 'live',
  label: 'Latch this process for as long as it takes, and lift the latch again: v5 answers nothing meanwhile',
};

const everyday = { needsReason: false, choice: null, isGrave: false, isRare: false } as const;

const forms: Readonly<Record<PageAction, Omit<ActionForm, 'name'>>> = {
  start: {
    ...everyday,
    label: 'Start',
    does: 'Begins the plan with the parallel phase: v4 still answers everything.',
  },
  hold: {
    ...everyday,
    label: 'Hold',
    does: "Nothing moves up until it is released; the step's time goes on.",
    needsReason: true,
  },
  release: {
    ...everyday,
    label: 'Release',
    does: 'The plan moves up again as its checks pass.',
  },
  pause: {
    ...everyday,
    label: 'Pause',
    does: "Nothing moves up and the plan's time stands still until it is resumed.",
    needsReason: true,
  },
  resume: {
    ...everyday,
    label: 'Resume',
    does: "The plan's time goes on from where it stood still.",
  },
  promote: {
    ...everyday,
    label: 'Promote',
    does: 'Moves up to the next step at once, without waiting for its time: v5 answers more.',
    isGrave: true,
  },
  rollback: {
    ...everyday,
    label: 'Roll back',
    does: 'Latches v4 at once: v5 answers nothing that v4 can serve until a person clears it.',
    needsReason: true,
    choice: force,
    isGrave: true,
  },
  retry: {
    ...everyday,
    label: 'Verify again',
    does: "Asks v4's engine again whether it carries on.",
  },
  clear: {
    ...everyday,
    label: 'Clear the rollback',
    does: 'Lifts the latch, so that a new run can begin; v4 goes on answering until then.',
    needsReason: true,
    isGrave: true,
  },
  adopt: {
    ...everyday,
    label: 'Adopt',
    does: "The plan goes on from the share that was set elsewhere, at its place among the steps; the step's time begins anew.",
    isGrave: true,
  },
  reset: {
    ...everyday,
    label: 'Reset',
    does: "Writes what the migration goes by over what was set elsewhere; the step's time begins anew. The flag lighthouse_v5 is not switched on by it.",
    isGrave: true,
  },
  finalize: {
    ...everyday,
    label: 'Finalize',
    does: "Gives v4's standby up: from here on v5 answers alone, nothing falls back on v4, and no rollback is made any more, by the controller or by this page. There is no way back by itself.",
    isGrave: true,
    isRare: true,
  },
  abort: {
    ...everyday,
    label: 'Abort',
    does: 'Ends the run by a rollback for which nobody has to give a reason: v4 is latched at once, and v5 answers nothing that v4 can serve until a person clears it.',
    choice: force,
    isGrave: true,
    isRare: true,
  },
  drill: {
    ...everyday,
    label: 'Rehearse a rollback',
    does: "Reads the flags and asks v4's engine for the head, bringing it back where it is behind; latches nothing. Where v4 hangs it takes minutes: the page shows the result also when this has been closed.",
    isRare: true,
  },
};

/** What a state takes, in the order of the buttons. */
function possible({ kind, held }: MigrationState): readonly PageAction[] {
  const holding: readonly PageAction[] =
    held === null ? ['hold', 'pause'] : held.kind === 'hold' ? ['release', 'pause'] : ['resume'];
  switch (kind) {
    case 'pre_migration':
      return ['start', ...holding, 'rollback', 'abort', 'drill'];
    case 'parallel_testing':
    case 'canary':
    case 'gradual':
      return [...holding, 'promote', 'rollback', 'abort', 'drill'];
    case 'completing':
      return [...holding, 'rollback', 'abort', 'drill'];
    case 'complete':
      return [...holding, 'rollback', 'finalize', 'abort', 'drill'];
    case 'rollback_failed':
      return ['retry', 'drill'];
    case 'rolled_back':
      return ['clear', 'drill'];
    case 'rolling_back':
    case 'finalized':
      return ['drill'];
  }
}

/** What a person may do about something that was set outside of the migration. */
function aboutDrift({ kind }: MigrationState): readonly PageAction[] {
  switch (kind) {
    case 'parallel_testing':
    case 'canary':
    case 'gradual':
    case 'completing':
    case 'complete':
      return ['adopt', 'reset'];
    // There is no share to adopt.
    case 'pre_migration':
    case 'finalized':
    case 'rolling_back':
    case 'rolled_back':
    case 'rollback_failed':
      return ['reset'];
  }
}

/** The actions that the present state takes, in the order of their buttons; none where the service takes none. */
export function actionsOf({
  migration,
  latch,
  takesActions,
}: Pick<StatusAnswer, 'migration' | 'latch' | 'takesActions'>): readonly ActionForm[] {
  if (migration === null || !takesActions) return [];
  const { state, facts } = migration;
  const hasDrift = facts?.blockers.some(({ code }) => code === 'DRIFT') === true;
  return [...(hasDrift ? aboutDrift(state) : []), ...possible(state)].map((name) => ({
    name,
    ...forms[name],
    // Under a latch there is nothing to latch.
    ...(name === 'drill' && latch === null ? { choice: live } : {}),
  }));
}

/** What is asked for before reading, where that needs the token. */
export const readingForm: Pick<ActionForm, 'label' | 'does'> = {
  label: 'Give the token',
  does: 'This service lets nobody read without its token.',
};
