import type { AdapterVersion, EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { LaneEntry } from '../engine/lane.js';
import type { Decision } from '../selection/select.js';
import { type Arm, type ArmResult, type Arms, otherVersion, type Spoken, startSend } from './arm.js';
import { aborted, laneFull, type OrderedCall, prepareFeed } from './orderedCall.js';

/**
 * Sends one call to the one engine that both adapters share, by the adapter that is chosen when its place is reached; where the mode compares, the other adapter's send follows in the same place, for nobody but the comparison.
 */
export class SharedCall<T> implements LaneEntry {
  readonly bytes: number;
  readonly #call: OrderedCall<T>;
  readonly #arms: Arms;
  readonly #clock: Clock;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  #onAbort: (() => void) | undefined;
  #sent = false;

  constructor(
    call: OrderedCall<T>,
    context: { readonly arms: Arms; readonly clock: Clock },
    settle: { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void },
  ) {
    this.bytes = call.bytes;
    this.#call = call;
    this.#arms = context.arms;
    this.#clock = context.clock;
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
  }

  /** Takes the place in the lane before it returns. */
  start(): void {
    const { lane } = this.#arms.v4;
    const { signal } = this.#call;
    if (!lane.enter(this)) {
      this.#reject(laneFull(this.#arms.v4));
      return;
    }
    if (signal !== undefined) {
      const onAbort = (): void => {
        if (!this.#sent) lane.remove(this);
        this.#reject(aborted(signal));
      };
      if (signal.aborted) {
        onAbort();
        return;
      }
      this.#onAbort = onAbort;
      signal.addEventListener('abort', onAbort, { once: true });
    }
    lane.advance();
  }

  reach(): void {
    const decision = this.#call.select();
    if (decision !== undefined) this.#send(decision);
    else this.#call.whenSelected((late) => this.#send(late));
  }

  #send(decision: Decision): void {
    const { lane } = this.#arms.v4;
    if (this.#call.signal?.aborted === true) {
      lane.end();
      return;
    }
    const arm = this.#arms[decision.adapter];
    let prepared: EngineCall<T>;
    try {
      prepared = this.#call.answer(arm.adapter);
    } catch (error) {
      this.#unlisten();
      this.#reject(error);
      lane.end();
      return;
    }
    this.#sent = true;
    startSend(prepared, this.#clock, (result) => {
      this.#call.onResult(arm, result);
      if (result.kind === 'answered') this.#call.onAnswer(result.value, arm, decision);
      this.#unlisten();
      if (result.kind === 'answered') this.#resolve(result.value);
      else this.#reject(result.error);
      this.#compare(decision, { arm, result });
    });
  }

  /** Ends the call, after the other adapter's send where there is one. */
  #compare(decision: Decision, answering: { readonly arm: Arm; readonly result: Spoken<T> }): void {
    const { lane } = this.#arms.v4;
    const arm = this.#arms[otherVersion[decision.adapter]];
    const second = prepareFeed(this.#call, arm, decision);
    if (second === undefined || 'unneeded' in second) {
      lane.end();
      this.#call.onSettled({ decision, answering, other: null, parts: null, bothWhole: false });
      return;
    }
    startSend(second.call, this.#clock, (result) => {
      lane.end();
      const parts = partsOf(decision.adapter, answering.result, result);
      this.#call.onSettled({ decision, answering, other: { arm, result }, parts, bothWhole: true });
    });
  }

  #unlisten(): void {
    if (this.#onAbort !== undefined) this.#call.signal?.removeEventListener('abort', this.#onAbort);
  }
}

function partsOf<T>(
  answering: AdapterVersion,
  answer: ArmResult<T>,
  other: ArmResult<T>,
): Readonly<Record<AdapterVersion, ArmResult<T>>> {
  return answering === 'v4' ? { v4: answer, v5: other } : { v4: other, v5: answer };
}
