import type { Clock } from '../clock.js';

const maxAgeMs = 15 * 60 * 1000;

/** Which methods an engine offers, asked once and remembered for 15 minutes (execution-apis, src/engine/common.md, engine_exchangeCapabilities). */
export type Capabilities = {
  /** Asks the engine unless a fresh answer is at hand; rejects with the exchange's own error. */
  offered(): Promise<ReadonlySet<string>>;
  /** Forgets the answer, so that the next call asks again. */
  drop(): void;
};

/** Remembers what `exchange` answers; calls that come while it is under way share it. */
export function createCapabilities(exchange: () => Promise<readonly string[]>, clock: Clock): Capabilities {
  let known: { readonly methods: ReadonlySet<string>; readonly atMs: number } | undefined;
  let asking: Promise<ReadonlySet<string>> | undefined;

  const ask = async (): Promise<ReadonlySet<string>> => {
    try {
      const methods = new Set(await exchange());
      known = { methods, atMs: clock.monotonicMs() };
      return methods;
    } finally {
      asking = undefined;
    }
  };

  return {
    async offered() {
      if (known !== undefined && clock.monotonicMs() - known.atMs < maxAgeMs) return known.methods;
      asking ??= ask();
      return asking;
    },
    drop() {
      known = undefined;
    },
  };
}
