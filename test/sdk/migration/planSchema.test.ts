import { CompatError, defaultPlan, parsePlan, planSchema } from '@lighthouse-compat/sdk';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const isAllowed = new Ajv({ strict: true, strictTypes: false, allowUnionTypes: true }).compile(planSchema);

/** What hangs together between two options no schema says. */
const beyondTheSchema = ['STEPS_NOT_RISING', 'LAST_STEP_NOT_100', 'FLEET_NEEDS_NODE_STICKINESS'];

function problemsOf(options: object): readonly string[] {
  try {
    parsePlan(options);
    return [];
  } catch (error) {
    if (!(error instanceof CompatError)) throw error;
    return (error.problems ?? []).map(({ code }) => code);
  }
}

const value = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    'block',
    'node',
    '5',
    0,
    1,
    50,
    99,
    100,
    101,
    200,
    1_000,
    300_000,
    300_001,
    -1,
    0.5,
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.array(fc.constantFrom(0, 1, 5, 50, 100, 101, 2.5, '5', null), { maxLength: 4 }),
);
const group = (of: object) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.dictionary(fc.constantFrom(...Object.keys(of), 'typo'), value, { maxKeys: 3 }) },
    {
      weight: 1,
      arbitrary: value,
    },
  );
const options = fc
  .record({
    flat: fc.dictionary(fc.constantFrom(...Object.keys(defaultPlan), 'typo'), value, { maxKeys: 3 }),
    parallel: fc.option(group(defaultPlan.parallel), { nil: undefined }),
    health: fc.option(group(defaultPlan.health), { nil: undefined }),
  })
  .map(({ flat, parallel, health }) => ({
    ...flat,
    ...(parallel === undefined ? {} : { parallel }),
    ...(health === undefined ? {} : { health }),
  }));

test('the schema takes what the plan takes, and nothing else', () => {
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(options, (each) => {
      const taken = isAllowed(each);
      seen[taken ? 'taken' : 'refused'] += 1;
      const problems = problemsOf(each).filter((code) => !beyondTheSchema.includes(code));
      expect({ each, taken }).toEqual({ each, taken: problems.length === 0 });
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(50);
});

test('every option has its default in the schema, and says what it is', () => {
  type Shape = { properties?: Record<string, Shape>; default?: unknown; description?: string };
  const filled = ({ properties = {}, ...own }: Shape): unknown =>
    'default' in own
      ? own.default
      : Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, filled(each)]));
  expect(filled(planSchema as Shape)).toEqual(defaultPlan);
  const described = ({ properties = {}, description }: Shape): boolean =>
    description !== undefined && Object.values(properties).every(described);
  expect(described(planSchema as Shape)).toBe(true);
});
