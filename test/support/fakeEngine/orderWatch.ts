import type { Params } from './params.js';
import { hashAsked } from './params.js';

/** How a call left the engine: with a result, with an error or nothing at all, or because the caller went away. */
type Ending = 'result' | 'failure' | 'gone';

/** What an engine sees of the caller's order, and where the caller broke it (execution-apis, src/engine/common.md, message ordering). */
export type OrderWatch = {
  readonly breaches: readonly string[];
  /** Calls that came again though the same call had been answered with a result. */
  readonly duplicates: readonly string[];
  breach(what: string): void;
  /** Notes a call that has arrived; the function returned is told how it ended, and hears only the first time. `callerIsGone` tells whether its connection has ended. */
  enter(method: string, params: Params, callerIsGone: () => boolean): (ending: Ending) => void;
  /** Resolves when every suspicion has been looked into. */
  settled(): Promise<void>;
};

const changesState = (method: string): boolean => /^engine_(newPayload|forkchoiceUpdated)/.test(method);

// A caller may destroy a connection and go on by another: the end of the first can be noticed after the next call.
const turnsUntilNoticed = 5;

async function aFewTurns(): Promise<void> {
  for (let turn = 0; turn < turnsUntilNoticed; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Watches one engine's calls. With `headsFollowPayloads` a newPayload that comes after a forkchoiceUpdated to its block is a breach too. */
export function createOrderWatch({ headsFollowPayloads }: { readonly headsFollowPayloads: boolean }): OrderWatch {
  type InFlight = { readonly method: string; readonly callerIsGone: () => boolean; ending: Ending | undefined };
  const breaches: string[] = [];
  const duplicates: string[] = [];
  const inFlight = new Set<InFlight>();
  const suspicions = new Set<Promise<void>>();
  const answered = new Set<string>();
  const payloadsSeen = new Set<string>();
  const headsSeen = new Set<string>();

  function suspect(older: InFlight, method: string): void {
    const suspicion = aFewTurns().then(() => {
      suspicions.delete(suspicion);
      if (older.ending === 'gone' || (older.ending === undefined && older.callerIsGone())) return;
      breaches.push(`${method} while ${older.method} was being answered`);
    });
    suspicions.add(suspicion);
  }

  function noteHeads(method: string, hash: string): void {
    if (method.startsWith('engine_forkchoiceUpdated')) {
      if (!payloadsSeen.has(hash)) headsSeen.add(hash);
      return;
    }
    if (headsSeen.has(hash) && !payloadsSeen.has(hash)) {
      breaches.push(`${method} of ${hash} after a forkchoiceUpdated to it`);
    }
    payloadsSeen.add(hash);
  }

  return {
    breaches,
    duplicates,
    breach: (what) => void breaches.push(what),
    enter(method, params, callerIsGone) {
      const call: InFlight = { method, callerIsGone, ending: undefined };
      const hash = hashAsked(params);
      const identity = `${method} ${JSON.stringify(params)}`;
      // What an engine offers may be asked as often as one likes.
      if (answered.has(identity) && method !== 'engine_exchangeCapabilities')
        duplicates.push(hash === undefined ? identity : `${method} ${hash}`);
      if (changesState(method)) {
        for (const older of inFlight) suspect(older, method);
        inFlight.add(call);
        if (headsFollowPayloads && hash !== undefined) noteHeads(method, hash);
      }
      return (ending) => {
        if (call.ending !== undefined) return;
        call.ending = ending;
        inFlight.delete(call);
        if (ending === 'result') answered.add(identity);
      };
    },
    async settled() {
      await Promise.all(suspicions);
    },
  };
}
