import { expect, test } from 'vitest';
import { inOrder } from './answerOrder.js';
import type { Script } from './engines.js';
import { allOff } from './flags.js';
import type { FlagSettings, Setup } from './history.js';
import { violationsOf } from './invariants.js';
import type { Action, Plan, Step } from './plan.js';
import { play } from './run.js';

// What the model has found, each as the shortest run that showed it.

const valid: Script = { says: 'VALID', builds: 'own' };
const validWithoutId: Script = { says: 'VALID', builds: 'none' };
const invalid: Script = { says: 'INVALID', builds: 'none' };
const broken: Script = { says: 'bug', builds: 'none' };

const usual: Setup = {
  topology: 'split_warm',
  stickiness: 'block',
  mode: { kind: 'v4_only' },
  flags: null,
  flagsTakeTime: false,
  latched: false,
  frozen: null,
  listenerThrows: false,
};
const on = (settings: Partial<FlagSettings>): FlagSettings => ({ ...allOff, lighthouse_v5: true, ...settings });

const newPayload = (block: number): Action => ({ kind: 'newPayload', block, session: null });
const forkchoice = (head: number, more: { readonly builds?: boolean; readonly justified?: boolean } = {}): Action => ({
  kind: 'forkchoiceUpdated',
  head,
  builds: more.builds === true ? 'next' : 'no',
  justified: more.justified === true,
  session: null,
});
const mode = (kind: 'v4_only' | 'v5_only' | 'parallel'): Action => ({ kind: 'setMode', mode: { kind } });
const rollback: Action = { kind: 'rollback' };
const answer: Action = { kind: 'answer', count: 1 };

const after = (turns: number | null, action: Action): Step => ({ action, turns });
const steps = (...actions: readonly Action[]): readonly Step[] => actions.map((action) => after(null, action));

/** Plays steps on two engines that both have block 3 as their head, VALID, and tells what was broken. */
async function playInStep(
  setup: Partial<Setup>,
  order: readonly string[],
  plan: readonly Step[],
  scripts: Partial<Plan['scripts']> = {},
) {
  const both = { v4: [valid], v5: [valid], ...scripts };
  const whole: Plan = { setup: { ...usual, ...setup }, isPrimed: true, scripts: both, steps: plan };
  return violationsOf(await play(whole, inOrder(['v4', 'v5', 'v4', 'v5', ...order])));
}

/** Plays steps on engines of which nothing is known. */
async function playAnew(
  setup: Partial<Setup>,
  order: readonly string[],
  plan: readonly Step[],
  scripts: Partial<Plan['scripts']> = {},
) {
  const both = { v4: [valid], v5: [valid], ...scripts };
  const whole: Plan = { setup: { ...usual, ...setup }, isPrimed: false, scripts: both, steps: plan };
  return violationsOf(await play(whole, inOrder(order)));
}

test('an observation is frozen also where it tells of an unusable flag', async () => {
  const flags = on({ lighthouse_parallel_mode: { broken: 'throws' } });
  expect(await playAnew({ flags }, [], steps(newPayload(3)))).toEqual([]);
});

test('a call turned to an engine that has answered its copy is observed, though the other engine needs no copy', async () => {
  const plan = steps(newPayload(3), forkchoice(3), answer, answer, mode('v5_only'), answer);
  expect(await playInStep({}, ['v5', 'v5', 'v4'], plan, { v5: [broken, valid] })).toEqual([]);
});

test('a forkchoice without attributes that its engine has just called VALID is answered so, and not superseded', async () => {
  const plan = steps(newPayload(3), forkchoice(3), answer, forkchoice(5), rollback, answer);
  expect(await playInStep({ mode: { kind: 'v5_only' } }, ['v4', 'v5'], plan)).toEqual([]);
});

test('a get_payload that was given up while its flags were asked is not sent', async () => {
  const plan = steps(
    { kind: 'getPayload', pick: 0, known: false, session: null },
    { kind: 'abort', pick: 0 },
    { kind: 'answer', count: 9 },
  );
  expect(await playAnew({ flags: on({}), flagsTakeTime: true }, [], plan)).toEqual([]);
});

test('no decision mixes two states of the flags, whenever they change while they are asked', async () => {
  for (let turns = 0; turns < 40; turns += 1) {
    const plan = [
      after(turns, newPayload(3)),
      after(0, { kind: 'setFlag', flag: 'lighthouse_parallel_mode', setting: true, isSilent: false }),
      after(null, { kind: 'setFlag', flag: 'lighthouse_v5_primary', setting: false, isSilent: false }),
    ];
    const setup: Partial<Setup> = { mode: { kind: 'v5_only' }, flags: on({ lighthouse_v5_primary: true }) };
    expect(await playAnew(setup, [], plan), `after ${turns} turns`).toEqual([]);
  }
});

test('a call for which the engine that answers has no room is refused at once, not when the other engine reaches it', async () => {
  const plan = steps(newPayload(3), answer, { kind: 'burst', of: 'newPayload' });
  expect(await playAnew({}, ['v5'], plan)).toEqual([]);
});

test('a forkchoice that one engine has got as a copy reaches the other too, though v4 cannot express it and the caller is refused', async () => {
  const plan = steps(newPayload(4), forkchoice(4, { justified: true }), answer, mode('v4_only'), answer);
  expect(await playInStep({ mode: { kind: 'v5_only' } }, ['v4', 'v5'], plan)).toEqual([]);
});

test('calls that a rollback turns to a cold standby reach it in the order in which they were made', async () => {
  const plan = steps(newPayload(3), newPayload(4), forkchoice(4), rollback, answer);
  expect(await playAnew({ topology: 'split_cold', mode: { kind: 'v5_only' } }, ['v5'], plan)).toEqual([]);
});

test('a call made after a rollback does not overtake those that the rollback turns to a cold standby', async () => {
  const plan = steps(newPayload(3), newPayload(4), rollback, newPayload(5), answer);
  expect(await playAnew({ topology: 'split_cold', mode: { kind: 'v5_only' } }, ['v5'], plan)).toEqual([]);
});

test('an engine that has been asked to build gets the attributes no second time, though it gave no id', async () => {
  const plan = steps(newPayload(4), forkchoice(4, { builds: true }), answer, answer, mode('v5_only'), answer);
  const scripts = { v5: [valid, validWithoutId] };
  expect(await playInStep({ mode: { kind: 'parallel' } }, ['v5', 'v5', 'v4'], plan, scripts)).toEqual([]);
});

test('the presence of an id is compared only where both engines were given the attributes', async () => {
  const plan = steps(newPayload(4), forkchoice(4, { builds: true }), answer, mode('parallel'), answer, answer);
  const scripts = { v5: [valid, invalid] };
  expect(await playInStep({ mode: { kind: 'v5_only' } }, ['v4', 'v4', 'v5', 'v5'], plan, scripts)).toEqual([]);
});

test('drain waits for a send that took a new place after its engine had nothing more to do', async () => {
  const plan = steps(
    newPayload(4),
    forkchoice(4, { builds: true }),
    { kind: 'drain', deadlineMs: 60_000 },
    answer,
    answer,
    mode('v5_only'),
    answer,
    answer,
  );
  expect(await playInStep({}, ['v5', 'v5', 'v4', 'v4'], plan)).toEqual([]);
});

test('a rollback counts for every call that has not been sent when it returns, in whatever turn it comes', async () => {
  for (const topology of ['split_warm', 'shared'] as const) {
    for (let turns = 0; turns < 40; turns += 1) {
      const setup: Partial<Setup> = { topology, flags: on({ lighthouse_v5_primary: true }) };
      const plan = [after(turns, newPayload(3)), after(null, rollback)];
      expect(await playAnew(setup, [], plan), `${topology} after ${turns} turns`).toEqual([]);
    }
  }
});

test('a build that waits for a new place at v5 is not sent there after a rollback', async () => {
  const plan = steps(
    newPayload(4),
    forkchoice(4, { builds: true }),
    newPayload(5),
    answer,
    answer,
    mode('v5_only'),
    answer,
    rollback,
    answer,
  );
  expect(await playInStep({}, ['v5', 'v5', 'v4', 'v5'], plan)).toEqual([]);
});

test('a build that is turned back to v5 before v5 has reached its place is still turned by the next rollback', async () => {
  const plan = steps(
    newPayload(4),
    forkchoice(4, { builds: true }),
    answer,
    rollback,
    { kind: 'clearLatch' },
    answer,
    rollback,
    answer,
  );
  const scripts = { v5: [valid, invalid] };
  expect(await playInStep({ mode: { kind: 'v5_only' } }, ['v4', 'v4', 'v5', 'v5'], plan, scripts)).toEqual([]);
});

test('a fallback whose time is over when its new place is reached is sent nowhere', async () => {
  const plan = steps(
    newPayload(4),
    forkchoice(4, { builds: true }),
    newPayload(3),
    { kind: 'answer', count: 3 },
    { kind: 'advance', ms: 8_000 },
    { kind: 'advance', ms: 1 },
  );
  expect(await playAnew({ mode: { kind: 'v5_primary' } }, ['v4', 'v5', 'v4'], plan)).toEqual([]);
});

test('a fetch that its caller has given up is under way until its engine answers, beside as many comparisons as may be', async () => {
  const fetch: Action = { kind: 'getPayload', pick: 0, known: true, session: null };
  const plan = steps(
    newPayload(3),
    forkchoice(3, { builds: true }),
    answer,
    answer,
    ...Array.from({ length: 9 }, () => fetch),
    { kind: 'answer', count: 8 },
    { kind: 'abort', pick: 0 },
    { kind: 'answer', count: 9 },
  );
  // v5 is behind, so that what it builds is not known yet and the comparisons wait for it.
  const order = Array.from({ length: 10 }, () => 'v4');
  expect(await playAnew({ mode: { kind: 'parallel' } }, order, plan)).toEqual([]);
});
