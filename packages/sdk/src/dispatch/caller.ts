import type { Spoken } from './arm.js';
import { aborted } from './orderedCall.js';

/** The two ends of a caller's promise. */
export type Settle<T> = { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void };

/** Who waits for a call: gets one answer, or ABORTED as soon as they give it up, and nothing after. */
export class Caller<T> {
  readonly #settle: Settle<T>;
  readonly #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #isAnswered = false;

  constructor(settle: Settle<T>, signal: AbortSignal | undefined) {
    this.#settle = settle;
    this.#signal = signal;
  }

  /** Calls `abandon` when the caller gives up, and at once if that has happened already. */
  listen(abandon: () => void): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    this.#onAbort = () => {
      abandon();
      if (this.#answers()) this.#settle.reject(aborted(signal));
    };
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get hasGivenUp(): boolean {
    return this.#signal?.aborted === true;
  }

  give(result: Spoken<T>): void {
    if (!this.#answers()) return;
    if (result.kind === 'answered') this.#settle.resolve(result.value);
    else this.#settle.reject(result.error);
  }

  #answers(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }
}
