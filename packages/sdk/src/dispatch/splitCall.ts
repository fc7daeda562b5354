import type { AdapterVersion, EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { Decision } from '../selection/select.js';
import { type Arm, type ArmResult, type Arms, otherVersion, type Spoken, startSend } from './arm.js';
import type { Caller } from './caller.js';
import { fallsBack } from './fallback.js';
import {
  type Feed,
  mayChange,
  type OrderedCall,
  passedOver,
  prepareFeed,
  type StepGuard,
  yieldsToReadiness,
} from './orderedCall.js';
import { Part } from './part.js';
import { type AnswerOwner, SplitAnswer } from './splitAnswer.js';

/** What a split call needs beside itself. */
export type SplitContext = {
  readonly arms: Arms;
  readonly clock: Clock;
  readonly guard: StepGuard;
  /** How long v5 has where v4's answer may be given in its place, in milliseconds. */
  readonly fallbackAfterMs: number;
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
export class SplitCall<T> implements Undecided, AnswerOwner<T> {
  readonly #call: OrderedCall<T>;
  readonly #context: SplitContext;
  readonly parts: Readonly<Record<AdapterVersion, Part<T>>>;
  readonly caller: Caller<T>;
  readonly #answer: SplitAnswer<T>;
  /** Final once set, save for attributes that must take a new place. */
  #decision: Decision | undefined;
  #isStarted = false;
  #isAsking = false;
  #anySent = false;
  #isRefusedUnsent = false;
  #published = false;

  /** Takes the place in both lanes. */
  constructor(call: OrderedCall<T>, context: SplitContext, caller: Caller<T>) {
    this.#call = call;
    this.#context = context;
    this.caller = caller;
    this.parts = { v4: this.#enter(context.arms.v4), v5: this.#enter(context.arms.v5) };
    this.#answer = new SplitAnswer(call, this);
  }

  get clock(): Clock {
    return this.#context.clock;
  }

  /** The decision by which the answer is given: there is no answer before it. */
  get decision(): Decision {
    return this.#decision as Decision;
  }

  #enter(arm: Arm): Part<T> {
    const part = new Part<T>(arm, this.#call.bytes, (reached) => this.#reach(reached));
    if (part.state === 'ended') this.#context.guard.overflowed(arm.version);
    return part;
  }

  /** Begins with whatever can be reached. */
  start(): void {
    const { v4, v5 } = this.parts;
    if (this.#call.signal !== undefined) this.caller.listen(() => this.#abandon());
    if (this.#givenUp()) return;
    v4.arm.lane.advance();
    v5.arm.lane.advance();
    this.#isStarted = true;
    // Also where no place has been reached: flags that take their time are asked while the call waits for its turn.
    this.decide();
  }

  #abandon(): void {
    // Once one engine has the call the other gets it too: they must not part over an abort.
    if (this.#anySent) return;
    this.#context.undecided.delete(this);
    for (const part of [this.parts.v4, this.parts.v5])
      this.#leaveIfUnsent(part, { kind: 'dropped', reason: 'ABORTED' });
  }

  #givenUp(): boolean {
    return !this.#anySent && this.caller.hasGivenUp;
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
    const chosen = this.parts[decision.adapter];
    const other = this.parts[otherVersion[decision.adapter]];
    if (chosen.state === 'waiting') {
      this.#context.undecided.add(this);
      if (other.state === 'reached') this.#pass(other, decision);
      return;
    }
    this.#finish(decision);
    if (chosen.state === 'reached') this.#sendWhole(chosen, decision);
    if (other.state === 'reached') this.#feed(other, decision);
    this.#answer.takeFrom(chosen);
    // Both parts may have ended by now, with nothing more to come.
    this.ended();
  }

  #finish(decision: Decision): void {
    this.#decision = decision;
    this.#context.undecided.delete(this);
  }

  /** Passes over an engine whose state is known: its place has been reached. */
  #heedReadiness(decision: Decision): Decision {
    const { adapter } = decision;
    const isKnown = this.parts[adapter].state !== 'waiting';
    if (!isKnown || !yieldsToReadiness(decision) || !this.#context.guard.mustNotAnswer(adapter)) return decision;
    return passedOver(decision, otherVersion[adapter]);
  }

  /** Converts the call for the engine that is to answer before any engine gets it; false when the caller has been refused. */
  #prepare(decision: Decision): boolean {
    try {
      this.#answer.prepare(this.#context.arms[decision.adapter]);
      return true;
    } catch (error) {
      this.#refuse(decision, error);
      return false;
    }
  }

  /** Ends the call for the caller without a send to the engine that was to answer. Where nothing has been sent nothing will be; what one engine has got as a copy the other still gets. */
  #refuse(decision: Decision, error: unknown): void {
    this.#finish(decision);
    this.#answer.refuse(error);
    this.#isRefusedUnsent = !this.#anySent;
    for (const part of [this.parts.v4, this.parts.v5]) {
      if (this.#isRefusedUnsent) this.#leaveIfUnsent(part, { kind: 'unsupported' });
      else if (part.state === 'reached') this.#feed(part, decision);
    }
    this.ended();
  }

  /** Sends everything to the engine that is to answer; v5 has less time for it where v4 is to be heard if it fails. */
  #sendWhole(part: Part<T>, decision: Decision): void {
    part.isWhole = true;
    const { fallbackAfterMs, guard } = this.#context;
    const isArmed = fallsBack(decision) && guard.mayTakeOver('v4') && this.#answer.arm();
    const timeoutMs = isArmed ? Math.min(fallbackAfterMs, this.#call.timeoutMs) : undefined;
    this.#send(part, this.#answer.prepare(part.arm), timeoutMs);
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

  #send(part: Part<T>, call: EngineCall<T>, timeoutMs?: number): void {
    part.state = 'sent';
    this.#anySent = true;
    const ended = (result: Spoken<T>): void => {
      this.#call.onResult(part.arm, result);
      part.end(result);
      this.#answer.heed(part);
      part.arm.lane.end();
      this.ended();
    };
    startSend(call, this.#context.clock, ended, timeoutMs);
  }

  /** Leaves a place that has been reached without a send. */
  #leave(part: Part<T>, result: ArmResult<T>): void {
    part.end(result);
    this.#answer.heed(part);
    part.arm.lane.end();
    this.ended();
  }

  #leaveIfUnsent(part: Part<T>, result: ArmResult<T>): void {
    if (part.state === 'reached') this.#leave(part, result);
    else part.giveUp(result);
  }

  decideLate(arm: Arm, hold: (isHere: boolean) => void): void {
    const proceed = (selected: Decision): void => {
      const decision = this.#heedReadiness(selected);
      const isHere = decision.adapter === arm.version;
      if (!isHere) this.#turn(decision);
      hold(isHere);
    };
    const decision = this.#call.select();
    if (decision !== undefined) proceed(decision);
    else this.#call.whenSelected(proceed);
  }

  /** Gives the call to the other engine: for good if that has its copy, and else until its place is reached, so that a rollback still finds it. */
  #turn(decision: Decision): void {
    if (!this.#prepare(decision)) return;
    const chosen = this.parts[decision.adapter];
    if (chosen.state === 'waiting') {
      this.#decision = undefined;
      this.#context.undecided.add(this);
      return;
    }
    this.#finish(decision);
    this.#answer.takeFrom(chosen);
  }

  /** Publishes the call once everything has ended. */
  ended(): void {
    const { v4, v5 } = this.parts;
    const { result, fallback } = this.#answer;
    if (this.#published || v4.result === undefined || v5.result === undefined) return;
    // A call that was given up before anything was sent has not been decided, and there is nothing to tell of it.
    if (this.#decision === undefined || result === undefined) return;
    const { arm } = this.#answer.source ?? this.parts[this.#decision.adapter];
    const other = this.parts[otherVersion[arm.version]];
    this.#published = true;
    this.#call.onSettled({
      decision: this.#decision,
      fallback,
      answering: { arm, result },
      other: { arm: other.arm, result: other.result as ArmResult<T> },
      parts: { v4: v4.result, v5: v5.result },
      bothWhole: v4.isWhole && v5.isWhole,
    });
  }
}
