import { setTimeout as delay } from 'node:timers/promises';
import { median, type Series } from './series.js';
import { type Answer, openSdk, type SdkUnderTest } from './ways/sdk.js';

/** What a caller waited with the other engine well and with it hung: the median of each round, in milliseconds. */
export type HungArm = { readonly well: Series; readonly hung: Series };

const answerAfterMs = 5;
const timer: Answer = async (status) => delay(answerAfterMs, status);
const atOnce: Answer = async (status) => status;
const never: Answer = () => new Promise(() => {});

async function waitedMs({ newPayload }: SdkUnderTest): Promise<number> {
  const askedAtMs = performance.now();
  await newPayload();
  return performance.now() - askedAtMs;
}

/** Makes `rounds` times `calls` calls to an engine that answers after 5 ms beside one that never does, each in turn with a call whose other engine is well. The hung lane is full after 64 calls: from then on each call overflows it. */
export async function measureHungArm({ rounds, calls }: { rounds: number; calls: number }): Promise<HungArm> {
  const setup = { topology: 'split', standby: 'warm', mode: { kind: 'v4_only' } } as const;
  const well = await openSdk({ ...setup, answers: { v4: timer, v5: atOnce } });
  const hung = await openSdk({ ...setup, answers: { v4: timer, v5: never } });
  const medians = { well: [] as number[], hung: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const waited = { well: [] as number[], hung: [] as number[] };
    for (let call = 0; call < calls; call += 1) {
      // Which of the two comes first changes from call to call, so that neither always follows the other.
      const order = call % 2 === 0 ? (['well', 'hung'] as const) : (['hung', 'well'] as const);
      for (const side of order) waited[side].push(await waitedMs(side === 'well' ? well : hung));
    }
    medians.well.push(median(waited.well));
    medians.hung.push(median(waited.hung));
  }
  return medians;
}
