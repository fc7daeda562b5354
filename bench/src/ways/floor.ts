import type { Way } from '../harness.js';

/** What nothing can go below: an awaited answer between two readings of the clock. */
export function floorWay(name: string): Way {
  let passedMs = 0;
  const send = async (): Promise<number> => 1;
  const call = async (): Promise<number> => {
    const sentAtMs = performance.now();
    const answer = await send();
    passedMs += performance.now() - sentAtMs;
    return answer;
  };
  return {
    name,
    async run(calls) {
      for (let made = 0; made < calls; made += 1) await call();
      if (passedMs < 0) throw new Error('the clock went back');
    },
  };
}
