import type { ServerProviderEvents } from '@openfeature/server-sdk';

type Send = (event: ServerProviderEvents, details: { readonly [key: string]: unknown }) => void;

/**
 * Sends events in order, and holds back those that come while the SDK is still taking in how initialize ended: it sets
 * the status then, and would overwrite what an event has said.
 */
export class Outbox {
  readonly #send: Send;
  #held: (() => void)[] | undefined;
  #closed = false;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Sends an event, now or after those that are held. */
  send(event: ServerProviderEvents, details: { readonly [key: string]: unknown }): void {
    if (this.#closed) return;
    const deliver = (): void => {
      if (!this.#closed) this.#send(event, details);
    };
    if (this.#held === undefined) deliver();
    else this.#held.push(deliver);
  }

  /** Holds events until everything that waits on initialize has run. */
  hold(): void {
    this.#held ??= [];
    setImmediate(() => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const deliver of held) deliver();
    });
  }

  /** Sends nothing any more. */
  close(): void {
    this.#closed = true;
  }
}
