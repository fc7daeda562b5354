import type { Observation } from '@lighthouse-compat/sdk';
import { describe, expect, test } from 'vitest';
import { describeCheck } from '../../../packages/sdk/src/migration/health/describe.js';
import type { HealthSample, Tally } from '../../../packages/sdk/src/migration/health/healthSample.js';
import { alphaOf, judge } from '../../../packages/sdk/src/migration/health/judge.js';
import { observationHealth } from '../../../packages/sdk/src/migration/health/observationHealth.js';
import { combineSpeed } from '../../../packages/sdk/src/migration/health/speed.js';
import { parsePlan } from '../../../packages/sdk/src/migration/parsePlan.js';
import { createMomentsBuilder, type Moments } from '../../../packages/sdk/src/statistics/moments.js';
import { arm, createManualClock, createPublisher, observationOf } from './observations.js';

const plan = parsePlan();
const none: Tally = { attempts: 0, failures: 0 };
const noComparisons = { compared: 0, differed: 0, critical: 0, pending: 0, notCompared: 0 };

/** So many differences of the log latency, around a mean, with this deviation. */
function differences(count: number, mean: number, deviation: number): Moments {
  const builder = createMomentsBuilder();
  for (let n = 0; n < count; n += 1) builder.add(mean + (n % 2 === 0 ? deviation : -deviation));
  return builder.read();
}

type Told = {
  v4?: Tally;
  v5?: Tally;
  callers?: Tally;
  slower?: number;
  pairs?: number;
  deviation?: number;
  rest?: Partial<HealthSample>;
};

function sampleOf({ v4, v5, callers = none, slower = 0, pairs = 500, deviation = 0.2, rest }: Told): HealthSample {
  const fine = { attempts: 1_000, failures: 0 };
  const comparisons = { ...noComparisons, compared: 1_000 };
  return {
    attempts: { v4: { answering: v4 ?? fine, other: none }, v5: { answering: none, other: v5 ?? fine } },
    callers: { v4: none, v5: callers },
    speed: [{ kind: 'pairs', name: 'new_payload', difference: differences(pairs, Math.log1p(slower), deviation) }],
    comparisons,
    comparisonsSinceReset: comparisons,
    sharedEngine: false,
    ...rest,
  };
}

const verdictOf = (told: Told) => {
  const { verdict, decidedBy, isCritical } = judge(sampleOf(told), plan);
  return { verdict, decidedBy, isCritical };
};

describe('one check', () => {
  test.each<[string, Told, string, string | null]>([
    ['everything is well', {}, 'pass', null],
    ['2 % of the attempts at v5 fail', { v5: { attempts: 1_000, failures: 20 } }, 'fail', 'v5_errors'],
    ['1 % fail, which is not over 1 %', { v5: { attempts: 1_000, failures: 10 } }, 'pass', null],
    ['3 of 200 fail, which a healthy one might', { v5: { attempts: 200, failures: 3 } }, 'inconclusive', 'v5_errors'],
    ['v5 has 199 attempts', { v5: { attempts: 199, failures: 0 } }, 'no_data', 'v5_errors'],
    ['v4 has 199 attempts', { v4: { attempts: 199, failures: 0 } }, 'no_data', 'v5_errors'],
    [
      'both fail alike: it is not v5',
      { v4: { attempts: 1_000, failures: 100 }, v5: { attempts: 1_000, failures: 100 } },
      'inconclusive',
      'v5_errors',
    ],
    [
      'v4 is not well, and v5 is far worse',
      { v4: { attempts: 1_000, failures: 20 }, v5: { attempts: 1_000, failures: 200 } },
      'fail',
      'v5_errors',
    ],
    ['callers see errors', { callers: { attempts: 1_000, failures: 30 } }, 'fail', 'callers_errors'],
    ['few callers, all of whom see errors', { callers: { attempts: 20, failures: 20 } }, 'pass', null],
    ['v5 is 10 % slower', { slower: 0.1 }, 'fail', 'latency'],
    ['v5 is 4 % slower', { slower: 0.04 }, 'pass', null],
    ['v5 is 10 % faster', { slower: -0.1 }, 'pass', null],
    [
      'v5 is 8 % slower by few durations that scatter',
      { slower: 0.08, pairs: 210, deviation: 0.4 },
      'inconclusive',
      'latency',
    ],
    ['there are no durations', { pairs: 0 }, 'no_data', 'latency'],
    ['there are 199 durations', { pairs: 199 }, 'no_data', 'latency'],
  ])('%s', (_what, told, verdict, decidedBy) => {
    expect(verdictOf(told)).toEqual({ verdict, decidedBy, isCritical: false });
  });

  const compared = (comparisons: Partial<HealthSample['comparisons']>) => ({
    rest: { comparisons: { ...noComparisons, ...comparisons } },
  });

  test.each<[string, Told, string, string | null, boolean]>([
    ['2 % of the answers differ', compared({ compared: 1_000, differed: 20 }), 'fail', 'divergence', false],
    ['nothing was compared', compared({}), 'no_data', 'divergence', false],
    [
      'one contradiction, though little else is known',
      compared({ compared: 1, differed: 1, critical: 1 }),
      'fail',
      'critical',
      true,
    ],
    ['21 % are not judged yet', compared({ compared: 790, pending: 210 }), 'inconclusive', 'pending', false],
    ['20 % are not judged yet', compared({ compared: 800, pending: 200 }), 'pass', null, false],
  ])('%s', (_what, told, verdict, decidedBy, isCritical) => {
    expect(verdictOf(told)).toEqual({ verdict, decidedBy, isCritical });
  });

  test.each([
    ['attempts', { v5: { attempts: Number.NaN, failures: 0 } }],
    ['failures', { v5: { attempts: 1_000, failures: Number.NaN } }],
    ['more failures than attempts', { v5: { attempts: 1_000, failures: 1_001 } }],
    [
      'a mean',
      { rest: { speed: [{ kind: 'pairs', name: 'x', difference: { count: 500, mean: Number.NaN, m2: 1 } }] } },
    ],
    [
      'a variance',
      { rest: { speed: [{ kind: 'pairs', name: 'x', difference: { count: 500, mean: 0, m2: Number.NaN } }] } },
    ],
    ['comparisons', { rest: { comparisons: { ...noComparisons, compared: Number.NaN } } }],
  ] as readonly (readonly [string, Told])[])('%s that is no number is no data, never a pass', (_what, told) => {
    expect(verdictOf(told).verdict).toBe('no_data');
  });

  test('with one shared engine speeds and comparisons are not asked for, and v5 alone is enough', () => {
    const rest = { sharedEngine: true, speed: [], comparisons: noComparisons };
    expect(judge(sampleOf({ v4: none, rest }), plan)).toMatchObject({ verdict: 'pass' });
  });

  test('every figure that decided is in the check, and in the words for a person', () => {
    const check = judge(sampleOf({ v5: { attempts: 1_000, failures: 20 }, v4: { attempts: 900, failures: 9 } }), plan);
    expect(check.criteria[0]).toMatchObject({
      name: 'v5_errors',
      verdict: 'fail',
      valuePercent: 2,
      limitPercent: 1,
      controlPercent: 1,
      samples: { v4: 900, v5: 1_000 },
    });
    expect(describeCheck(check)).toMatch(
      /^fail: v5_errors 2 % \(limit 1 %, v4 1 %, at least 0\.\d+ %; v4 900, v5 1000 samples\)$/,
    );
    expect(JSON.parse(JSON.stringify(check))).toEqual(check);
  });

  test("a plan's promise is divided among its windows and criteria", () => {
    expect(alphaOf(plan) * 4 * (20 + 2 + Math.ceil((20 * 3_600 + 660) / 600))).toBeCloseTo(0.05, 12);
  });
});

test('only like is held against like: what v5 happens to do more of does not make it slow', () => {
  const of = (count: number, mean: number): Moments => ({ count, mean, m2: count * 0.04 });
  const combined = combineSpeed([
    { kind: 'arms', name: 'quick', v4: of(900, 1), v5: of(100, 1.1) },
    { kind: 'arms', name: 'slow', v4: of(100, 5), v5: of(900, 5.1) },
    { kind: 'arms', name: 'v5 alone', v4: of(29, 1), v5: of(900, 9) },
  ]);
  expect(combined?.candidate.mean).toBeCloseTo(0.1, 10);
  expect(combined?.samples).toEqual({ v4: 1_000, v5: 1_000 });
  expect(combineSpeed([])).toBeNull();
});

describe('what observations come to', () => {
  const windowMs = 180_000;

  function open() {
    const publisher = createPublisher();
    const clock = createManualClock();
    const source = observationHealth(publisher, { clock, windowMs });
    return { publisher, clock, source };
  }

  async function sampled(observations: readonly Partial<Observation>[]): Promise<HealthSample> {
    const { publisher, source } = open();
    for (const each of observations) publisher.publish(observationOf(each));
    const sample = await source.sample();
    source.close();
    expect(publisher.isHeard).toBe(false);
    if (sample === null) throw new Error('there is always a sample');
    return sample;
  }

  const failed = (code: string) => ({ kind: 'failed', code }) as const;

  test('every attempt counts for its engine by its role, and what callers saw is a series of its own', async () => {
    const { attempts, callers } = await sampled([
      {},
      { answering: arm('v5', 20), other: arm('v4', 20) },
      { other: arm('v5', 20, failed('TIMEOUT')) },
      { answering: arm('v5', 20, failed('CONNECTION_FAILED')), other: null },
      { other: { ...arm('v5', 0, { kind: 'unneeded' }), durationMs: null } },
      { other: { ...arm('v5', 0, { kind: 'dropped', reason: 'BOUNDS_FULL' }), durationMs: null } },
    ]);
    expect(attempts.v4).toEqual({ answering: { attempts: 4, failures: 0 }, other: { attempts: 1, failures: 0 } });
    expect(attempts.v5).toEqual({ answering: { attempts: 2, failures: 1 }, other: { attempts: 2, failures: 1 } });
    expect(callers).toEqual({ v4: { attempts: 4, failures: 0 }, v5: { attempts: 2, failures: 1 } });
  });

  test("what is the call's own fault is no engine's: an abort, and an error in which both agree", async () => {
    const { attempts } = await sampled([
      { answering: arm('v4', 1, failed('ABORTED')) },
      {
        answering: arm('v4', 1, failed('SERVER_ERROR')),
        other: arm('v5', 1, failed('SERVER_ERROR')),
        comparison: { verdict: 'both_errors', differences: [] },
      },
    ]);
    expect(attempts.v5.other).toEqual({ attempts: 1, failures: 0 });
    expect(attempts.v4.answering).toEqual({ attempts: 0, failures: 0 });
  });

  test('durations of one call are held against each other; what was built here, or is less work, is not', async () => {
    const built = arm('v4', 2, { kind: 'answered', status: 'VALID', builtHere: true });
    const { speed } = await sampled([
      { answering: arm('v4', 20), other: arm('v5', 40) },
      { answering: arm('v5', 40), other: arm('v4', 20) },
      { answering: built, other: arm('v5', 30) },
      { operation: 'forkchoice_updated', bothWhole: false, answering: arm('v5', 90), other: arm('v4', 50) },
      { operation: 'get_payload', bothWhole: false, answering: arm('v4', 10), other: null, comparison: null },
    ]);
    const seen = speed.flatMap((stratum) =>
      stratum.kind === 'pairs'
        ? [[stratum.name, stratum.difference.count, Math.exp(stratum.difference.mean).toFixed(6)]]
        : [[stratum.name, stratum.v4.count, stratum.v5.count]],
    );
    expect(seen).toEqual([
      ['forkchoice_updated_alone', 0, '1.000000'],
      ['forkchoice_updated_alone', 0, 1],
      ['get_payload_alone', 0, '1.000000'],
      ['get_payload_alone', 1, 0],
      ['new_payload', 2, '2.000000'],
      ['new_payload', 0, 1],
    ]);
  });

  test('durations at a shared engine are left out', async () => {
    const { speed, sharedEngine } = await sampled([{ sharedEngine: true }]);
    expect(speed).toEqual([]);
    expect(sharedEngine).toBe(true);
  });

  test('every verdict has its place', async () => {
    const verdicts = [
      'match',
      'mismatch',
      'critical',
      'pending',
      'not_compared',
      'v4_error',
      'v5_error',
      'both_errors',
      'unsupported',
    ] as const;
    const { comparisons } = await sampled(verdicts.map((verdict) => ({ comparison: { verdict, differences: [] } })));
    expect(comparisons).toEqual({ compared: 3, differed: 2, critical: 1, pending: 1, notCompared: 1 });
  });

  test('a window reaches back so far at most, begins anew at a change, and what was compared is counted since the change', async () => {
    const { publisher, clock, source } = open();
    const attempts = async () => (await source.sample())?.attempts.v4.answering.attempts;
    for (let second = 0; second < 180; second += 1) {
      publisher.publish(observationOf());
      clock.advance(1_000);
    }
    expect(await attempts()).toBe(180);
    // Past its length it begins at the next third.
    clock.advance(1_000);
    expect(await attempts()).toBe(120);
    publisher.publish(observationOf());
    expect(await attempts()).toBe(121);
    clock.advance(60_000);
    expect(await attempts()).toBe(61);
    expect((await source.sample())?.comparisonsSinceReset.compared).toBe(181);
    source.reset();
    expect(await attempts()).toBe(0);
    expect((await source.sample())?.comparisonsSinceReset.compared).toBe(0);
    publisher.publish(observationOf());
    expect(await attempts()).toBe(1);
    clock.advance(1_000_000);
    expect(await attempts()).toBe(0);
  });
});
