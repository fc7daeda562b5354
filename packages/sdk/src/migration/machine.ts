import type { Clock } from '../clock.js';
import { within } from '../waiting.js';
import { lastAppliedIn, targetsSinceApplied } from './appliedTargets.js';
import type { Actuator, JournalContent, JournalRecord } from './contracts.js';
import type { MigrationEvent } from './event.js';
import type { MigrationListeners } from './migrationEvents.js';
import type { MigrationPlan } from './plan.js';
import type { Recorder } from './recorder.js';
import { initialState, type MigrationState } from './state.js';
import { isSameTarget, type SettableTarget, settableOf, targetOf } from './target.js';
import { createTransition } from './transition.js';
import type { MigrationEffect, RefusalCode, Transition } from './transitionResult.js';

/** What became of an event. */
export type CommandResult =
  | { readonly applied: true; readonly state: MigrationState }
  | {
      readonly applied: false;
      readonly state: MigrationState;
      readonly refusal: { readonly code: RefusalCode | 'JOURNAL_FAILED' | 'SUPERSEDED'; readonly message: string };
    };

/** The state of a migration, and what is done about its changes. */
export type Machine = {
  readonly state: MigrationState;
  /** When the state was reached, in Unix milliseconds. */
  readonly stateAtMs: number;
  /** What was to be done and could not be yet; null where everything is. */
  readonly undone: string | null;
  /** Takes up where a journal ends. */
  restore(content: JournalContent): void;
  /** Applies an event. What changes what calls go by waits for its turn, and is in the journal before it takes effect; a rollback takes effect before this returns, whatever waits, and is written next, as is what has no effect at all. */
  dispatch(event: MigrationEvent): Promise<CommandResult>;
  /** Does again what could not be done. */
  retryUndone(): Promise<void>;
  /** Makes what calls go by fit the state. */
  reapply(): Promise<void>;
  /** Lifts the latch that a person has cleared; where that fails it is done again later. */
  unlatch(cleared: { readonly by: string; readonly reason: string }): Promise<void>;
  /** Resolves when nothing waits or is under way. */
  settled(): Promise<void>;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** So long an actuator may take; then it counts as failed and is asked again with the next check. */
const actDeadlineMs = 30_000;

/** Whether a transition changes what calls go by, takes the plan to another phase, or writes over what a person has set. */
const mustBeWrittenFirst = (from: MigrationState, to: MigrationState, event: MigrationEvent): boolean => {
  if (event.type === 'reset') return true;
  if (to.kind === 'rolling_back' || to.kind === 'rolled_back' || to.kind === 'rollback_failed') return false;
  return from.kind !== to.kind || !isSameTarget(targetOf(from), targetOf(to));
};

type Undone = {
  readonly what: string;
  readonly why: string;
  readonly act: () => Promise<void>;
  readonly isWanted: () => boolean;
};

/** Makes a machine in the initial state; `onRollback` begins to verify, `latch` latches before it returns. */
export function createMachine(parts: {
  readonly plan: MigrationPlan;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly actuator: Actuator;
  readonly listeners: MigrationListeners;
  readonly latch: (reason: string) => void;
  readonly onRollback: () => void;
  readonly onState: (state: MigrationState) => void;
}): Machine {
  const { plan, clock, recorder, actuator, listeners } = parts;
  const transition = createTransition(plan);
  let state = initialState;
  let stateAtMs = clock.nowMs();
  let undone: Undone | null = null;
  let noted: SettableTarget | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let acting: Promise<void> = Promise.resolve();

  function enter(to: MigrationState, event: MigrationEvent, atMs: number): void {
    const from = state;
    state = to;
    stateAtMs = atMs;
    listeners.emit('transition', { atMs, event, state: to, from });
    parts.onState(to);
  }

  /** One act at a time; what fails is kept, so that it can be done later and is in the plan's way until then. What is not wanted any more when its turn comes, or when it fails, is let be; so is `again`, what was left undone, once something else has taken its place. */
  function act(what: string, work: () => Promise<void>, isWanted: () => boolean, again?: Undone): Promise<void> {
    acting = acting.then(async () => {
      if (!isWanted() || (again !== undefined && again !== undone)) return;
      try {
        // A hung actuator keeps nothing else from being done.
        await within(clock, actDeadlineMs, work);
        undone = null;
      } catch (error) {
        if (!isWanted()) return;
        const before = undone;
        undone = { what, why: messageOf(error), act: work, isWanted };
        // What has not changed since it was last tried is known.
        if (before?.what === what && before.why === undone.why) return;
        listeners.emit('alarm', { level: 'critical', code: 'NOT_APPLIED', message: `${what}: ${undone.why}` });
      }
    });
    return acting;
  }

  const failedToNote = (what: string) => (error: unknown) =>
    listeners.emit('alarm', {
      level: 'critical',
      code: 'JOURNAL_FAILED',
      message: `${what} is in force, but not in the journal yet: ${messageOf(error)}`,
    });

  /** Notes what has been applied, for an actuator that has to know it after a crash. */
  function note(target: SettableTarget): void {
    if (actuator.restore === undefined || (noted !== null && isSameTarget(noted, target))) return;
    noted = target;
    recorder.owe({ atMs: clock.nowMs(), event: { type: 'applied', target }, state }, failedToNote(target.kind));
  }

  const isStill = (target: SettableTarget) => (): boolean => isSameTarget(target, settableOf(state));

  const apply = (target: SettableTarget): Promise<void> =>
    act(`to set ${target.kind}`, () => actuator.apply(target).then(() => note(target)), isStill(target));

  const reset = (target: SettableTarget): Promise<void> =>
    act(
      `to reset to ${target.kind}`,
      () => (actuator.reset?.(target) ?? actuator.apply(target)).then(() => note(target)),
      isStill(target),
    );

  const unlatch = (cleared: { readonly by: string; readonly reason: string }): Promise<void> =>
    act(
      'to lift the latch',
      async () => {
        await actuator.unlatch(cleared);
        if (actuator.restore === undefined) return;
        recorder.owe({ atMs: clock.nowMs(), event: { type: 'unlatched' }, state }, failedToNote('unlatching'));
      },
      () => targetOf(state).kind !== 'latched',
    );

  async function perform(effects: readonly MigrationEffect[], event: MigrationEvent): Promise<void> {
    for (const effect of effects) {
      switch (effect.type) {
        case 'alarm': {
          const { level, code, message } = effect;
          listeners.emit('alarm', { level, code, message });
          break;
        }
        case 'apply': {
          const { target } = effect;
          if (target.kind !== 'latched') await apply(target);
          break;
        }
        case 'reset':
          await reset(effect.target);
          break;
        case 'unlatch':
          if (event.type === 'clear') await unlatch({ by: event.by, reason: event.reason });
          break;
        case 'latch':
          parts.latch(effect.reason);
          break;
        case 'verify':
          parts.onRollback();
          break;
      }
    }
  }

  const recordOf = (to: MigrationState, event: MigrationEvent, atMs: number): Omit<JournalRecord, 'seq'> =>
    event.type === 'start' ? { atMs, event, state: to, plan } : { atMs, event, state: to };

  function refuse(
    event: MigrationEvent,
    refusal: { readonly code: RefusalCode | 'JOURNAL_FAILED' | 'SUPERSEDED'; readonly message: string },
  ): CommandResult {
    listeners.emit('refused', { event, ...refusal });
    return { applied: false, state, refusal };
  }

  /** Applies what takes nothing up: a rollback and its end, a hold, a check that only counts. The record follows. */
  function applyAtOnce(result: Extract<Transition, { applied: true }>, event: MigrationEvent): CommandResult {
    const atMs = clock.nowMs();
    const isRollback = result.state.kind === 'rolling_back' && result.state !== state;
    if (isRollback) for (const effect of result.effects) if (effect.type === 'latch') parts.latch(effect.reason);
    if (result.state !== state) {
      enter(result.state, event, atMs);
      recorder.owe(recordOf(result.state, event, atMs), failedToNote(event.type));
    }
    if (isRollback) {
      undone = null;
      void apply({ kind: 'v4_only' });
      parts.onRollback();
    } else void perform(result.effects, event);
    return { applied: true, state };
  }

  /** Applies in its turn what changes what calls go by, or ends a phase: the record comes first. */
  async function applyInTurn(event: MigrationEvent, seen: MigrationState): Promise<CommandResult> {
    const from = state;
    // A check is about the state in which it was made.
    if (event.type === 'check' && from !== seen)
      return refuse(event, { code: 'SUPERSEDED', message: `the state changed to ${from.kind} meanwhile` });
    const atMs = clock.nowMs();
    const result = transition(from, event, atMs);
    if (!result.applied) return refuse(event, result.refusal);
    if (!mustBeWrittenFirst(from, result.state, event)) return applyAtOnce(result, event);
    try {
      await recorder.write(recordOf(result.state, event, atMs));
    } catch (error) {
      const message = `${event.type} is not in the journal and has no effect: ${messageOf(error)}`;
      listeners.emit('alarm', { level: 'critical', code: 'JOURNAL_FAILED', message });
      return refuse(event, { code: 'JOURNAL_FAILED', message });
    }
    if (state !== from)
      return refuse(event, { code: 'SUPERSEDED', message: `the state changed to ${state.kind} while it was written` });
    enter(result.state, event, atMs);
    await perform(result.effects, event);
    return { applied: true, state };
  }

  return {
    get state() {
      return state;
    },
    get stateAtMs() {
      return stateAtMs;
    },
    get undone() {
      return undone === null ? null : `${undone.what}: ${undone.why}`;
    },
    restore({ records }) {
      noted = lastAppliedIn(records);
      actuator.restore?.(targetsSinceApplied(records));
      const last = records.at(-1);
      if (last === undefined) return;
      state = last.state;
      stateAtMs = last.atMs;
    },
    dispatch(event) {
      const result = transition(state, event, clock.nowMs());
      if (!result.applied) return Promise.resolve(refuse(event, result.refusal));
      if (!mustBeWrittenFirst(state, result.state, event)) return Promise.resolve(applyAtOnce(result, event));
      const seen = state;
      const done = turn.then(() => applyInTurn(event, seen));
      turn = done.catch(() => {});
      return done;
    },
    async retryUndone() {
      if (undone !== null) await act(undone.what, undone.act, undone.isWanted, undone);
      if (recorder.owed > 0) await recorder.settle().catch(() => {});
    },
    reapply: () => apply(settableOf(state)),
    unlatch,
    async settled() {
      await turn;
      await acting;
    },
  };
}
