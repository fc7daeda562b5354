import type { AdapterVersion, EngineCall, LighthouseApi } from '../adapters/lighthouseApi.js';
import { CompatError } from '../errors.js';
import type { Decision } from '../selection/select.js';
import type { Arm, ArmResult, Spoken } from './arm.js';
import type { Fallback } from './fallback.js';

/** Both engines' parts in one call, once they have ended. */
export type SettledCall<T> = {
  readonly decision: Decision;
  /** Why v4's answer was given in place of v5's; null where it was not. */
  readonly fallback: Fallback | null;
  /** The part whose answer the caller got, with that answer. */
  readonly answering: { readonly arm: Arm; readonly result: Spoken<T> };
  /** The other part; null where there was none. */
  readonly other: { readonly arm: Arm; readonly result: ArmResult<T> } | null;
  /** What each engine said to the same question, for the comparison; null where there was one engine's part only. */
  readonly parts: Readonly<Record<AdapterVersion, ArmResult<T>>> | null;
  /** Whether both engines were sent everything that the call carries. */
  readonly bothWhole: boolean;
};

/** What the other engine gets of a call: a copy, which may leave out what only the engine that answers is to get, or nothing because it has just answered the same. */
export type Feed<T> = { readonly call: EngineCall<T>; readonly isWhole: boolean } | { readonly unneeded: T };

/** A call that changes an engine's state and so keeps the caller's order: what the dispatcher needs to know of it. */
export type OrderedCall<T> = {
  /** About what the call holds in memory while it waits. */
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  /** The time that the whole call has from its first send, in milliseconds. */
  readonly timeoutMs: number;
  /** Decides by everything but readiness, anew each time that it is asked; undefined where the flags have to be asked first. */
  select(): Decision | undefined;
  /** Decides likewise, asking the flags where that is needed; `selected` hears it in the turn in which it was decided. */
  whenSelected(selected: (decision: Decision) => void): void;
  /** Prepares the call for the adapter that answers; throws what the caller is to get. */
  answer(adapter: LighthouseApi): EngineCall<T>;
  /** Prepares the copy that keeps the other engine in step; undefined where that engine is not fed, its last answer where it has just been asked the same. */
  feed(adapter: LighthouseApi, decision: Decision): Feed<T> | undefined;
  /** Tells whether what an engine said to a copy that left something out is the answer to the call itself. */
  copyAnswers(result: Spoken<T>): boolean;
  /** Tells whether a later call has taken this one's place, so that it must not be sent any more. */
  isSuperseded(): boolean;
  /** Hears every result before the caller does. */
  onResult(arm: Arm, result: Spoken<T>): void;
  /** Hears the answer before the caller does. */
  onAnswer(value: T, arm: Arm, decision: Decision): void;
  /** Hears once how everything ended. */
  onSettled(settled: SettledCall<T>): void;
};

/** What the dispatcher asks about the engines' state. */
export type StepGuard = {
  /** Whether an engine is out of step while the other is in step, so that it must not answer. */
  mustNotAnswer(version: AdapterVersion): boolean;
  /** Whether an engine may be heard in place of the other that has failed: not while it is known to be behind. */
  mayTakeOver(version: AdapterVersion): boolean;
  /** A call found no room in this engine's lane. */
  overflowed(version: AdapterVersion): void;
};

export const laneFull = (arm: Arm): CompatError =>
  new CompatError('LANE_FULL', `engine ${arm.engine}: too many calls wait for it`, { engine: arm.engine });

export const aborted = (signal: AbortSignal | undefined): CompatError =>
  new CompatError('ABORTED', 'the caller gave the call up', { cause: signal?.reason });

/** The decision once an engine that is out of step has been passed over. */
export const passedOver = (decision: Decision, to: AdapterVersion): Decision =>
  Object.freeze({ ...decision, adapter: to, reason: 'OUT_OF_STEP' });

/** Readiness is asked about calls that flags or mode sent somewhere; pins, forks and the latch stand above it. */
export const yieldsToReadiness = ({ reason }: Decision): boolean => {
  switch (reason) {
    case 'PIN':
    case 'FORK':
    case 'ROLLBACK_LATCH':
    case 'OUT_OF_STEP':
      return false;
    case 'FLAG':
    case 'FLAG_TIMEOUT':
    case 'STANDBY_COLD':
    case 'CONFIGURED':
      return true;
  }
};

/** Whether a decision may come out differently when it is made again: the chain's fork is the one thing that nobody changes. */
export const mayChange = ({ reason }: Decision): boolean => reason !== 'FORK';

/** Prepares the other engine's copy of a call; what its adapter refuses is sent nowhere and hurts nobody. */
export function prepareFeed<T>(call: OrderedCall<T>, arm: Arm, decision: Decision): Feed<T> | undefined {
  try {
    return call.feed(arm.adapter, decision);
  } catch {
    return undefined;
  }
}

/** Prepares a call for the adapter that it may fall back on; undefined where that adapter refuses it. */
export function prepareAnswer<T>(call: OrderedCall<T>, arm: Arm): EngineCall<T> | undefined {
  try {
    return call.answer(arm.adapter);
  } catch {
    return undefined;
  }
}
