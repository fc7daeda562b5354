import type { Observation } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createByKind } from '../../../packages/sdk/src/metrics/callKind.js';
import { createCallMetrics } from '../../../packages/sdk/src/metrics/callMetrics.js';
import { observationOf } from '../migration/observations.js';
import { anyObservation } from './anyObservation.js';

const flags = [
  [],
  [{ flagKey: 'lighthouse_v5', problem: 'TYPE_MISMATCH', value: 'yes' }],
  [{ flagKey: 'lighthouse_v5', problem: 'GENERAL', value: '' }],
];
type Decision = Observation['decision'];

/** An observation with some of its fields, or of those of a part, in the place of what it had. */
const differing = (values: fc.Arbitrary<Partial<Observation>>) =>
  values.map(
    (rest) =>
      (seen: Observation): Observation => ({ ...seen, ...rest }),
  );
const partDiffering = (values: fc.Arbitrary<Partial<Observation['answering']>>) =>
  fc.tuple(values, fc.boolean()).map(
    ([rest, isOther]) =>
      (seen: Observation): Observation =>
        isOther
          ? { ...seen, other: seen.other && { ...seen.other, ...rest } }
          : { ...seen, answering: { ...seen.answering, ...rest } },
  );

/** Makes of an observation one that differs in one thing, or in none and is the same in other objects. */
const changed = fc.oneof(
  fc.constant((seen: Observation): Observation => structuredClone(seen)),
  fc
    .record<Partial<Decision>>(
      {
        mode: fc.constantFrom('v4_only', 'v5_primary'),
        reason: fc.constantFrom('FLAG', 'PIN'),
        adapter: fc.constantFrom('v4', 'v5'),
        unusableFlags: fc.constantFrom(...flags),
      },
      { requiredKeys: [] },
    )
    .map(
      (rest) =>
        (seen: Observation): Observation => ({ ...seen, decision: { ...seen.decision, ...rest } }),
    ),
  differing(
    fc.record({
      fallback: fc.constantFrom<Observation['fallback'][]>(null, { cause: 'TIMEOUT' }, { cause: 'CONNECTION_LOST' }),
    }),
  ),
  differing(
    fc.record({
      comparison: fc.constantFrom<Observation['comparison'][]>(
        null,
        { verdict: 'match', differences: [] },
        { verdict: 'critical', differences: [] },
      ),
    }),
  ),
  differing(fc.record({ sharedEngine: fc.boolean() })),
  partDiffering(fc.record({ engine: fc.constantFrom('v4', 'v5', 'shared') })),
  partDiffering(fc.record({ adapter: fc.constantFrom('v4', 'v5') })),
  partDiffering(fc.record({ durationMs: fc.constantFrom(null, 3, 700) })),
  partDiffering(
    fc.record({
      outcome: fc.oneof(
        fc.record({
          kind: fc.constant('answered' as const),
          status: fc.constantFrom('VALID', 'SYNCING', null),
          builtHere: fc.boolean(),
        }),
        fc.record({ kind: fc.constant('dropped' as const), reason: fc.constantFrom('LANE_FULL', 'BOUNDS_FULL') }),
      ),
    }),
  ),
);

test('calls that are counted by what the first of their kind was come to what each comes to by itself', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyObservation, { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(fc.nat(), fc.array(changed, { maxLength: 2 })), { maxLength: 120 }),
      async (pool, sequence) => {
        const [together, each] = [new Registry(), new Registry()];
        const count = createCallMetrics(together);
        createCallMetrics(each);
        for (const [at, changes] of sequence) {
          const seen = changes.reduce(
            (observation, change) => change(observation),
            pool[at % pool.length] as Observation,
          );
          count(seen);
          // One that has counted nothing yet knows no kind.
          createCallMetrics(each)(seen);
        }
        expect(await together.metrics()).toBe(await each.metrics());
      },
    ),
    { numRuns: 150 },
  );
});

test('a kind is made once while its calls come, and the oldest is forgotten for the ninth of an operation', () => {
  const made: number[] = [];
  const ofKind = createByKind(({ answering }) => made.push(answering.durationMs ?? 0));
  const { decision } = observationOf();
  const answeredAfter = (durationMs: number, code: string): Observation =>
    observationOf({ decision, other: { adapter: 'v5', engine: 'v5', durationMs, outcome: { kind: 'failed', code } } });
  for (let call = 0; call < 100; call += 1) ofKind(answeredAfter(call, `CODE_${call % 8}`));
  expect(made).toHaveLength(8);
  ofKind(answeredAfter(1, 'CODE_8'));
  ofKind(answeredAfter(1, 'CODE_7'));
  expect(made).toHaveLength(9);
  ofKind(answeredAfter(1, 'CODE_0'));
  expect(made).toHaveLength(10);
  // Another operation has its own.
  ofKind(observationOf({ operation: 'get_payload' }));
  ofKind(answeredAfter(1, 'CODE_8'));
  expect(made).toHaveLength(11);
});
