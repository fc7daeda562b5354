import type { Hash32, PayloadId, ServedFork } from '@lighthouse-compat/conversions';
import type { SettledCall } from '../dispatch/orderedCall.js';
import type { AnswerView } from '../observer.js';
import type { Operation } from '../operation.js';
import type { Decision, SelectionInput } from '../selection/select.js';

/** What the rules of selection look at, before the call's key is known. */
export type CallFacts = {
  readonly operation: Operation;
  readonly fork: ServedFork;
  /** Null for get_payload. */
  readonly blockHash: Hash32 | null;
  /** Null except for get_payload. */
  readonly payloadId: PayloadId | null;
  readonly sessionId: string | null;
};

/** What every operation needs beside its own. */
export type CallContext = {
  /** Throws CLOSED once the instance has been closed. */
  assertOpen(): void;
  /** Gives the call its targetingKey. */
  inputOf(facts: CallFacts): SelectionInput;
  /** Decides by everything but readiness; undefined where the flags have to be asked first. */
  select(input: SelectionInput): Decision | undefined;
  /** Decides likewise, asking the flags where that is needed; `selected` hears it in the turn in which it was decided. */
  whenSelected(input: SelectionInput, selected: (decision: Decision) => void): void;
  publish<T>(settled: SettledCall<T>, view: AnswerView<T>): void;
};

/** About what a call without a payload holds in memory. */
export const smallCallBytes = 2_048;
