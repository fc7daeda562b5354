import type { EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { LaneEntry } from '../engine/lane.js';
import { CompatError } from '../errors.js';
import { type Arm, type Spoken, startSend } from './arm.js';
import { laneFull, type OrderedCall } from './orderedCall.js';

/** Who sends late, and hears what came of it. */
export type LateSender<T> = {
  /** Asks once more where the call belongs, when the new place is reached; `hold` hears true if it is still to be sent here, false if it has gone elsewhere or to nobody. */
  stillHere(hold: (here: boolean) => void): void;
  /** The deadline that it has left when it is sent, in milliseconds; undefined for its method's own. */
  timeoutMs(): number | undefined;
  /** Hears the result before the place is given up. */
  ended(result: Spoken<T>): void;
  /** Hears that the place has been given up. */
  left(): void;
};

/** Sends a call in a new place of its engine's lane, because the copy that the engine got in the call's own place left something out: only while no later call has taken its place, so that the engine never goes back. */
export class LateSend<T> implements LaneEntry {
  readonly bytes: number;
  enteredAtMs: number = Number.NaN;
  readonly #call: OrderedCall<T>;
  readonly #arm: Arm;
  readonly #prepared: EngineCall<T>;
  readonly #clock: Clock;
  readonly #sender: LateSender<T>;

  constructor(call: OrderedCall<T>, arm: Arm, prepared: EngineCall<T>, clock: Clock, sender: LateSender<T>) {
    this.bytes = call.bytes;
    this.#call = call;
    this.#arm = arm;
    this.#prepared = prepared;
    this.#clock = clock;
    this.#sender = sender;
  }

  /** Takes the new place. */
  start(): void {
    const { lane } = this.#arm;
    if (lane.enter(this)) lane.advance();
    else this.#sender.ended({ kind: 'failed', error: laneFull(this.#arm), durationMs: null });
  }

  reach(): void {
    this.#sender.stillHere((here) => {
      if (!here) {
        this.#leave();
      } else if (this.#call.isSuperseded()) {
        this.#sender.ended({ kind: 'failed', error: superseded(this.#arm), durationMs: null });
        this.#leave();
      } else {
        const ended = (result: Spoken<T>): void => {
          this.#call.onResult(this.#arm, result);
          this.#sender.ended(result);
          this.#leave();
        };
        startSend(this.#prepared, this.#clock, ended, this.#sender.timeoutMs());
      }
    });
  }

  #leave(): void {
    this.#arm.lane.end();
    this.#sender.left();
  }
}

const superseded = ({ engine }: Arm): CompatError =>
  new CompatError('FORKCHOICE_SUPERSEDED', 'a newer forkchoice has taken the place of this one', { engine });
