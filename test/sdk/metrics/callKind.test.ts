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

/** An observation with some of its fields, or of those of a part, in the place of what it had. */
const differing = (values: fc.Arbitrary<Partial<Observation>>) =>
  values.map(
    (rest) =>
      (seen: Observation): Observation => ({ ...seen, ...rest }),
  );
const decidedOtherwise = (values: fc.Arbitrary<Partial<Observation['decision']>>) =>
  values.map(
    (rest) =>
      (seen: Observation): Observation => ({ ...seen, decision: { ...seen.decision, ...rest } }),
  );
const partDiffering = (values: fc.Arbitrary<Partial<Observation['answering']>>) =>
  fc.tuple(values, fc.boolean()).map(
    ([rest, isOther]) =>
      (seen: Observation): Observation =>
        isOther
          ? { ...seen, other: seen.other && { ...seen.other, ...rest } }
          : { ...seen, answering: { ...seen.answering, ...rest } },
  );

const failed = fc.record({
  kind: fc.constant('failed' as const),
  code: fc.constantFrom('TIMEOUT', 'ABORTED', 'LANE_FULL', 'CLOSED', 'INVALID_PARAMS'),
});

/** Makes of an observation one that differs in one thing, or in none and is the same in other objects. */
const changed = fc.oneof(
  fc.constant((seen: Observation): Observation => structuredClone(seen)),
  decidedOtherwise(fc.record({ mode: fc.constantFrom('v4_only', 'v5_primary') })),
  decidedOtherwise(fc.record({ reason: fc.constantFrom('FLAG', 'PIN') })),
  decidedOtherwise(fc.record({ adapter: fc.constantFrom('v4', 'v5') })),
  decidedOtherwise(fc.record({ unusableFlags: fc.constantFrom(...flags) })),
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
        { verdict: 'both_errors', differences: [] },
        { verdict: 'both_errors', differences: [{ path: 'code', v4: '1', v5: '2' }] },
      ),
    }),
  ),
  differing(fc.record({ sharedEngine: fc.boolean() })),
  differing(fc.record({ bothWhole: fc.boolean(), fork: fc.constantFrom('paris', 'shanghai') })),
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
        failed,
      ),
    }),
  ),
);

/** Both parts fail, as they do where it is the call that is at fault. */
const bothFailing = fc.tuple(anyObservation, failed, failed).map(
  ([seen, one, two]): Observation => ({
    ...seen,
    answering: { ...seen.answering, outcome: one },
    other: seen.other && { ...seen.other, outcome: two },
    comparison: { verdict: 'both_errors', differences: [] },
  }),
);

test('calls that are counted by what the first of their kind was come to what each comes to by itself', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(anyObservation, bothFailing), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), fc.array(changed, { maxLength: 1 })), { minLength: 60, maxLength: 120 }),
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

test('a kind is made once while its calls come, and of more than eight the one that came least is made again', () => {
  let made = 0;
  const ofKind = createByKind(() => {
    made += 1;
  });
  const failedWith = (code: string): Observation =>
    observationOf({ other: { adapter: 'v5', engine: 'v5', durationMs: made, outcome: { kind: 'failed', code } } });
  const codes = Array.from({ length: 8 }, (_, n) => `CODE_${n}`);
  for (let round = 0; round < 10; round += 1) for (const code of codes) ofKind(failedWith(code));
  expect(made).toBe(8);
  for (let often = 0; often < 8; often += 1) ofKind(failedWith('CODE_7'));
  for (const rare of ['RARE_1', 'RARE_2', 'RARE_3']) {
    ofKind(failedWith(rare));
    ofKind(failedWith('CODE_7'));
  }
  expect(made).toBe(11);
  // Another operation has its own.
  ofKind(observationOf({ operation: 'get_payload' }));
  ofKind(failedWith('CODE_7'));
  expect(made).toBe(12);
});
