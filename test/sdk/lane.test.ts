import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLane } from '../../packages/sdk/src/engine/lane.js';

const roomy = { maxCalls: 1_000, maxBytes: 1_000_000 };

test('tasks run alone and in the order in which their places were taken, whatever comes ready first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('run', 'leave', 'fail'), { maxLength: 12 }),
      async (scheduler, plan) => {
        const lane = createLane(roomy);
        const begun: number[] = [];
        let running = 0;
        const places = plan.map(() => lane.enter(1));
        const ends = plan.map(async (what, index) => {
          await scheduler.schedule(Promise.resolve(), `ready ${index}`);
          const place = places[index];
          if (what === 'leave') {
            place?.leave();
            return;
          }
          await place
            ?.run(async () => {
              begun.push(index);
              running += 1;
              expect(running).toBe(1);
              await scheduler.schedule(Promise.resolve(), `work ${index}`);
              running -= 1;
              if (what === 'fail') throw new Error('failed');
            })
            .catch(() => {});
        });
        await scheduler.waitFor(Promise.all(ends));
        await lane.settled();
        expect(begun).toEqual(plan.flatMap((what, index) => (what === 'leave' ? [] : [index])));
      },
    ),
  );
});

test('a lane is full at its bound of calls and has room again when one ends', async () => {
  const lane = createLane({ maxCalls: 2, maxBytes: 100 });
  const first = lane.enter(1);
  const second = lane.enter(1);
  expect(lane.enter(1)).toBeUndefined();
  await first?.run(async () => {});
  expect(lane.enter(1)).toBeDefined();
  second?.leave();
});

test('a lane is full at its bound of bytes, but one call of any size passes an empty lane', () => {
  const lane = createLane({ maxCalls: 10, maxBytes: 100 });
  expect(lane.enter(500)).toBeDefined();
  expect(lane.enter(1)).toBeUndefined();
  const other = createLane({ maxCalls: 10, maxBytes: 100 });
  expect(other.enter(60)).toBeDefined();
  expect(other.enter(41)).toBeUndefined();
  expect(other.enter(40)).toBeDefined();
});

test('the result or error of a task comes out of its place', async () => {
  const lane = createLane(roomy);
  await expect(lane.enter(1)?.run(async () => 7)).resolves.toBe(7);
  const error = new Error('no');
  await expect(lane.enter(1)?.run(() => Promise.reject(error))).rejects.toBe(error);
});
