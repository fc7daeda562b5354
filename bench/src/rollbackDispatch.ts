import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { Series } from './series.js';
import { type Answer, openSdk } from './ways/sdk.js';

const callsPerSecond = 5_000;
const callsBefore = 250;
const callsAfter = 250;

/** Each round has 5,000 calls a second, made whether or not the ones before have been answered; in milliseconds. */
type RollbackSeries = {
  /** How long after the call of `rollback()` v5 was still asked for an answer; 0 where nothing was sent to it any more. */
  readonly toLastDispatch: Series;
  /** How long `rollback()` itself takes until the process is latched and it returns: what the other can be at most, but for a send that it overlooks. */
  readonly untilLatched: Series;
  /** Calls that waited for v5 when it was rolled back, and were answered by v4. */
  readonly keptFromV5: Series;
};

/** Measures how soon v5 is asked no more; it answers each call with the next turn of the event loop, or after `v5AnswersAfterMs`, so that its lane fills. Throws where a round has shown nothing, since v5 was not being asked when it was rolled back, or v4 not afterwards. */
export async function measureRollback({
  rounds,
  v5AnswersAfterMs,
}: {
  readonly rounds: number;
  readonly v5AnswersAfterMs?: number;
}): Promise<RollbackSeries> {
  let askedOfV5 = 0;
  let askedOfV4 = 0;
  let lastAtV5 = 0;
  let refusedBefore = 0;
  const atV4: Answer = async (status) => {
    askedOfV4 += 1;
    await turn();
    return status;
  };
  const atV5: Answer = async (status) => {
    askedOfV5 += 1;
    lastAtV5 = performance.now();
    await (v5AnswersAfterMs === undefined ? turn() : delay(v5AnswersAfterMs));
    return status;
  };
  // More calls than a lane holds, as when the machine pauses, are refused and count as made.
  const refusedOnly = (at: number, error: unknown): void => {
    if (!(error instanceof Error && 'code' in error && error.code === 'LANE_FULL')) throw error;
    if (at < callsBefore) refusedBefore += 1;
  };
  // With one engine v5 is sent nothing but what it is to answer.
  const sdk = await openSdk({
    topology: 'shared',
    standby: 'warm',
    mode: { kind: 'v5_only' },
    answers: { v4: atV4, v5: atV5 },
  });
  const [toLastDispatch, untilLatched, keptFromV5]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    sdk.clearLatch();
    [askedOfV4, askedOfV5, refusedBefore] = [0, 0, 0];
    const beganMs = performance.now();
    const calls: Promise<unknown>[] = [];
    let rolledBackMs = Number.NaN;
    while (calls.length < callsBefore + callsAfter) {
      const due = Math.min(callsBefore + callsAfter, ((performance.now() - beganMs) * callsPerSecond) / 1_000);
      while (calls.length < due) {
        const at = calls.length;
        calls.push(sdk.newPayload().catch((error: unknown) => refusedOnly(at, error)));
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
    keptFromV5.push(callsBefore - refusedBefore - askedOfV5);
  }
  return { toLastDispatch, untilLatched, keptFromV5 };
}
