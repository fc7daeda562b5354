import type { MigrationState } from '@lighthouse-compat/sdk';
import type { ActionName, StatusAnswer } from '../../../control/answers.js';

/** The actions that the page offers; the rest are the command's. */
type PageAction = Extract<
  ActionName,
  'start' | 'hold' | 'release' | 'pause' | 'resume' | 'promote' | 'rollback' | 'retry' | 'clear'
>;

/** What a person is asked before an action. */
export type ActionForm = {
  readonly name: PageAction;
  readonly label: string;
  /** What it does, in a sentence. */
  readonly does: string;
  readonly needsReason: boolean;
  /** What `force` means, where there is one. */
  readonly force: string | null;
  readonly isGrave: boolean;
};

const forms: Readonly<Record<PageAction, Omit<ActionForm, 'name'>>> = {
  start: {
    label: 'Start',
    does: 'Begins the plan with the parallel phase: v4 still answers everything.',
    needsReason: false,
    force: null,
    isGrave: false,
  },
  hold: {
    label: 'Hold',
    does: "Nothing moves up until it is released; the step's time goes on.",
    needsReason: true,
    force: null,
    isGrave: false,
  },
  release: {
    label: 'Release',
    does: 'The plan moves up again as its checks pass.',
    needsReason: false,
    force: null,
    isGrave: false,
  },
  pause: {
    label: 'Pause',
    does: "Nothing moves up and the plan's time stands still until it is resumed.",
    needsReason: true,
    force: null,
    isGrave: false,
  },
  resume: {
    label: 'Resume',
    does: "The plan's time goes on from where it stood still.",
    needsReason: false,
    force: null,
    isGrave: false,
  },
  promote: {
    label: 'Promote',
    does: 'Moves up to the next step at once, without waiting for its time: v5 answers more.',
    needsReason: false,
    force: null,
    isGrave: true,
  },
  rollback: {
    label: 'Roll back',
    does: 'Latches v4 at once: v5 answers nothing that v4 can serve until a person clears it.',
    needsReason: true,
    force: "Also where v4's engine is not known to be in step",
    isGrave: true,
  },
  retry: {
    label: 'Verify again',
    does: "Asks v4's engine again whether it carries on.",
    needsReason: false,
    force: null,
    isGrave: false,
  },
  clear: {
    label: 'Clear the rollback',
    does: 'Lifts the latch, so that a new run can begin; v4 goes on answering until then.',
    needsReason: true,
    force: null,
    isGrave: true,
  },
};

function possible(state: MigrationState): readonly PageAction[] {
  const holding: readonly PageAction[] =
    state.held === null ? ['hold', 'pause'] : state.held.kind === 'hold' ? ['release', 'pause'] : ['resume'];
  switch (state.kind) {
    case 'pre_migration':
      return ['start', ...holding, 'rollback'];
    case 'parallel_testing':
    case 'canary':
    case 'gradual':
      return [...holding, 'promote', 'rollback'];
    case 'completing':
    case 'complete':
      return [...holding, 'rollback'];
    case 'rollback_failed':
      return ['retry'];
    case 'rolled_back':
      return ['clear'];
    case 'rolling_back':
    case 'finalized':
      return [];
  }
}

/** The actions that the present state takes, in the order of their buttons; none where the service takes none. */
export function actionsOf({
  migration,
  takesActions,
}: Pick<StatusAnswer, 'migration' | 'takesActions'>): readonly ActionForm[] {
  if (migration === null || !takesActions) return [];
  return possible(migration.state).map((name) => ({ name, ...forms[name] }));
}

/** What is asked for before reading, where that needs the token. */
export const readingForm: Pick<ActionForm, 'label' | 'does'> = {
  label: 'Give the token',
  does: 'This service lets nobody read without its token.',
};
