import type { Clock } from '../clock.js';
import type { Arms } from './arm.js';
import { Caller } from './caller.js';
import type { OrderedCall, StepGuard } from './orderedCall.js';
import { SharedCall } from './sharedCall.js';
import { SplitCall, type Undecided } from './splitCall.js';

/** Sends calls that change an engine's state, each engine's in the caller's order. */
export type Dispatcher = {
  /** Takes the place in every lane before it returns; settles with the answer of the engine that was chosen, or its error. */
  ordered<T>(call: OrderedCall<T>): Promise<T>;
  /** Decides every call again whose decision is not final, without waiting for its next place: a rollback takes effect before it returns. */
  decideAgain(): void;
};

/** Makes a dispatcher over two engines, or over one that both arms share. */
export function createDispatcher(context: {
  readonly arms: Arms;
  readonly clock: Clock;
  readonly guard: StepGuard;
  /** How long v5 has where v4's answer may be given in its place. */
  readonly fallbackAfterMs: number;
}): Dispatcher {
  if (context.arms.v4.lane === context.arms.v5.lane) {
    return {
      ordered: (call) =>
        new Promise((resolve, reject) => {
          new SharedCall(call, context, new Caller(resolve, reject, call.signal)).start();
        }),
      // With one engine a call is decided when its place is reached, and then sent.
      decideAgain() {},
    };
  }
  const undecided = new Set<Undecided>();
  const splitContext = { ...context, undecided };
  return {
    ordered: (call) =>
      new Promise((resolve, reject) => {
        new SplitCall(call, splitContext, new Caller(resolve, reject, call.signal)).start();
      }),
    decideAgain() {
      for (const call of [...undecided]) call.decide();
    },
  };
}
