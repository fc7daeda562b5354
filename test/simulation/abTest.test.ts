import { describe, expect, test } from 'vitest';
import { randomOf } from '../support/random.js';
import { binomialAtMost, upperBound } from './binomial.js';
import { type Alarm, type Alarms, play, type Scenario, type Traffic } from './scenario.js';
import { requestsForLatency, requestsForOneLook, requestsForRates, requestsForSplit } from './theory.js';

/** Tests of each kind that do not differ: 2,000 short ones in all in `npm test`, with a fixed seed; `pnpm test:simulation` plays as many long ones of each. */
const runs = Number(process.env['LIGHTHOUSE_COMPAT_SIMULATION_RUNS'] ?? 500);
const seed = Number(process.env['LIGHTHOUSE_COMPAT_SIMULATION_SEED'] ?? 8);
const isLong = process.env['LIGHTHOUSE_COMPAT_SIMULATION_RUNS'] !== undefined;
const requests = isLong ? 20_000 : 1_000;
/** That a difference is found shows in fewer tests, of which each takes longer. */
const runsToFind = isLong ? Math.max(20, Math.round(runs / 4)) : 40;
const timeoutMs = 120_000 + runs * 1_000;

const say = (line: string): void => void process.stdout.write(`simulation: ${line}\n`);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const usual: Traffic = { errorRate: 0.01, p50Ms: 20, p99Ms: 60 };
const even: Scenario = { v5Percent: 50, stickySessions: false, v4: usual, v5: usual, v5Lost: 0 };

/** Every test with chances of its own, which the seed and its number tell. */
const playAll = (
  scenario: Scenario,
  { tests, ...options }: { tests: number; requests: number; every: number; until?: Alarm },
): Alarms[] =>
  Array.from({ length: tests }, (_none, run) =>
    play(scenario, { ...options, random: randomOf(seed * 1_000_003 + run) }),
  );

say(`seed ${seed}, ${requests} requests a test that is to say nothing`);

describe('of two versions that do not differ, looked at after every request', () => {
  const alike = (errorRate: number) => ({ v4: { ...usual, errorRate }, v5: { ...usual, errorRate } });
  const scenarios: readonly [string, Scenario][] = [
    ['50 : 50, 1 % errors', even],
    ['50 : 50 by session, no errors', { ...even, stickySessions: true, ...alike(0) }],
    ['90 : 10, 0.1 % errors', { ...even, v5Percent: 10, ...alike(0.001) }],
    ['95 : 5, 5 % errors', { ...even, v5Percent: 5, ...alike(0.05) }],
  ];
  const promised = { either: 0.05, successRate: 0.025, latency: 0.025, split: 0.01 };

  function expectKept(name: string, which: keyof typeof promised, found: number, trials: number): void {
    const rate = promised[which];
    const bound = upperBound(found, { trials, error: 0.01 });
    say(
      `${name}: ${which} ${found} of ${trials} (${percent(found / trials)}, by 99 % confidence below ${percent(bound)}), promised ${percent(rate)}`,
    );
    // Where the promise is just kept, so many or more are seen once in a thousand times.
    const chance = 1 - binomialAtMost(found - 1, { trials, rate });
    expect(chance, `${name}: ${which}`).toBeGreaterThan(0.001);
    // Of so many tests it is proven, and not only not refuted, that either verdict keeps it.
    if (which === 'either' && trials >= 1_000) expect(bound, name).toBeLessThanOrEqual(rate);
  }

  test(
    'a difference, or another split than the planned one, is said in at most the promised share of the tests',
    () => {
      const together: Alarms[] = [];
      for (const [name, scenario] of scenarios) {
        const all = playAll(scenario, { tests: runs, requests, every: 1 });
        together.push(...all);
        expectAllKept(name, all);
      }
      expectAllKept('together', together);
    },
    timeoutMs,
  );

  function expectAllKept(name: string, all: readonly Alarms[]): void {
    const count = (isAlarm: (alarms: Alarms) => boolean): number => all.filter(isAlarm).length;
    const isEither = ({ successRate, latency }: Alarms): boolean => successRate !== undefined || latency !== undefined;
    expectKept(name, 'either', count(isEither), all.length);
    for (const which of ['successRate', 'latency', 'split'] as const)
      expectKept(
        name,
        which,
        count((alarms) => alarms[which] !== undefined),
        all.length,
      );
  }
});

describe('a difference is found within the number of requests that theory says, in at least nine of ten tests', () => {
  const worse = (changes: Partial<Traffic>): Traffic => ({ ...usual, ...changes });
  const slower = (factor: number) => worse({ p50Ms: 20 * factor, p99Ms: 60 * factor });
  const cases: readonly [string, Alarm, Scenario, number][] = [
    ...(
      [
        ['1 % errors against 2 %, 50 : 50', 50, usual, worse({ errorRate: 0.02 })],
        ['1 % errors against 5 %, 90 : 10', 10, usual, worse({ errorRate: 0.05 })],
        ['no errors against 1 %, 50 : 50', 50, worse({ errorRate: 0 }), usual],
      ] as const
    ).map(([name, v5Percent, v4, v5]): [string, Alarm, Scenario, number] => {
      const arms = { share: v5Percent / 100, v4, v5 };
      const needed = requestsForRates(arms);
      return [
        `${name} (one look at a fixed size: ${requestsForOneLook(arms)})`,
        'successRate',
        { ...even, v5Percent, v4, v5 },
        needed,
      ];
    }),
    ...(
      [
        ['10 % slower, 50 : 50', 50, slower(1.1)],
        ['5 % slower, 90 : 10', 10, slower(1.05)],
        ['15 % quicker, 95 : 5', 5, slower(0.85)],
      ] as const
    ).map(([name, v5Percent, v5]): [string, Alarm, Scenario, number] => [
      name,
      'latency',
      { ...even, v5Percent, v5 },
      requestsForLatency({ share: v5Percent / 100, v4: usual, v5 }),
    ]),
  ];

  const expectFound = (name: string, alarm: Alarm, scenario: Scenario, needed: number): void => {
    const found = playAll(scenario, { tests: runsToFind, requests: needed, every: 25, until: alarm })
      .map((alarms) => alarms[alarm])
      .filter((request) => request !== undefined)
      .sort((a, b) => a - b);
    const half = found[Math.ceil(runsToFind / 2) - 1] ?? 'more';
    say(
      `${name}: found in ${found.length} of ${runsToFind} (${percent(found.length / runsToFind)}) within ${needed} requests, in half of them within ${half}`,
    );
    // With chances that nobody has chosen, so few or fewer of nine in ten are seen once in a thousand times.
    if (isLong) expect(binomialAtMost(found.length, { trials: runsToFind, rate: 0.9 })).toBeGreaterThan(0.001);
    else expect(found.length / runsToFind).toBeGreaterThanOrEqual(0.9);
  };

  test.each(cases)('%s', (name, alarm, scenario, needed) => expectFound(name, alarm, scenario, needed), timeoutMs);

  test.each([
    ['a tenth of v5 lost, 50 : 50', 50, 0.1],
    ['a fifth of v5 lost, 90 : 10', 10, 0.2],
  ])(
    'a split that is not the planned one: %s',
    (name, v5Percent, v5Lost) => {
      const share = v5Percent / 100;
      const arrived = 1 - share * v5Lost;
      const recorded = requestsForSplit({ share, actual: (share * (1 - v5Lost)) / arrived });
      expectFound(name, 'split', { ...even, v5Percent, v5Lost }, Math.ceil(recorded / arrived));
    },
    timeoutMs,
  );
});
