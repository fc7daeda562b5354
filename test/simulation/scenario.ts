import { AbTestController, systemClock } from '@lighthouse-compat/sdk';
import { rateDeviance } from '../../packages/sdk/src/statistics/rateEvidence.js';
import { latencyFrom } from '../support/latency.js';
import type { Random } from '../support/random.js';

/** How one version answers. */
export type Traffic = { readonly errorRate: number; readonly p50Ms: number; readonly p99Ms: number };

/** An A/B test to be played. */
export type Scenario = {
  readonly v5Percent: number;
  readonly stickySessions: boolean;
  readonly v4: Traffic;
  readonly v5: Traffic;
  /** The share of v5's results that never come to be recorded. */
  readonly v5Lost: number;
};

/** What a test can say of the versions or of itself. */
export type Alarm = 'successRate' | 'latency' | 'split';

/** After how many requests each was said first; undefined of what never was. */
export type Alarms = { -readonly [A in Alarm]?: number };

/** Sums by which a test is not asked where it cannot say anything; kept apart from the test's own. */
type Tally = { requests: number; successes: number; timed: number; sum: number; squares: number };

const emptyTally = (): Tally => ({ requests: 0, successes: 0, timed: 0, sum: 0, squares: 0 });
const [logOfTest, logOfSplit] = [-Math.log(0.025), -Math.log(0.01)];

const deviance = ({ successes, requests }: Tally, rate: number): number =>
  rateDeviance({ successes, total: requests }, rate);

/** Whether a test could say something new of these sums: each check asks for more than a likelihood ratio of 1/alpha. */
function mightSayMore(v4: Tally, v5: Tally, share: number, said: Alarms): boolean {
  const total = v4.requests + v5.requests;
  if (said.split === undefined && rateDeviance({ successes: v5.requests, total }, share) >= logOfSplit) return true;
  const pooled = (v4.successes + v5.successes) / total;
  if (said.successRate === undefined && deviance(v4, pooled) + deviance(v5, pooled) >= logOfTest) return true;
  if (said.latency !== undefined || v4.timed < 100 || v5.timed < 100) return false;
  const [meanV4, meanV5] = [v4.sum / v4.timed, v5.sum / v5.timed];
  const variance =
    (v4.squares / v4.timed - meanV4 ** 2) / (v4.timed - 1) + (v5.squares / v5.timed - meanV5 ** 2) / (v5.timed - 1);
  return (meanV5 - meanV4) ** 2 >= 2 * logOfTest * variance;
}

function add(tally: Tally, latencyMs: number | null): void {
  tally.requests += 1;
  if (latencyMs === null) return;
  const logLatency = Math.log(latencyMs);
  tally.successes += 1;
  tally.timed += 1;
  tally.sum += logLatency;
  tally.squares += logLatency ** 2;
}

/** Plays a test for so many requests through the controller, looks at its results after every `every`-th, and ends early once `until` was said. */
export function play(
  scenario: Scenario,
  { random, requests, every, until }: { random: Random; requests: number; every: number; until?: Alarm },
): Alarms {
  const { v5Percent, stickySessions, v5Lost } = scenario;
  const tests = new AbTestController({ clock: { ...systemClock, nowMs: () => 0 }, random });
  tests.createTest({ name: 'simulated', v5Percent, durationMs: 1, stickySessions });
  const tallies = { v4: emptyTally(), v5: emptyTally() };
  const firstSession = Math.floor(random() * 2 ** 40);
  const alarms: Alarms = {};
  for (let request = 1; request <= requests; request += 1) {
    const sessionId = stickySessions ? `session-${firstSession + request}` : null;
    const version = tests.shouldUseV5('simulated', sessionId) ? 'v5' : 'v4';
    if (version === 'v5' && random() < v5Lost) continue;
    const traffic = scenario[version];
    const success = random() >= traffic.errorRate;
    const latencyMs = success ? latencyFrom(random, traffic) : null;
    tests.recordResult('simulated', { version, operation: 'new_payload', success, latencyMs, sessionId });
    add(tallies[version], latencyMs);
    if (request % every !== 0 || !mightSayMore(tallies.v4, tallies.v5, v5Percent / 100, alarms)) continue;
    const { successRate, latency, split } = tests.getTestResults('simulated');
    if (isDifference(successRate.verdict)) alarms.successRate ??= request;
    if (isDifference(latency.verdict)) alarms.latency ??= request;
    if (split.verdict === 'mismatch') alarms.split ??= request;
    if (until !== undefined && alarms[until] !== undefined) break;
  }
  return alarms;
}

const isDifference = (verdict: string): boolean => verdict === 'better' || verdict === 'worse';
