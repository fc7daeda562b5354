import { expect, test } from 'vitest';
import { meanDifferenceInterval } from '../../packages/sdk/src/statistics/meanDifferenceInterval.js';
import { createMomentsBuilder } from '../../packages/sdk/src/statistics/moments.js';
import { rateDifferenceInterval } from '../../packages/sdk/src/statistics/rateDifferenceInterval.js';
import { rateDeviance } from '../../packages/sdk/src/statistics/rateEvidence.js';
import { latencyFrom } from '../support/latency.js';
import { randomOf } from '../support/random.js';
import { binomialAtMost } from './binomial.js';

const runs = 200;
const requests = 4_000;
const alpha = 0.05;

/** A canary's share of the candidate, raised step by step. */
const shareAt = (request: number): number =>
  [0.05, 0.1, 0.25, 0.5, 0.9][Math.floor((5 * request) / requests)] as number;

/** Whether arms that do not differ are ever said to, looked at after every request. */
function isEverTold(seed: number): { rates: boolean; means: boolean } {
  const random = randomOf(seed);
  const arms = [0, 1].map(() => ({ successes: 0, total: 0, logs: createMomentsBuilder() }));
  const [control, candidate] = arms as [(typeof arms)[0], (typeof arms)[0]];
  const told = { rates: false, means: false };
  for (let request = 0; request < requests; request += 1) {
    const arm = random() < shareAt(request) ? candidate : control;
    arm.total += 1;
    if (random() >= 0.02) arm.successes += 1;
    arm.logs.add(Math.log(latencyFrom(random, { p50Ms: 20, p99Ms: 60 })));
    const means = meanDifferenceInterval(control.logs.read(), candidate.logs.read(), alpha);
    told.means ||= means.lower > 0 || means.upper < 0;
    // Below it nothing can be told, and the interval costs more than all the rest.
    const pooled = (control.successes + candidate.successes) / (control.total + candidate.total);
    if (rateDeviance(control, pooled) + rateDeviance(candidate, pooled) < -Math.log(alpha)) continue;
    const rates = rateDifferenceInterval(control, candidate, alpha);
    told.rates ||= rates.lower > 0 || rates.upper < 0;
  }
  return told;
}

test('arms whose shares change on the way are said to differ, though they do not, in at most the promised share of the runs', () => {
  const told = Array.from({ length: runs }, (_none, run) => isEverTold(run));
  for (const which of ['rates', 'means'] as const) {
    const found = told.filter((each) => each[which]).length;
    process.stdout.write(`simulation: changing shares: ${which} ${found} of ${runs}, promised ${alpha * runs}\n`);
    // Where the promise is just kept, more are seen once in a thousand times.
    expect(1 - binomialAtMost(found - 1, { trials: runs, rate: alpha }), which).toBeGreaterThan(0.001);
  }
});
