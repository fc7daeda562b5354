import type { ArmObservation, Observation, Outcome } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { chosenPart, isUnit, successOf } from '../../../packages/sdk/src/abTest/attribute.js';

const arm = (adapter: 'v4' | 'v5', outcome: Outcome): ArmObservation => ({
  adapter,
  engine: adapter,
  durationMs: outcome.kind === 'answered' || outcome.kind === 'failed' ? 20 : null,
  outcome,
});
const valid: Outcome = { kind: 'answered', status: 'VALID', builtHere: false };

const observation = (changes: Partial<Observation> = {}): Observation => ({
  operation: 'new_payload',
  fork: 'shanghai',
  decision: {
    operation: 'new_payload',
    adapter: 'v5',
    mode: 'v5_primary',
    reason: 'FLAG',
    targetingKey: '0xab',
    flagKey: 'lighthouse_v5_primary',
    variant: 'on',
    bucket: 3,
    unusableFlags: [],
  },
  fallback: null,
  answering: arm('v5', valid),
  other: arm('v4', valid),
  comparison: null,
  bothWhole: true,
  sharedEngine: false,
  ...changes,
});

test.each<[string, Outcome, boolean | null]>([
  ['an answer', valid, true],
  ['a failure', { kind: 'failed', code: 'TIMEOUT' }, false],
  ['a full lane', { kind: 'dropped', reason: 'LANE_FULL' }, false],
  ['bounds that are full', { kind: 'dropped', reason: 'BOUNDS_FULL' }, false],
  ["the caller's abort before the send", { kind: 'dropped', reason: 'ABORTED' }, null],
  ["the caller's abort after it", { kind: 'failed', code: 'ABORTED' }, null],
  ['an instance that was closed', { kind: 'failed', code: 'CLOSED' }, null],
  ['what was not sent again', { kind: 'unneeded' }, null],
  ['what cannot be sent', { kind: 'unsupported' }, null],
])('%s of the arm that was chosen counts for what it is', (_what, outcome, success) => {
  const part = chosenPart(observation({ answering: arm('v5', outcome) }));
  expect(part).toEqual(arm('v5', outcome));
  expect(successOf(part as ArmObservation)).toBe(success);
});

test.each(['FLAG', 'CONFIGURED'] as const)('a call that %s decided is a unit of the split', (reason) => {
  const { decision } = observation();
  const decided = observation({ decision: { ...decision, reason } });
  expect(chosenPart(decided)).toEqual(arm('v5', valid));
  expect(isUnit(decided)).toBe(true);
});

test.each(['FORK', 'ROLLBACK_LATCH', 'OUT_OF_STEP', 'FLAG_TIMEOUT', 'STANDBY_COLD'] as const)(
  'a call that %s decided is left out',
  (reason) => {
    const { decision } = observation();
    expect(chosenPart(observation({ decision: { ...decision, reason } }))).toBeNull();
  },
);

test('a call of which the chosen version had no part is left out', () => {
  expect(chosenPart(observation({ answering: arm('v4', valid), other: null }))).toBeNull();
});

test("a call that follows an earlier one counts, without being a unit of the split; what v5 fails is v5's although v4 answered", () => {
  const { decision } = observation();
  const follows = observation({ decision: { ...decision, reason: 'PIN' } });
  expect(chosenPart(follows)).toEqual(arm('v5', valid));
  expect(isUnit(follows)).toBe(false);
  const failed = arm('v5', { kind: 'failed', code: 'TIMEOUT' });
  expect(chosenPart(observation({ answering: arm('v4', valid), other: failed }))).toBe(failed);
});
