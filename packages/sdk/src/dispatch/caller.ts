import type { Spoken } from './arm.js';
import { aborted } from './orderedCall.js';

/** Who waits for a call: gets one answer, or ABORTED as soon as they give it up, and nothing after. */
export class Caller<T> {
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #isAnswered = false;

  /** Made inside the executor of the promise that the caller waits for. */
  constructor(resolve: (value: T) => void, reject: (error: unknown) => void, signal: AbortSignal | undefined) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
  }

  /** Calls `abandon` when the caller gives up, and at once if that has happened already. */
  listen(abandon: () => void): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    this.#onAbort = () => {
      abandon();
      if (this.#answers()) this.#reject(aborted(signal));
    };
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get hasGivenUp(): boolean {
    return this.#signal?.aborted === true;
  }

  give(result: Spoken<T>): void {
    if (!this.#answers()) return;
    if (result.kind === 'answered') this.#resolve(result.value);
    else this.#reject(result.error);
  }

  #answers(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }
}
