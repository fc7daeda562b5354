import {
  AbTestController,
  type AbTestOptions,
  type AbTestSample,
  CompatError,
  systemClock,
  watchAbTests,
} from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { Gauge, Registry } from 'prom-client';
import { describe, expect, test, vi } from 'vitest';
import * as table from '../../../packages/sdk/src/metrics/abTestTable.js';
import { hasPromtool, promtool } from '../../support/promtool.js';
import { scrape } from '../../support/scrape.js';
import { createHandClock } from '../abTest/handClock.js';

const hourMs = 3_600_000;
const answered: AbTestSample = {
  version: 'v4',
  operation: 'new_payload',
  success: true,
  latencyMs: 20,
  sessionId: null,
};
const byChance = (name: string, more: Partial<AbTestOptions> = {}): AbTestOptions => ({
  name,
  v5Percent: 50,
  durationMs: hourMs,
  stickySessions: false,
  ...more,
});

/** A controller whose tests a new registry tells. */
function watched(tests = new AbTestController()) {
  const registry = new Registry();
  return { tests, registry, end: watchAbTests(registry, tests) };
}

/** The series of a one-hot gauge that are 1. */
const stateOf = (series: ReadonlyMap<string, number>, metric: string): string[] =>
  [...series].filter(([name, value]) => name.startsWith(`${metric}{`) && value === 1).map(([name]) => name);

test('requests, successes, timed requests and quantiles are told by test and version as the results have them', async () => {
  const { tests, registry } = watched();
  tests.createTest(byChance('deneb', { v5Percent: 25 }));
  for (let i = 1; i <= 100; i += 1) tests.recordResult('deneb', { ...answered, latencyMs: i });
  tests.recordResult('deneb', { ...answered, latencyMs: null });
  for (let i = 1; i <= 40; i += 1) tests.recordResult('deneb', { ...answered, version: 'v5', success: i > 10 });
  const { v4, v5 } = tests.getTestResults('deneb');
  const series = await scrape(registry);
  const told = (metric: string, version: string) => series.get(`ab_test_${metric}{test="deneb",version="${version}"}`);
  expect(told('requests_total', 'v4')).toBe(101);
  expect(told('successes_total', 'v4')).toBe(101);
  expect(told('timed_requests_total', 'v4')).toBe(100);
  expect(told('requests_total', 'v5')).toBe(40);
  expect(told('successes_total', 'v5')).toBe(30);
  expect(told('timed_requests_total', 'v5')).toBe(30);
  expect(told('units_total', 'v4')).toBe(101);
  expect(told('units_total', 'v5')).toBe(40);
  expect(series.get('ab_test_planned_v5_ratio{test="deneb"}')).toBe(0.25);
  expect(told('latency_p50_seconds', 'v4')).toBeCloseTo(0.05, 2);
  expect(told('latency_p99_seconds', 'v4')).toBe((v4.p99Ms as number) / 1000);
  expect(told('latency_p50_seconds', 'v5')).toBe((v5.p50Ms as number) / 1000);
});

test('a version that nobody was sent has no quantile, and the rest of it is 0', async () => {
  const { tests, registry } = watched();
  tests.createTest(byChance('deneb'));
  tests.recordResult('deneb', { ...answered, success: false, latencyMs: 3_000 });
  const series = await scrape(registry);
  expect([...series.keys()].filter((name) => /_p\d\d_seconds/.test(name))).toEqual([]);
  expect(series.get('ab_test_requests_total{test="deneb",version="v4"}')).toBe(1);
  expect(series.get('ab_test_requests_total{test="deneb",version="v5"}')).toBe(0);
});

test('each verdict is told as the one of its values that holds', async () => {
  const { tests, registry } = watched();
  tests.createTest(byChance('deneb'));
  const verdicts = async () => {
    const series = await scrape(registry);
    return ['success_rate', 'latency', 'split'].map((about) => stateOf(series, `ab_test_${about}_verdict`));
  };
  const expected = (success: string, latency: string, split: string) => [
    [`ab_test_success_rate_verdict{test="deneb",verdict="${success}"}`],
    [`ab_test_latency_verdict{test="deneb",verdict="${latency}"}`],
    [`ab_test_split_verdict{test="deneb",verdict="${split}"}`],
  ];
  expect(await verdicts()).toEqual(expected('not_enough_data', 'not_enough_data', 'not_enough_data'));
  for (let i = 0; i < 400; i += 1) {
    tests.recordResult('deneb', { ...answered, latencyMs: 20 + (i % 5) });
    tests.recordResult('deneb', { ...answered, version: 'v5', success: i % 2 === 0, latencyMs: 10 + (i % 5) });
  }
  expect(await verdicts()).toEqual(expected('worse', 'better', 'as_planned'));
  for (let i = 0; i < 400; i += 1) tests.recordResult('deneb', answered);
  expect((await verdicts())[2]).toEqual(['ab_test_split_verdict{test="deneb",verdict="mismatch"}']);
});

test('where a test is in its life is told as the clock and stop have it', async () => {
  const clock = createHandClock(1_000_000);
  const { tests, registry } = watched(new AbTestController({ clock }));
  tests.createTest(byChance('later', { startMs: 2_000_000 }));
  tests.createTest(byChance('ended'));
  const states = async () => stateOf(await scrape(registry), 'ab_test_status');
  const both = (later: string, ended: string) => [
    `ab_test_status{test="later",status="${later}"}`,
    `ab_test_status{test="ended",status="${ended}"}`,
  ];
  expect(await states()).toEqual(both('planned', 'running'));
  tests.stop('ended');
  clock.nowIs(2_000_000);
  expect(await states()).toEqual(both('running', 'stopped'));
  clock.nowIs(2_000_000 + hourMs);
  expect(await states()).toEqual(both('over', 'stopped'));
});

test('what did not become part of a test is counted by why', async () => {
  const { tests, registry } = watched();
  const leftOut = async () => {
    const series = await scrape(registry);
    const reasons = ['unknown_name', 'outside_time', 'without_session', 'unattributed'];
    return reasons.map((reason) => series.get(`ab_test_left_out_total{reason="${reason}"}`));
  };
  expect(await leftOut()).toEqual([0, 0, 0, 0]);
  tests.shouldUseV5('nobody knows it', 'session');
  tests.createTest(byChance('later', { startMs: systemClock.nowMs() + hourMs }));
  tests.recordResult('later', answered);
  tests.recordResult('later', answered);
  tests.createTest({ name: 'sticky', v5Percent: 50, durationMs: hourMs });
  for (let i = 0; i < 3; i += 1) tests.shouldUseV5('sticky');
  expect(await leftOut()).toEqual([1, 2, 3, 0]);
});

test('a test that made room for another is told no more, and there are never more than 32', async () => {
  const { tests, registry } = watched();
  for (let i = 0; i < 100; i += 1) {
    tests.createTest(byChance(`test-${i}`));
    tests.recordResult(`test-${i}`, answered);
    tests.stop(`test-${i}`);
  }
  const series = await scrape(registry);
  const names = new Set([...series.keys()].flatMap((name) => name.match(/test="([^"]+)"/)?.[1] ?? []));
  expect([...names]).toEqual(Array.from({ length: 32 }, (_, i) => `test-${68 + i}`));
});

test('whatever is asked and recorded, names nobody knows and sessions make no series, and every figure is finite', async () => {
  const name = fc.oneof(fc.constantFrom('deneb', 'sticky'), fc.string());
  const latencyMs = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.MIN_VALUE, Number.MAX_VALUE, null));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(name, fc.boolean(), fc.boolean(), latencyMs, fc.string()), { maxLength: 50 }),
      async (asked) => {
        const { tests, registry } = watched();
        tests.createTest(byChance('deneb'));
        tests.createTest({ name: 'sticky', v5Percent: 0, durationMs: hourMs });
        for (const [testName, isV5, success, latency, sessionId] of asked) {
          tests.shouldUseV5(testName, sessionId);
          const sample = { ...answered, version: isV5 ? 'v5' : 'v4', success, latencyMs: latency, sessionId } as const;
          try {
            tests.recordResult(testName, sample);
          } catch (error) {
            expect(error).toBeInstanceOf(CompatError);
          }
        }
        for (const [series, value] of await scrape(registry)) {
          expect(Number.isFinite(value), `${series} ${value}`).toBe(true);
          expect(series).toMatch(/^ab_test_[a-z0-9_]+\{(?:test="(?:deneb|sticky)"|reason="[a-z_]+")/);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('the results of a test are reckoned once a scrape, whatever the number of metrics, and anew at the next', async () => {
  const { tests, registry } = watched();
  tests.createTest(byChance('one'));
  tests.createTest(byChance('other'));
  const read = vi.spyOn(tests, 'getTestResults');
  await scrape(registry);
  expect(read).toHaveBeenCalledTimes(2);
  tests.recordResult('one', answered);
  expect((await scrape(registry)).get('ab_test_requests_total{test="one",version="v4"}')).toBe(1);
  expect(read).toHaveBeenCalledTimes(4);
  await Promise.all([registry.getMetricsAsJSON(), registry.getSingleMetricAsString(table.requests.name)]);
  expect(read).toHaveBeenCalledTimes(6);
});

describe('a registry', () => {
  test('takes one controller, and says so to a second one, which changes nothing', async () => {
    const { tests, registry } = watched();
    tests.createTest(byChance('deneb'));
    const second = new AbTestController();
    second.createTest(byChance('another'));
    const before = await scrape(registry);
    for (const controller of [second, tests])
      expect(() => watchAbTests(registry, controller)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', path: 'registry' }),
      );
    expect(await scrape(registry)).toEqual(before);
  });

  test('tells nothing of a controller whose watch has ended, and takes another one', async () => {
    const { tests, registry, end } = watched();
    tests.createTest(byChance('deneb'));
    end();
    expect([...(await scrape(registry))]).toEqual([]);
    const second = new AbTestController();
    second.createTest(byChance('another'));
    watchAbTests(registry, second);
    end();
    expect((await scrape(registry)).get('ab_test_planned_v5_ratio{test="another"}')).toBe(0.5);
  });

  test('with a metric of the same name is refused, and nothing of ours is registered', () => {
    const registry = new Registry();
    new Gauge({ name: table.leftOut.name, help: 'not ours', registers: [registry] });
    expect(() => watchAbTests(registry, new AbTestController())).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', path: 'registry' }),
    );
    expect(registry.getMetricsAsArray()).toHaveLength(1);
  });

  test.each([
    ['registry', undefined, new AbTestController()],
    ['registry', {}, new AbTestController()],
    ['tests', new Registry(), undefined],
    ['tests', new Registry(), { list: () => [] }],
  ])('that is none, or a controller that is none, is refused: %s', (path, registry, tests) => {
    expect(() => watchAbTests(registry as Registry, tests as AbTestController)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', path }),
    );
  });
});

test.skipIf(!hasPromtool)('promtool finds nothing to mend in what is scraped of tests', async () => {
  const { tests, registry } = watched();
  tests.createTest(byChance('deneb'));
  for (const version of ['v4', 'v5'] as const) tests.recordResult('deneb', { ...answered, version });
  expect(promtool(['check', 'metrics'], await registry.metrics())).toEqual({ status: 0, output: '' });
});
