import type { AdapterVersion, EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import { CompatError } from '../errors.js';
import type { Decision } from '../selection/select.js';
import type { Arm, Spoken } from './arm.js';
import type { Caller } from './caller.js';
import { type Fallback, fallbackCauseOf } from './fallback.js';
import { LateSend } from './lateSend.js';
import { laneFull, type OrderedCall } from './orderedCall.js';
import type { Part } from './part.js';

/** The call whose answer this is. */
export type AnswerOwner<T> = {
  readonly parts: Readonly<Record<AdapterVersion, Part<T>>>;
  readonly clock: Clock;
  readonly caller: Caller<T>;
  /** Decides a call once more that takes a new place at `arm`; `hold` hears whether it still belongs there, and everything else has been seen to. */
  decideLate(arm: Arm, hold: (isHere: boolean) => void): void;
  /** The decision by which the answer is given. */
  readonly decision: Decision;
  /** Something has ended; there may be nothing more to come. */
  ended(): void;
};

/** Which part's result becomes the caller's answer: that of the engine that was decided on, v4's where v5 has failed and the mode falls back, or that of a new send where the part did not carry everything. */
export class SplitAnswer<T> {
  readonly #call: OrderedCall<T>;
  readonly #owner: AnswerOwner<T>;
  readonly #prepared: Partial<Record<AdapterVersion, EngineCall<T>>> = {};
  #source: Part<T> | undefined;
  #result: Spoken<T> | undefined;
  #fallback: Fallback | null = null;
  /** When v5 was sent a call that may fall back; null where it may not. */
  #armedAtMs: number | null = null;
  #cancelLimit: (() => void) | undefined;

  constructor(call: OrderedCall<T>, owner: AnswerOwner<T>) {
    this.#call = call;
    this.#owner = owner;
  }

  /** The part whose result counts, once that is known. */
  get source(): Part<T> | undefined {
    return this.#source;
  }

  /** What the caller got; for the observation it stands in place of the part's own result. */
  get result(): Spoken<T> | undefined {
    return this.#result;
  }

  get fallback(): Fallback | null {
    return this.#fallback;
  }

  /** Converts the call, once an adapter, for the engine that is to answer; throws what the caller is to get. */
  prepare({ version, adapter }: Arm): EngineCall<T> {
    const prepared = this.#prepared[version] ?? this.#call.answer(adapter);
    this.#prepared[version] = prepared;
    return prepared;
  }

  /** From now on v4 may be heard if v5 fails; false where v4 cannot express the call. */
  arm(): boolean {
    try {
      this.prepare(this.#owner.parts.v4.arm);
    } catch {
      return false;
    }
    this.#armedAtMs = this.#owner.clock.monotonicMs();
    return true;
  }

  /** Takes the answer from a part: now if it has ended, else when it ends. */
  takeFrom(part: Part<T>): void {
    this.#source = part;
    this.heed(part);
  }

  /** A part may have ended: if it is the one that counts, its result is the answer, or the call itself is sent where the part did not carry everything. */
  heed(part: Part<T>): void {
    const { result } = part;
    if (this.#source !== part || result === undefined || this.#result !== undefined) return;
    switch (result.kind) {
      case 'dropped':
        this.#give(part, { kind: 'failed', error: laneFull(part.arm), durationMs: null });
        return;
      case 'unneeded':
        this.#giveOrSend(part, { kind: 'answered', value: result.value, durationMs: null });
        return;
      case 'unsupported':
        this.#sendAnew(part);
        return;
      case 'failed':
        if (!this.#fallBack(part, result.error)) this.#give(part, result);
        return;
      case 'answered':
        this.#giveOrSend(part, result);
        return;
    }
  }

  /** Ends the call for the caller without an engine's word. */
  refuse(error: unknown): void {
    this.#result = { kind: 'failed', error, durationMs: null };
    this.#owner.caller.give(this.#result);
  }

  #giveOrSend(part: Part<T>, result: Spoken<T>): void {
    if (part.isWhole || this.#call.copyAnswers(result)) this.#give(part, result);
    else this.#sendLate(part);
  }

  /** Turns to v4 where v5 has failed without a word about the block: v4 has the call already, or gets it in its own place. */
  #fallBack(part: Part<T>, error: unknown): boolean {
    const { parts, clock } = this.#owner;
    const { v4 } = parts;
    const cause = this.#armedAtMs === null || part === v4 ? null : fallbackCauseOf(error);
    if (cause === null || this.#armedAtMs === null || v4.result?.kind === 'dropped') return false;
    this.#fallback = { cause };
    this.#cancelLimit = clock.setTimer(
      () => {
        this.#giveTooLate(v4);
        this.#owner.ended();
      },
      Math.max(0, this.#leftMs()),
    );
    this.takeFrom(v4);
    return true;
  }

  #giveTooLate(part: Part<T>): void {
    this.#give(part, { kind: 'failed', error: tooLate(part.arm), durationMs: null });
  }

  /** What a call that falls back has left of its time, from its send at v5. */
  #leftMs(): number {
    const { clock } = this.#owner;
    return (this.#armedAtMs ?? clock.monotonicMs()) + this.#call.timeoutMs - clock.monotonicMs();
  }

  /** Sends what was not sent in its place, save for a fallback: an engine that was left out since v5 failed is none to fall back on. */
  #sendAnew(part: Part<T>): void {
    if (this.#fallback === null) {
      this.#sendLate(part);
      return;
    }
    const { v5 } = this.#owner.parts;
    this.#fallback = null;
    this.#source = v5;
    if (v5.result?.kind === 'failed') this.#give(v5, v5.result);
  }

  /** Sends the call itself where the copy did not carry everything. The new place is decided anew, save for a fallback: a rollback must find nothing on its way to v5. */
  #sendLate(part: Part<T>): void {
    const { arm } = part;
    new LateSend(this.#call, arm, this.prepare(arm), this.#owner.clock, {
      stillHere: (hold) => {
        if (this.#result !== undefined) hold(false);
        else if (this.#fallback !== null) hold(this.#isInTime(part));
        else this.#owner.decideLate(arm, hold);
      },
      timeoutMs: () => {
        if (this.#fallback === null) return undefined;
        // From here on the send's own deadline is the limit.
        this.#cancelLimit?.();
        return this.#leftMs();
      },
      ended: (result) => this.#give(part, result),
      left: () => this.#owner.ended(),
    }).start();
  }

  /** Whether there is time left for a send; without it the call has ended. */
  #isInTime(part: Part<T>): boolean {
    if (this.#leftMs() >= 1) return true;
    this.#giveTooLate(part);
    return false;
  }

  #give({ arm }: Part<T>, result: Spoken<T>): void {
    if (this.#result !== undefined) return;
    this.#cancelLimit?.();
    this.#result = result;
    if (result.kind === 'answered') this.#call.onAnswer(result.value, arm, this.#owner.decision);
    this.#owner.caller.give(result);
  }
}

const tooLate = ({ engine }: Arm): CompatError =>
  new CompatError('TIMEOUT', `no answer of engine ${engine} within the time of the call`, { engine });
