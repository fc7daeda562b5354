import type { AdapterVersion, EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import { CompatError } from '../errors.js';
import type { Decision } from '../selection/select.js';
import { type Arm, type ArmResult, type Arms, otherVersion, type Spoken, startSend } from './arm.js';
import {
  aborted,
  laneFull,
  type OrderedCall,
  passedOver,
  prepareFeed,
  type StepGuard,
  yieldsToReadiness,
} from './orderedCall.js';
import { Part } from './part.js';

/**
 * Sends one call to two engines, each in its own order, and gives the answer of one of them.
 *
 * The decision is made when a place is reached, and is final once the place of the engine that it names has been reached too: until then latch, readiness and flags may still change it. The engine's state is known only there, because only there everything before the call has ended.
 */
export class SplitCall<T> {
  readonly #call: OrderedCall<T>;
  readonly #arms: Arms;
  readonly #clock: Clock;
  readonly #guard: StepGuard;
  readonly #parts: Record<AdapterVersion, Part<T>>;
  readonly #prepared: Partial<Record<AdapterVersion, EngineCall<T>>> = {};
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  /** Final once set. */
  #decision: Decision | undefined;
  /** The result that the caller got; for the observation it stands in place of the part's own. */
  #answer: Spoken<T> | undefined;
  /** The decision by which the first place was passed. */
  #passing: Decision | undefined;
  #anySent = false;
  #answered = false;
  #published = false;

  constructor(
    call: OrderedCall<T>,
    context: { readonly arms: Arms; readonly clock: Clock; readonly guard: StepGuard },
    settle: { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void },
  ) {
    this.#call = call;
    this.#arms = context.arms;
    this.#clock = context.clock;
    this.#guard = context.guard;
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
    this.#parts = { v4: this.#enter(context.arms.v4), v5: this.#enter(context.arms.v5) };
  }

  /** Begins with whatever can be reached; the places have been taken by the constructor. */
  start(): void {
    const { v4, v5 } = this.#parts;
    const { signal } = this.#call;
    if (v4.state === 'ended' && v5.state === 'ended') {
      void Promise.resolve(this.#call.select()).then((decision) =>
        this.#refuse(decision, laneFull(this.#arms[decision.adapter])),
      );
      return;
    }
    if (signal !== undefined) {
      if (signal.aborted) this.#abort();
      else signal.addEventListener('abort', this.#abort, { once: true });
    }
    v4.arm.lane.advance();
    v5.arm.lane.advance();
    if (v4.state === 'ended') this.#withoutRoom(v4);
    if (v5.state === 'ended') this.#withoutRoom(v5);
    // Flags that take their time are asked while the call waits for its turn.
    if (v4.state === 'waiting' && v5.state === 'waiting') void this.#call.select();
  }

  /** A call that finds no room at the engine that is to answer is refused at once; it does not wait for its turn at the other. */
  #withoutRoom(part: Part<T>): void {
    const proceed = (selected: Decision): void => {
      if (this.#decision !== undefined || this.#givenUp()) return;
      const decision = this.#heedReadiness(part, selected);
      if (decision.adapter !== part.arm.version || !this.#prepare(decision)) return;
      this.#decision = decision;
      this.#adopt(part);
      this.#publish();
    };
    if (part.result?.kind !== 'dropped') return;
    const decision = this.#call.select();
    if (decision instanceof Promise) void decision.then(proceed);
    else proceed(decision);
  }

  #enter(arm: Arm): Part<T> {
    const part = new Part<T>(arm, this.#call.bytes, (reached) => this.#reach(reached));
    if (part.state === 'ended') this.#guard.overflowed(arm.version);
    return part;
  }

  readonly #abort = (): void => {
    // Once one engine has the call the other gets it too: they must not part over an abort.
    if (!this.#anySent) {
      this.#parts.v4.giveUp({ kind: 'dropped', reason: 'ABORTED' });
      this.#parts.v5.giveUp({ kind: 'dropped', reason: 'ABORTED' });
    }
    if (this.#settles()) this.#reject(aborted(this.#call.signal));
  };

  #givenUp(): boolean {
    return !this.#anySent && this.#call.signal?.aborted === true;
  }

  #reach(part: Part<T>): void {
    if (this.#givenUp()) {
      this.#leave(part, { kind: 'dropped', reason: 'ABORTED' });
      return;
    }
    if (this.#decision !== undefined) {
      this.#feed(part, this.#decision);
      return;
    }
    const decision = this.#call.select();
    if (decision instanceof Promise) void decision.then((late) => this.#proceed(part, late));
    else this.#proceed(part, decision);
  }

  #proceed(part: Part<T>, selected: Decision): void {
    if (this.#givenUp()) {
      this.#leave(part, { kind: 'dropped', reason: 'ABORTED' });
      return;
    }
    if (this.#decision !== undefined) {
      this.#feed(part, this.#decision);
      return;
    }
    const decision = this.#keepOrder(this.#heedReadiness(part, selected));
    if (!this.#prepare(decision)) {
      this.#leave(part, { kind: 'unsupported' });
      return;
    }
    const chosen = this.#parts[decision.adapter];
    if (chosen === part) {
      this.#decision = decision;
      this.#send(part, this.#prepared[decision.adapter] as EngineCall<T>, (result) => this.#give(part, result));
      return;
    }
    switch (chosen.state) {
      case 'waiting':
      case 'reached':
        this.#passing = decision;
        this.#feed(part, decision);
        return;
      case 'sent':
        this.#decision = decision;
        this.#feed(part, decision);
        return;
      case 'ended':
        this.#decision = decision;
        this.#feed(part, decision);
        this.#adopt(chosen);
        // Both parts may have ended by now, with nothing more to come.
        this.#publish();
        return;
    }
  }

  /** An engine that is not fed and has been passed is behind its order: flags or a mode that change only now do not bring the call back to it. The latch and the fork do, for nothing else may answer then. */
  #keepOrder(decision: Decision): Decision {
    const passing = this.#passing;
    if (passing === undefined || passing.adapter === decision.adapter || !yieldsToReadiness(decision)) return decision;
    return this.#parts[decision.adapter].result?.kind === 'unsupported' ? passing : decision;
  }

  /** Passes over an engine whose state is known here: this one, or one whose place has been reached before. */
  #heedReadiness(part: Part<T>, decision: Decision): Decision {
    const { adapter } = decision;
    const chosen = this.#parts[adapter];
    const isKnown = chosen === part || chosen.state !== 'waiting';
    if (!isKnown || !yieldsToReadiness(decision) || !this.#guard.mustNotAnswer(adapter)) return decision;
    return passedOver(decision, otherVersion[adapter]);
  }

  /** Converts the call for the engine that is to answer before any engine gets it; false when the caller has been refused. */
  #prepare(decision: Decision): boolean {
    const { adapter } = decision;
    if (this.#prepared[adapter] !== undefined) return true;
    try {
      this.#prepared[adapter] = this.#call.answer(this.#arms[adapter].adapter);
      return true;
    } catch (error) {
      this.#refuse(decision, error);
      return false;
    }
  }

  /** Ends the call for the caller without a send to the engine that was to answer; a place still waiting is given up. */
  #refuse(decision: Decision, error: unknown): void {
    this.#decision = decision;
    this.#answer = { kind: 'failed', error, durationMs: null };
    this.#parts.v4.giveUp({ kind: 'unsupported' });
    this.#parts.v5.giveUp({ kind: 'unsupported' });
    if (this.#settles()) this.#reject(error);
    this.#publish();
  }

  #feed(part: Part<T>, decision: Decision): void {
    // A caller that has been refused sees nothing sent anywhere.
    const isRefused = this.#answered && !this.#anySent && this.#parts[decision.adapter].result?.kind !== 'dropped';
    const feed = isRefused ? undefined : prepareFeed(this.#call, part.arm, decision);
    if (feed === undefined) this.#leave(part, { kind: 'unsupported' });
    else if ('unneeded' in feed) this.#leave(part, { kind: 'unneeded', value: feed.unneeded });
    else this.#send(part, feed, () => this.#adoptIfChosen(part));
  }

  #send(part: Part<T>, call: EngineCall<T>, then: (result: Spoken<T>) => void): void {
    part.state = 'sent';
    this.#anySent = true;
    startSend(call, this.#clock, (result) => {
      this.#call.onResult(part.arm, result);
      part.end(result);
      then(result);
      part.arm.lane.end();
      this.#publish();
    });
  }

  /** Leaves a place that has been reached without a send. */
  #leave(part: Part<T>, result: ArmResult<T>): void {
    part.end(result);
    part.arm.lane.end();
    this.#publish();
  }

  #adoptIfChosen(part: Part<T>): void {
    if (this.#decision?.adapter === part.arm.version && this.#answer === undefined) this.#adopt(part);
  }

  /** Makes the answer of a part that was sent as a feed the answer to the call, or sends the call itself where the feed's answer is not. */
  #adopt(part: Part<T>): void {
    const { result } = part;
    switch (result?.kind) {
      case undefined:
        return;
      case 'dropped':
        this.#give(part, { kind: 'failed', error: laneFull(part.arm), durationMs: null });
        return;
      case 'unneeded': {
        const known = { kind: 'answered', value: result.value, durationMs: null } as const;
        if (this.#call.feedAnswers(known)) this.#give(part, known);
        else this.#sendLate(part);
        return;
      }
      case 'unsupported':
        this.#sendLate(part);
        return;
      case 'answered':
      case 'failed':
        if (this.#call.feedAnswers(result)) this.#give(part, result);
        else this.#sendLate(part);
        return;
    }
  }

  /** Takes a new place for a call whose feed did not carry everything. */
  #sendLate(part: Part<T>): void {
    const { arm } = part;
    const fail = (error: unknown): void => {
      this.#give(part, { kind: 'failed', error, durationMs: null });
      this.#publish();
    };
    const entered = arm.lane.enter({
      bytes: this.#call.bytes,
      reach: () => {
        if (this.#call.isSuperseded()) {
          arm.lane.end();
          fail(
            new CompatError('FORKCHOICE_SUPERSEDED', 'a newer forkchoice has taken the place of this one', {
              engine: arm.engine,
            }),
          );
          return;
        }
        startSend(this.#prepared[arm.version] as EngineCall<T>, this.#clock, (result) => {
          this.#call.onResult(arm, result);
          this.#give(part, result);
          arm.lane.end();
          this.#publish();
        });
      },
    });
    if (!entered) fail(laneFull(arm));
    else arm.lane.advance();
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
    });
  }
}
