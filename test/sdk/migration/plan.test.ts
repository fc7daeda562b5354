import { CompatError } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { parsePlan } from '../../../packages/sdk/src/migration/parsePlan.js';
import { defaultPlan, type MigrationPlanOptions, planDurationMs } from '../../../packages/sdk/src/migration/plan.js';

const hourMs = 3_600_000;

test('a plan without options is the default one', () => {
  expect(parsePlan()).toEqual(defaultPlan);
  expect(parsePlan({ health: {}, parallel: { comparisons: 5 } })).toEqual({
    ...defaultPlan,
    parallel: { ...defaultPlan.parallel, comparisons: 5 },
  });
  expect(parsePlan({ cancunTime: 1_710_338_135n }).cancunTime).toBe(1_710_338_135);
});

test('the default plan takes a parallel phase, six hours, six times two, and a check for each rise', () => {
  expect(planDurationMs(defaultPlan)).toBe(2 * hourMs + 6 * hourMs + 6 * 2 * hourMs + (20 + 2) * 30_000);
});

const problemsOf = (options: unknown): readonly { readonly code: string; readonly path: string }[] => {
  try {
    parsePlan(options as MigrationPlanOptions);
  } catch (error) {
    if (!(error instanceof CompatError)) throw error;
    expect(error.code).toBe('INVALID_PLAN');
    expect(error.path).toBe(error.problems?.[0]?.path);
    for (const { message } of error.problems ?? []) expect(error.message).toContain(message);
    return error.problems ?? [];
  }
  return [];
};

test('everything that is wrong is told at once, each with its path', () => {
  const problems = problemsOf({
    steps: [10, 5, 99.5],
    incrementPoints: 0,
    firstStepMs: '6h',
    health: { errorRatePercent: 101, minimumSamples: 99, windows: 1 },
    parallel: 7,
    cancunTime: -1n,
    fleet: true,
    speed: 'fast',
  });
  expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
    'UNKNOWN_OPTION speed',
    'STEPS_NOT_RISING steps[1]',
    'INVALID_TYPE steps[2]',
    'LAST_STEP_NOT_100 steps[2]',
    'OUT_OF_RANGE incrementPoints',
    'INVALID_TYPE firstStepMs',
    'INVALID_TYPE parallel',
    'OUT_OF_RANGE health.errorRatePercent',
    'OUT_OF_RANGE health.minimumSamples',
    'UNKNOWN_OPTION health.windows',
    'OUT_OF_RANGE cancunTime',
    'FLEET_NEEDS_NODE_STICKINESS stickiness',
  ]);
});

test.each([
  [null, 'INVALID_TYPE plan'],
  [{ steps: [] }, 'INVALID_TYPE steps'],
  [{ steps: [0, 100] }, 'OUT_OF_RANGE steps[0]'],
  [{ health: { falseAlarm: 0 } }, 'OUT_OF_RANGE health.falseAlarm'],
  [{ health: { latencyRegressionPercent: Number.NaN } }, 'INVALID_TYPE health.latencyRegressionPercent'],
  [{ rollbackDeadlineMs: 300_001 }, 'OUT_OF_RANGE rollbackDeadlineMs'],
  [{ fleet: 'yes' }, 'INVALID_TYPE fleet'],
  [{ stickiness: 'session' }, 'INVALID_TYPE stickiness'],
  [{ cancunTime: 'soon' }, 'INVALID_TYPE cancunTime'],
])('%o is refused', (options, problem) => {
  expect(problemsOf(options).map(({ code, path }) => `${code} ${path}`)).toEqual([problem]);
});

test('a fleet goes by the node, since one block must not go to v5 on every node at once', () => {
  expect(parsePlan({ fleet: true, stickiness: 'node' })).toMatchObject({ fleet: true, stickiness: 'node' });
});
