import { setImmediate as turn } from 'node:timers/promises';
import type { Series } from './series.js';
import { type Answer, openSdk } from './ways/sdk.js';

const callsPerSecond = 5_000;
const callsBefore = 250;
const callsAfter = 250;

const refusedOnly = (error: unknown): void => {
  if (!(error instanceof Error && 'code' in error && error.code === 'LANE_FULL')) throw error;
};

/** Each round has 5,000 calls a second, made whether or not the ones before have been answered; in milliseconds. */
type RollbackSeries = {
  /** How long after the call of `rollback()` v5 was still asked for an answer; 0 where nothing was sent to it any more. */
  readonly toLastDispatch: Series;
  /** How long `rollback()` itself takes until the process is latched and it returns: what the other can be at most, but for a send that it overlooks. */
  readonly untilLatched: Series;
};

/** Measures how soon v5 is asked no more; throws where a round has shown nothing, since v5 was not being asked when it was rolled back, or v4 not afterwards. */
export async function measureRollback({ rounds }: { readonly rounds: number }): Promise<RollbackSeries> {
  let askedOfV5 = 0;
  let askedOfV4 = 0;
  let lastAtV5 = 0;
  const atV4: Answer = async (status) => {
    askedOfV4 += 1;
    await turn();
    return status;
  };
  const atV5: Answer = async (status) => {
    askedOfV5 += 1;
    lastAtV5 = performance.now();
    await turn();
    return status;
  };
  // With one engine v5 is sent nothing but what it is to answer.
  const sdk = await openSdk({
    topology: 'shared',
    standby: 'warm',
    mode: { kind: 'v5_only' },
    answers: { v4: atV4, v5: atV5 },
  });
  const [toLastDispatch, untilLatched]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    sdk.clearLatch();
    [askedOfV4, askedOfV5] = [0, 0];
    const beganMs = performance.now();
    const calls: Promise<unknown>[] = [];
    let rolledBackMs = Number.NaN;
    while (calls.length < callsBefore + callsAfter) {
      const due = Math.min(callsBefore + callsAfter, ((performance.now() - beganMs) * callsPerSecond) / 1_000);
      while (calls.length < due) {
        // When the machine pauses, more calls come due at once than a lane holds; those are refused and count as made.
        calls.push(sdk.newPayload().catch(refusedOnly));
        if (calls.length !== callsBefore) continue;
        rolledBackMs = performance.now();
        sdk.rollback();
        untilLatched.push(performance.now() - rolledBackMs);
      }
      await turn();
    }
    await Promise.all(calls);
    await sdk.settled();
    if (askedOfV5 === 0 || askedOfV4 === 0)
      throw new Error(`nothing was measured: v5 was asked ${askedOfV5} times, v4 ${askedOfV4} times`);
    toLastDispatch.push(Math.max(0, lastAtV5 - rolledBackMs));
  }
  return { toLastDispatch, untilLatched };
}
