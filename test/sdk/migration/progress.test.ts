import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultPlan, type MigrationPlan } from '../../../packages/sdk/src/migration/plan.js';
import { dueAt, progressOf } from '../../../packages/sdk/src/migration/progress.js';
import type { MigrationState } from '../../../packages/sdk/src/migration/state.js';
import { createTransition } from '../../../packages/sdk/src/migration/transition.js';
import { check, events, states } from './samples.js';

const plans: fc.Arbitrary<MigrationPlan> = fc
  .record({
    shares: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 }),
    incrementPoints: fc.integer({ min: 1, max: 100 }),
    firstStepMs: fc.integer({ min: 0, max: 9_000_000 }),
    stepMs: fc.integer({ min: 0, max: 9_000_000 }),
  })
  .map(({ shares, ...rest }) => ({ ...defaultPlan, ...rest, steps: [...shares.toSorted((a, b) => a - b), 100] }));

test('along any plan in which every check passes, progress only rises, from 0 to 1, and nothing moves before it is due', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const transition = createTransition(plan);
      let nowMs = 0;
      let state = states.pre_migration as MigrationState;
      const apply = (event: Parameters<typeof transition>[1]): void => {
        state = transition(state, event, nowMs).state;
      };
      expect(progressOf(state, plan)).toBe(0);
      apply(events.start);
      while (state.kind !== 'complete') {
        const before = { state, progress: progressOf(state, plan) };
        const due = dueAt(state, plan) as number;
        // The parallel phase ends with its comparisons, and a rise with its check; only a step that was reached waits for its time.
        if ((state.kind === 'canary' || state.kind === 'gradual') && state.reachedMs !== null && due > nowMs) {
          nowMs = due - 1;
          apply(check('pass'));
          expect(state).toEqual(before.state);
        }
        nowMs = Math.max(nowMs, due);
        apply(check('pass'));
        expect(progressOf(state, plan)).toBeGreaterThan(before.progress);
      }
      expect(progressOf(state, plan)).toBe(1);
      expect(dueAt(state, plan)).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test('a rollback has no progress, and a paused plan nothing that is due', () => {
  for (const kind of ['rolling_back', 'rolled_back', 'rollback_failed'] as const) {
    expect(progressOf(states[kind], defaultPlan)).toBe(0);
    expect(dueAt(states[kind], defaultPlan)).toBeNull();
  }
  const held = { kind: 'pause', by: 'ada', why: 'night', sinceMs: 2_000 } as const;
  expect(dueAt({ ...states.canary, held }, defaultPlan)).toBeNull();
  expect(dueAt({ ...states.canary, held: { ...held, kind: 'hold' } }, defaultPlan)).toBe(1_000 + 6 * 3_600_000);
});
