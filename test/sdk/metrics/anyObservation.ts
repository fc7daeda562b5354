import type { Observation } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { arm, observationOf } from '../migration/observations.js';

const outcome: fc.Arbitrary<Observation['answering']['outcome']> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('answered' as const),
      status: fc.constant('VALID' as const),
      builtHere: fc.boolean(),
    }),
  },
  fc.record({
    kind: fc.constant('failed' as const),
    code: fc.constantFrom(
      'TIMEOUT',
      'ABORTED',
      'CLOSED',
      'INVALID_PARAMS',
      'RPC_ERROR',
      'CONNECTION_FAILED',
      'LANE_FULL',
    ),
  }),
  fc.constant({ kind: 'unneeded' as const }),
  fc.constant({ kind: 'unsupported' as const }),
  fc.constant({ kind: 'dropped' as const, reason: 'LANE_FULL' as const }),
);
const durationMs = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0.01, max: 8_000, noNaN: true }));
const verdict = fc.constantFrom(
  'match',
  'mismatch',
  'critical',
  'pending',
  'v4_error',
  'v5_error',
  'both_errors',
  'unsupported',
  'not_compared',
) satisfies fc.Arbitrary<NonNullable<Observation['comparison']>['verdict']>;

/** Any observation, also of what no call comes to. */
export const anyObservation: fc.Arbitrary<Observation> = fc
  .record({
    operation: fc.constantFrom('new_payload', 'forkchoice_updated', 'get_payload'),
    answersV5: fc.boolean(),
    one: fc.tuple(durationMs, outcome),
    two: fc.option(fc.tuple(durationMs, outcome)),
    comparison: fc.option(
      fc.record({ verdict, differences: fc.constantFrom([], [{ path: 'code', v4: '1', v5: '2' }]) }),
    ),
    bothWhole: fc.boolean(),
    sharedEngine: fc.boolean(),
  })
  .map(({ operation, answersV5, one, two, comparison, bothWhole, sharedEngine }) =>
    observationOf({
      operation,
      answering: arm(answersV5 ? 'v5' : 'v4', ...one),
      other: two === null ? null : arm(answersV5 ? 'v4' : 'v5', ...two),
      comparison,
      bothWhole,
      sharedEngine,
    }),
  );
