import type { AdapterVersion, EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { LaneEntry } from '../engine/lane.js';
import type { Decision } from '../selection/select.js';
import { type Arm, type ArmResult, type Arms, otherVersion, type Spoken, startSend } from './arm.js';
import type { Caller } from './caller.js';
import { type Fallback, fallbackCauseOf, fallsBack } from './fallback.js';
import { laneFull, type OrderedCall, prepareAnswer, prepareFeed } from './orderedCall.js';

type Answered<T> = { readonly arm: Arm; readonly result: Spoken<T> };

/** What a call at a shared engine needs beside itself. */
export type SharedContext = { readonly arms: Arms; readonly clock: Clock; readonly fallbackAfterMs: number };

/**
 * Sends one call to the one engine that both adapters share, by the adapter that is chosen when its place is reached. In the same place follow v4's send where v5's failed and the mode falls back, and, for nobody but the comparison, the other adapter's send where the mode compares.
 */
export class SharedCall<T> implements LaneEntry {
  readonly bytes: number;
  enteredAtMs: number = Number.NaN;
  readonly #call: OrderedCall<T>;
  readonly #context: SharedContext;
  readonly #caller: Caller<T>;
  #sent = false;

  constructor(call: OrderedCall<T>, context: SharedContext, caller: Caller<T>) {
    this.bytes = call.bytes;
    this.#call = call;
    this.#context = context;
    this.#caller = caller;
  }

  /** Takes the place in the lane before it returns. */
  start(): void {
    const { v4 } = this.#context.arms;
    if (!v4.lane.enter(this)) {
      this.#caller.give({ kind: 'failed', error: laneFull(v4), durationMs: null });
      return;
    }
    if (this.#call.signal !== undefined) {
      this.#caller.listen(() => {
        if (!this.#sent) v4.lane.remove(this);
      });
    }
    v4.lane.advance();
  }

  reach(): void {
    const decision = this.#call.select();
    if (decision !== undefined) this.#send(decision);
    else this.#call.whenSelected((late) => this.#send(late));
  }

  #send(decision: Decision): void {
    const { arms, clock, fallbackAfterMs } = this.#context;
    const arm = arms[decision.adapter];
    if (this.#caller.hasGivenUp) {
      arm.lane.end();
      return;
    }
    let prepared: EngineCall<T>;
    try {
      prepared = this.#call.answer(arm.adapter);
    } catch (error) {
      this.#caller.give({ kind: 'failed', error, durationMs: null });
      arm.lane.end();
      return;
    }
    this.#sent = true;
    if (!fallsBack(decision)) {
      startSend(prepared, clock, (result) => this.#give(decision, { arm, result }));
      return;
    }
    const beganMs = clock.monotonicMs();
    const ended = (result: Spoken<T>): void => {
      if (!this.#fallBack(decision, { arm, result }, beganMs)) this.#give(decision, { arm, result });
    };
    startSend(prepared, clock, ended, Math.min(fallbackAfterMs, this.#call.timeoutMs));
  }

  /** Asks the engine by v4 where v5's send failed without a word about the block: in the same place, for the failed send's connection is gone and nothing has come between. */
  #fallBack(decision: Decision, failed: Answered<T>, beganMs: number): boolean {
    const { arms, clock } = this.#context;
    const cause = failed.result.kind === 'failed' ? fallbackCauseOf(failed.result.error) : null;
    const prepared = cause === null ? undefined : prepareAnswer(this.#call, arms.v4);
    const leftMs = this.#call.timeoutMs - (clock.monotonicMs() - beganMs);
    if (cause === null || prepared === undefined || leftMs < 1) return false;
    this.#call.onResult(failed.arm, failed.result);
    const ended = (result: Spoken<T>): void => {
      const answering = { arm: arms.v4, result };
      this.#answer(decision, answering);
      arms.v4.lane.end();
      this.#publish(decision, { cause }, answering, failed);
    };
    startSend(prepared, clock, ended, leftMs);
    return true;
  }

  #give(decision: Decision, answering: Answered<T>): void {
    this.#answer(decision, answering);
    this.#compare(decision, answering);
  }

  #answer(decision: Decision, { arm, result }: Answered<T>): void {
    this.#call.onResult(arm, result);
    if (result.kind === 'answered') this.#call.onAnswer(result.value, arm, decision);
    this.#caller.give(result);
  }

  /** Ends the call, after the other adapter's send where there is one. */
  #compare(decision: Decision, answering: Answered<T>): void {
    const arm = this.#context.arms[otherVersion[decision.adapter]];
    const second = prepareFeed(this.#call, arm, decision);
    if (second === undefined || 'unneeded' in second) {
      arm.lane.end();
      this.#publish(decision, null, answering, null);
      return;
    }
    startSend(second.call, this.#context.clock, (result) => {
      arm.lane.end();
      this.#publish(decision, null, answering, { arm, result });
    });
  }

  #publish(decision: Decision, fallback: Fallback | null, answering: Answered<T>, other: Answered<T> | null): void {
    const parts = other === null ? null : partsOf(answering.arm.version, answering.result, other.result);
    this.#call.onSettled({ decision, fallback, answering, other, parts, bothWhole: other !== null });
  }
}

function partsOf<T>(
  answering: AdapterVersion,
  answer: ArmResult<T>,
  other: ArmResult<T>,
): Readonly<Record<AdapterVersion, ArmResult<T>>> {
  return answering === 'v4' ? { v4: answer, v5: other } : { v4: other, v5: answer };
}
