import { experiment, experimentAsync } from 'tzientist';
import type { Way } from '../harness.js';

/** tzientist's experiment around two functions that answer at once, with a listener that compares and counts. */
export function tzientistWay(name: string, kind: 'sync' | 'async'): Way {
  let published = 0;
  let different = 0;
  const options = {
    publish: (results: { controlResult?: number; candidateResult?: number }): void => {
      published += 1;
      if (results.controlResult !== results.candidateResult) different += 1;
    },
  };
  const now = (): number => 1;
  const soon = async (): Promise<number> => 1;
  const call =
    kind === 'sync'
      ? experiment({ name, control: now, candidate: now, options })
      : experimentAsync({ name, control: soon, candidate: soon, options: { ...options, inParallel: true } });
  return {
    name,
    async run(calls) {
      const before = published;
      for (let made = 0; made < calls; made += 1) {
        const answer = call();
        if (answer instanceof Promise) await answer;
      }
      if (published !== before + calls || different > 0) throw new Error(`${name}: an experiment went wrong`);
    },
  };
}
