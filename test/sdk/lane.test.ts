import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../packages/sdk/src/clock.js';
import { createLane, type Lane, type LaneEntry } from '../../packages/sdk/src/engine/lane.js';

const roomy = { maxCalls: 1_000, maxBytes: 1_000_000 };

/** Enters a task that the lane runs when its turn has come; undefined when the lane is full. */
function enter(lane: Lane, task: () => Promise<void>, bytes = 1): LaneEntry | undefined {
  const entry: LaneEntry = {
    bytes,
    enteredAtMs: Number.NaN,
    reach: () => {
      void task().finally(() => lane.end());
    },
  };
  return lane.enter(entry) ? entry : undefined;
}

const nothing = async (): Promise<void> => {};

test('entries are reached alone and in the order in which their places were taken, without those that were removed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('run', 'remove', 'fail'), { maxLength: 12 }),
      async (scheduler, plan) => {
        const lane = createLane(roomy, systemClock);
        const begun: number[] = [];
        let running = 0;
        const entries = plan.map((_what, index) =>
          enter(lane, async () => {
            begun.push(index);
            running += 1;
            expect(running).toBe(1);
            await scheduler.schedule(Promise.resolve(), `work ${index}`).catch(() => {});
            running -= 1;
          }),
        );
        expect(begun).toEqual([]);
        const removed = new Set(
          plan.flatMap((what, index) => {
            const entry = entries[index];
            return what === 'remove' && entry !== undefined && lane.remove(entry) ? [index] : [];
          }),
        );
        lane.advance();
        lane.advance();
        await scheduler.waitFor(lane.settled());
        expect(begun).toEqual(plan.flatMap((_what, index) => (removed.has(index) ? [] : [index])));
        expect([lane.calls(), lane.bytes()]).toEqual([0, 0]);
      },
    ),
  );
});

test('a lane is full at its bound of calls, the one being served included, and has room again when one ends', () => {
  const lane = createLane({ maxCalls: 2, maxBytes: 100 }, systemClock);
  const served: LaneEntry = { bytes: 1, enteredAtMs: Number.NaN, reach: () => {} };
  expect(lane.enter(served)).toBe(true);
  lane.advance();
  expect(enter(lane, nothing)).toBeDefined();
  expect(enter(lane, nothing)).toBeUndefined();
  expect(lane.remove(served)).toBe(false);
  lane.end();
  expect(enter(lane, nothing)).toBeDefined();
});

test('a lane is full at its bound of bytes, but one call of any size passes an empty lane', () => {
  const lane = createLane({ maxCalls: 10, maxBytes: 100 }, systemClock);
  expect(enter(lane, nothing, 500)).toBeDefined();
  expect(enter(lane, nothing, 1)).toBeUndefined();
  const other = createLane({ maxCalls: 10, maxBytes: 100 }, systemClock);
  expect(enter(other, nothing, 60)).toBeDefined();
  expect(enter(other, nothing, 41)).toBeUndefined();
  expect(enter(other, nothing, 40)).toBeDefined();
});

test('ending an empty lane does nothing', async () => {
  const lane = createLane(roomy, systemClock);
  lane.end();
  await lane.settled();
  expect(lane.calls()).toBe(0);
});
