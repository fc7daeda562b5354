import { AbTestController, systemClock } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { latencyFrom } from '../support/latency.js';
import { type Random, randomOf } from '../support/random.js';
import { binomialAtMost } from './binomial.js';

const runs = 60;
const requests = 4_000;

/** Plays sessions whose requests are alike: one in fifty fails altogether, and a session's speed is its own. */
function isEverTold({ random, size, v5Factor }: { random: Random; size: number; v5Factor: number }) {
  const tests = new AbTestController({ clock: { ...systemClock, nowMs: () => 0 } });
  tests.createTest({ name: 'sessions', v5Percent: 50, durationMs: 1 });
  const firstSession = Math.floor(random() * 2 ** 40);
  const told = { successRate: false, latency: false };
  for (let session = 0; session < requests / size; session += 1) {
    const sessionId = `session-${firstSession + session}`;
    const version = tests.shouldUseV5('sessions', sessionId) ? 'v5' : 'v4';
    const success = random() >= 0.02;
    // The deviation of the logarithm is two thirds of that of a request of its own: a correlation of about 0.3.
    const p50Ms = latencyFrom(random, { p50Ms: version === 'v5' ? 20 * v5Factor : 20, p99Ms: 40 * v5Factor });
    for (let request = 0; request < size; request += 1) {
      const latencyMs = latencyFrom(random, { p50Ms, p99Ms: 3 * p50Ms });
      tests.recordResult('sessions', { version, operation: 'new_payload', success, latencyMs, sessionId });
    }
    if ((session * size) % 200 !== 0) continue;
    const results = tests.getTestResults('sessions');
    for (const which of ['successRate', 'latency'] as const)
      told[which] ||= ['better', 'worse'].includes(results[which].verdict);
  }
  return told;
}

test.each([2, 10, 50])(
  'sessions of %d requests that are alike are said to differ, though they do not, in at most the promised share of the runs',
  (size) => {
    const told = Array.from({ length: runs }, (_none, run) => isEverTold({ random: randomOf(run), size, v5Factor: 1 }));
    for (const which of ['successRate', 'latency'] as const) {
      const found = told.filter((each) => each[which]).length;
      process.stdout.write(`simulation: sessions of ${size}: ${which} ${found} of ${runs}, promised ${0.025 * runs}\n`);
      // Where the promise is just kept, more are seen once in a thousand times.
      expect(1 - binomialAtMost(found - 1, { trials: runs, rate: 0.025 }), which).toBeGreaterThan(0.001);
    }
  },
);

test('a version that takes half as long again is found in sessions that are alike', () => {
  const told = Array.from({ length: runs }, (_none, run) =>
    isEverTold({ random: randomOf(run), size: 10, v5Factor: 1.5 }),
  );
  const found = told.filter(({ latency }) => latency).length;
  process.stdout.write(`simulation: sessions of 10, half as long again: found in ${found} of ${runs}\n`);
  expect(found / runs).toBeGreaterThanOrEqual(0.9);
});
