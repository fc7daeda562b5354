import type { AdapterVersion, EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import { CompatError } from '../errors.js';
import type { Decision } from '../selection/select.js';
import { type Arm, type ArmResult, type Arms, otherVersion, type Spoken, startSend } from './arm.js';
import {
  aborted,
  type Feed,
  laneFull,
  mayChange,
  type OrderedCall,
  passedOver,
  prepareFeed,
  type StepGuard,
  yieldsToReadiness,
} from './orderedCall.js';
import { Part } from './part.js';

/** What a split call needs beside itself. */
export type SplitContext = {
  readonly arms: Arms;
  readonly clock: Clock;
  readonly guard: StepGuard;
  /** Calls whose decision is not final, so that a rollback can turn them. */
  readonly undecided: Set<Undecided>;
};

/** A call that can be decided again. */
export type Undecided = { decide(): void };

/**
 * Sends one call to two engines, each in its own order, and gives the answer of one of them.
 *
 * The decision is final once the place of the engine that it names has been reached: until then latch, readiness and flags may still change it. The engine's state is known only there, because only there everything before the call has ended.
 */
export class SplitCall<T> implements Undecided {
  readonly #call: OrderedCall<T>;
  readonly #context: SplitContext;
  readonly #parts: Record<AdapterVersion, Part<T>>;
  readonly #prepared: Partial<Record<AdapterVersion, EngineCall<T>>> = {};
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  /** Final once set, save for attributes that must take a new place. */
  #decision: Decision | undefined;
  /** The part whose result is the caller's answer. */
  #source: Part<T> | undefined;
  /** What the caller got; for the observation it stands in place of the part's own result. */
  #answer: Spoken<T> | undefined;
  #isStarted = false;
  #isAsking = false;
  #anySent = false;
  #isRefusedUnsent = false;
  #answered = false;
  #published = false;

  /** Takes the place in both lanes. */
  constructor(
    call: OrderedCall<T>,
    context: SplitContext,
    settle: { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void },
  ) {
    this.#call = call;
    this.#context = context;
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
    this.#parts = { v4: this.#enter(context.arms.v4), v5: this.#enter(context.arms.v5) };
  }

  #enter(arm: Arm): Part<T> {
    const part = new Part<T>(arm, this.#call.bytes, (reached) => this.#reach(reached));
    if (part.state === 'ended') this.#context.guard.overflowed(arm.version);
    return part;
  }

  /** Begins with whatever can be reached. */
  start(): void {
    const { v4, v5 } = this.#parts;
    const { signal } = this.#call;
    if (signal?.aborted === true) {
      this.#abort();
      return;
    }
    signal?.addEventListener('abort', this.#abort, { once: true });
    v4.arm.lane.advance();
    v5.arm.lane.advance();
    this.#isStarted = true;
    // Also where no place has been reached: flags that take their time are asked while the call waits for its turn.
    this.decide();
  }

  readonly #abort = (): void => {
    // Once one engine has the call the other gets it too: they must not part over an abort.
    if (!this.#anySent) {
      this.#context.undecided.delete(this);
      for (const part of [this.#parts.v4, this.#parts.v5])
        this.#leaveIfUnsent(part, { kind: 'dropped', reason: 'ABORTED' });
    }
    if (this.#settles()) this.#reject(aborted(this.#call.signal));
  };

  #givenUp(): boolean {
    return !this.#anySent && this.#call.signal?.aborted === true;
  }

  #reach(part: Part<T>): void {
    if (!this.#isStarted) return;
    if (this.#decision === undefined) this.decide();
    else this.#feed(part, this.#decision);
  }

  decide(): void {
    if (this.#decision !== undefined || this.#isAsking) return;
    const decision = this.#call.select();
    if (decision !== undefined) {
      this.#proceed(decision);
      return;
    }
    this.#isAsking = true;
    this.#call.whenSelected((late) => {
      this.#isAsking = false;
      this.#proceed(late);
    });
  }

  #proceed(selected: Decision): void {
    if (this.#decision !== undefined || this.#givenUp()) return;
    const decision = this.#heedReadiness(selected);
    if (!this.#prepare(decision)) return;
    const chosen = this.#parts[decision.adapter];
    const other = this.#parts[otherVersion[decision.adapter]];
    if (chosen.state === 'waiting') {
      this.#context.undecided.add(this);
      if (other.state === 'reached') this.#pass(other, decision);
      return;
    }
    this.#finish(decision);
    if (chosen.state === 'reached') {
      chosen.isWhole = true;
      this.#send(chosen, this.#prepared[decision.adapter] as EngineCall<T>);
    }
    if (other.state === 'reached') this.#feed(other, decision);
    if (chosen.state === 'ended') this.#adopt(chosen);
    // Both parts may have ended by now, with nothing more to come.
    this.#publish();
  }

  #finish(decision: Decision): void {
    this.#decision = decision;
    this.#source = this.#parts[decision.adapter];
    this.#context.undecided.delete(this);
  }

  /** Passes over an engine whose state is known: its place has been reached. */
  #heedReadiness(decision: Decision): Decision {
    const { adapter } = decision;
    const isKnown = this.#parts[adapter].state !== 'waiting';
    if (!isKnown || !yieldsToReadiness(decision) || !this.#context.guard.mustNotAnswer(adapter)) return decision;
    return passedOver(decision, otherVersion[adapter]);
  }

  /** Converts the call for the engine that is to answer before any engine gets it; false when the caller has been refused. */
  #prepare(decision: Decision): boolean {
    const { adapter } = decision;
    if (this.#prepared[adapter] !== undefined) return true;
    try {
      this.#prepared[adapter] = this.#call.answer(this.#context.arms[adapter].adapter);
      return true;
    } catch (error) {
      this.#refuse(decision, error);
      return false;
    }
  }

  /** Ends the call for the caller without a send to the engine that was to answer. Where nothing has been sent nothing will be; what one engine has got as a copy the other still gets. */
  #refuse(decision: Decision, error: unknown): void {
    this.#finish(decision);
    this.#answer = { kind: 'failed', error, durationMs: null };
    this.#isRefusedUnsent = !this.#anySent;
    for (const part of [this.#parts.v4, this.#parts.v5]) {
      if (this.#isRefusedUnsent) this.#leaveIfUnsent(part, { kind: 'unsupported' });
      else if (part.state === 'reached') this.#feed(part, decision);
    }
    if (this.#settles()) this.#reject(error);
    this.#publish();
  }

  /** Deals with a place that has been reached before that of the engine that is to answer. */
  #pass(part: Part<T>, decision: Decision): void {
    const feed = prepareFeed(this.#call, part.arm, decision);
    // An engine that gets no copy, and may still be the one to answer, keeps the place: it must not fall behind its order.
    if (feed !== undefined || !mayChange(decision)) this.#copy(part, feed);
  }

  #feed(part: Part<T>, decision: Decision): void {
    this.#copy(part, this.#isRefusedUnsent ? undefined : prepareFeed(this.#call, part.arm, decision));
  }

  #copy(part: Part<T>, feed: Feed<T> | undefined): void {
    if (feed === undefined) {
      this.#leave(part, { kind: 'unsupported' });
    } else if ('unneeded' in feed) {
      this.#leave(part, { kind: 'unneeded', value: feed.unneeded });
    } else {
      part.isWhole = feed.isWhole;
      this.#send(part, feed.call);
    }
  }

  #send(part: Part<T>, call: EngineCall<T>): void {
    part.state = 'sent';
    this.#anySent = true;
    startSend(call, this.#context.clock, (result) => {
      this.#call.onResult(part.arm, result);
      part.end(result);
      if (this.#source === part) this.#adopt(part);
      part.arm.lane.end();
      this.#publish();
    });
  }

  /** Leaves a place that has been reached without a send. */
  #leave(part: Part<T>, result: ArmResult<T>): void {
    part.end(result);
    if (this.#source === part) this.#adopt(part);
    part.arm.lane.end();
    this.#publish();
  }

  #leaveIfUnsent(part: Part<T>, result: ArmResult<T>): void {
    if (part.state === 'reached') this.#leave(part, result);
    else part.giveUp(result);
  }

  /** Makes what the answering engine's part came to the answer to the call, or sends the call itself where the part did not carry everything. */
  #adopt(part: Part<T>): void {
    const { result } = part;
    if (result === undefined || this.#answer !== undefined) return;
    switch (result.kind) {
      case 'dropped':
        this.#give(part, { kind: 'failed', error: laneFull(part.arm), durationMs: null });
        return;
      case 'unneeded': {
        const known = { kind: 'answered', value: result.value, durationMs: null } as const;
        if (this.#call.copyAnswers(known)) this.#give(part, known);
        else this.#sendLate(part);
        return;
      }
      case 'unsupported':
        this.#sendLate(part);
        return;
      case 'answered':
      case 'failed':
        if (part.isWhole || this.#call.copyAnswers(result)) this.#give(part, result);
        else this.#sendLate(part);
        return;
    }
  }

  /** Takes a new place for a call whose copy did not carry everything. */
  #sendLate(part: Part<T>): void {
    const { arm } = part;
    const isEntered = arm.lane.enter({ bytes: this.#call.bytes, reach: () => this.#reachLate(part) });
    if (isEntered) arm.lane.advance();
    else this.#give(part, { kind: 'failed', error: laneFull(arm), durationMs: null });
  }

  #reachLate(part: Part<T>): void {
    const decision = this.#call.select();
    if (decision !== undefined) this.#proceedLate(part, decision);
    else this.#call.whenSelected((late) => this.#proceedLate(part, late));
  }

  /** The new place is decided anew: a rollback must find nothing on its way to v5. */
  #proceedLate(part: Part<T>, selected: Decision): void {
    const { arm } = part;
    const decision = this.#heedReadiness(selected);
    if (this.#call.isSuperseded()) {
      this.#give(part, { kind: 'failed', error: superseded(arm), durationMs: null });
    } else if (decision.adapter !== arm.version) {
      this.#turn(decision);
    } else {
      startSend(this.#prepared[arm.version] as EngineCall<T>, this.#context.clock, (result) => {
        this.#call.onResult(arm, result);
        this.#give(part, result);
        arm.lane.end();
        this.#publish();
      });
      return;
    }
    arm.lane.end();
    this.#publish();
  }

  /** Gives the call to the other engine, which has its copy. */
  #turn(decision: Decision): void {
    this.#finish(decision);
    if (this.#prepare(decision)) this.#adopt(this.#parts[decision.adapter]);
  }

  /** Gives the caller what the answering engine said. */
  #give(part: Part<T>, result: Spoken<T>): void {
    this.#answer = result;
    const decision = this.#decision as Decision;
    if (result.kind === 'answered') this.#call.onAnswer(result.value, part.arm, decision);
    if (!this.#settles()) return;
    if (result.kind === 'answered') this.#resolve(result.value);
    else this.#reject(result.error);
  }

  /** True once: whoever gets it settles the caller's promise. */
  #settles(): boolean {
    if (this.#answered) return false;
    this.#answered = true;
    this.#call.signal?.removeEventListener('abort', this.#abort);
    return true;
  }

  #publish(): void {
    const { v4, v5 } = this.#parts;
    if (this.#published || v4.result === undefined || v5.result === undefined) return;
    // A call that was given up before anything was sent has not been decided, and there is nothing to tell of it.
    if (this.#decision === undefined || this.#answer === undefined) return;
    const decision = this.#decision;
    const answering = this.#parts[decision.adapter];
    const other = this.#parts[otherVersion[decision.adapter]];
    this.#published = true;
    this.#call.onSettled({
      decision,
      answering: { arm: answering.arm, result: this.#answer },
      other: { arm: other.arm, result: other.result as ArmResult<T> },
      parts: { v4: v4.result, v5: v5.result },
      bothWhole: v4.isWhole && v5.isWhole,
    });
  }
}

const superseded = (arm: Arm): CompatError =>
  new CompatError('FORKCHOICE_SUPERSEDED', 'a newer forkchoice has taken the place of this one', {
    engine: arm.engine,
  });
