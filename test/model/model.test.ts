import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder } from './answerOrder.js';
import { blocks } from './blocks.js';
import { invariantNames } from './facts.js';
import { allOff } from './flags.js';
import { violationsOf } from './invariants.js';
import { type Action, type Plan, plans } from './plan.js';
import { play } from './run.js';
import { tellHistory } from './tell.js';

const runs = Number(process.env['LIGHTHOUSE_COMPAT_MODEL_RUNS'] ?? 2_000);
const seed = Number(process.env['LIGHTHOUSE_COMPAT_MODEL_SEED'] ?? Date.now() % 2 ** 31);

test(
  'whatever happens in whatever order, the invariants hold',
  async () => {
    process.stdout.write(`model: ${runs} runs, seed ${seed}\n`);
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, async (scheduler, plan) => {
        const history = await play(plan, scheduler);
        const [violation] = violationsOf(history);
        if (violation === undefined) return;
        expect.fail(`[${invariantNames[violation.invariant]}] ${violation.what}\n${tellHistory(history)}`);
      }),
      { numRuns: runs, seed },
    );
  },
  Math.max(60_000, runs * 200),
);

/** More of one action than any run of the model has. */
async function flood(count: number, actionAt: (n: number) => Action) {
  const steps = Array.from({ length: count }, (_none, n) => ({ action: actionAt(n), turns: null }));
  const plan: Plan = {
    setup: {
      topology: 'split_warm',
      stickiness: 'block',
      mode: { kind: 'v4_only' },
      flags: { ...allOff, lighthouse_v5: true },
      flagsTakeTime: false,
      latched: false,
      frozen: null,
      listenerThrows: false,
    },
    isPrimed: false,
    scripts: { v4: [{ says: 'VALID', builds: 'own' }], v5: [{ says: 'VALID', builds: 'own' }] },
    steps,
  };
  const history = await play(plan, inOrder([]));
  return history.events.flatMap((event) => (event.kind === 'quiet' ? [event.stats] : []));
}

test('bounds hold when there are more builds than pins are kept', async () => {
  const forkchoice: Action = { kind: 'forkchoiceUpdated', head: 5, builds: 'next', justified: false, session: null };
  const import5: Action = { kind: 'newPayload', block: 5, session: null };
  const stats = await flood(1_200, (n) =>
    n === 0 ? import5 : n % 2 === 0 ? { kind: 'answer', count: 2 } : forkchoice,
  );
  expect(Math.max(...stats.map(({ payloadPins }) => payloadPins))).toBe(512);
});

test('bounds hold when there are more keys than decisions are kept', async () => {
  const stats = await flood(1_100, (n) => ({ kind: 'decide', of: 'newPayload', block: blocks.firstOfBurst + n }));
  expect(Math.max(...stats.map(({ cachedDecisions }) => cachedDecisions))).toBe(1_024);
});
