import { setImmediate as turn } from 'node:timers/promises';
import type { Series } from './series.js';
import { type Answer, openSdk } from './ways/sdk.js';

const callsPerSecond = 5_000;
const callsBefore = 250;
const callsAfter = 250;

const refusedOnly = (error: unknown): void => {
  if (!(error instanceof Error && 'code' in error && error.code === 'LANE_FULL')) throw error;
};

/** How long after a rollback v5 was still asked for an answer, in milliseconds, each round with 5,000 calls a second made whether or not the ones before have been answered; 0 where nothing was sent to it any more. */
export async function measureRollback({ rounds }: { readonly rounds: number }): Promise<Series> {
  let lastAtV5 = 0;
  const atV4: Answer = async (status) => {
    await turn();
    return status;
  };
  const atV5: Answer = async (status) => {
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
  const series: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    sdk.clearLatch();
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
      }
      await turn();
    }
    await Promise.all(calls);
    await sdk.settled();
    if (lastAtV5 < beganMs) throw new Error('v5 was never asked');
    series.push(Math.max(0, lastAtV5 - rolledBackMs));
  }
  return series;
}
