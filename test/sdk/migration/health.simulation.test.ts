import { describe, expect, test } from 'vitest';
import { judge } from '../../../packages/sdk/src/migration/health/judge.js';
import { observationHealth } from '../../../packages/sdk/src/migration/health/observationHealth.js';
import { parsePlan } from '../../../packages/sdk/src/migration/parsePlan.js';
import { initialState, type MigrationState } from '../../../packages/sdk/src/migration/state.js';
import { createTransition } from '../../../packages/sdk/src/migration/transition.js';
import { type Random, randomOf } from '../../support/random.js';
import { printedSeed } from '../../support/seed.js';
import { arm, createManualClock, createPublisher, observationOf } from './observations.js';
import { events, fine } from './samples.js';

const runs = Number(process.env['LIGHTHOUSE_COMPAT_SIMULATION_RUNS'] ?? 5);
const seed = printedSeed('health simulation');
const plan = parsePlan();
const transition = createTransition(plan);

/** How a node is: rates of v5 and v4 as shares, `slower` as a share, deviations of the log latency. */
type Node = {
  readonly v5Errors: number;
  readonly v4Errors: number;
  readonly differ: number;
  readonly slower: number;
  /** Of a block, which both engines share, and of each engine's own. */
  readonly deviation: { readonly block: number; readonly own: number };
};

const healthy: Node = {
  v5Errors: 0.001,
  v4Errors: 0.001,
  differ: 0.001,
  slower: 0,
  deviation: { block: 0.4, own: 0.15 },
};

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const failed = { kind: 'failed', code: 'TIMEOUT' } as const;

/** Publishes one slot of a node that proposes no block: a payload and a forkchoice, each at both engines, `share` of them answered by v5. */
function slot(publish: ReturnType<typeof createPublisher>['publish'], node: Node, share: number, random: Random): void {
  const answering = random() < share ? 'v5' : 'v4';
  for (const operation of ['new_payload', 'forkchoice_updated'] as const) {
    const work = 60 * Math.exp(node.deviation.block * gaussian(random));
    const part = (version: 'v4' | 'v5') => {
      const factor = version === 'v5' ? 1 + node.slower : 1;
      const isFailed = random() < (version === 'v5' ? node.v5Errors : node.v4Errors);
      return arm(
        version,
        work * factor * Math.exp(node.deviation.own * gaussian(random)),
        ...(isFailed ? [failed] : []),
      );
    };
    const parts = { v4: part('v4'), v5: part('v5') };
    const verdict = random() < node.differ ? 'mismatch' : 'match';
    publish(
      observationOf({
        operation,
        answering: parts[answering],
        other: parts[answering === 'v5' ? 'v4' : 'v5'],
        comparison: { verdict, differences: [] },
      }),
    );
  }
}

const slotMs = 12_000;
const shareOf = (state: MigrationState): number =>
  state.kind === 'canary' ? state.percent / 100 : state.kind === 'gradual' ? state.current / 100 : 1;

/** A whole plan at a node's own pace: a slot every 12 s, a check every 30 s, until it is complete or rolled back. */
async function wholePlan(node: Node, random: Random): Promise<{ state: MigrationState; checks: number }> {
  const publisher = createPublisher();
  const clock = createManualClock();
  const source = observationHealth(publisher, { clock, windowMs: plan.health.windowMs });
  let state = transition(initialState, events.start, 0).state;
  let checks = 0;
  let slotAtMs = 0;
  while (state.kind !== 'complete' && state.kind !== 'rolling_back' && state.held === null) {
    const checkAtMs = (checks + 1) * plan.checkEveryMs;
    while (slotAtMs < checkAtMs) {
      clock.advance(slotAtMs - clock.nowMs());
      slot(publisher.publish, node, state.kind === 'parallel_testing' ? 0 : shareOf(state), random);
      slotAtMs += slotMs;
    }
    clock.advance(checkAtMs - clock.nowMs());
    checks += 1;
    const sample = await source.sample();
    if (sample === null) throw new Error('there is always a sample');
    const { state: next } = transition(
      state,
      { type: 'check', check: judge(sample, plan), facts: fine, parallel: sample.comparisonsSinceReset },
      clock.nowMs(),
    );
    const isChange = next.kind !== state.kind || shareOf(next) !== shareOf(state);
    state = next;
    if (isChange) source.reset();
  }
  source.close();
  return { state, checks };
}

test(`of ${runs} whole plans of a healthy v5 no more are rolled back than the plan promises, and the rest are completed`, async () => {
  let rolledBack = 0;
  let completed = 0;
  let checks = 0;
  for (let run = 0; run < runs; run += 1) {
    const { state, checks: made } = await wholePlan(healthy, randomOf(seed + run));
    checks += made;
    if (state.kind === 'rolling_back') rolledBack += 1;
    if (state.kind === 'complete') completed += 1;
  }
  process.stdout.write(`healthy: ${runs} plans, ${checks} checks, ${rolledBack} rolled back, ${completed} completed\n`);
  // Above the promise by what chance leaves to so many runs: three deviations.
  const promised = plan.health.falseAlarm;
  expect(rolledBack / runs).toBeLessThanOrEqual(promised + 3 * Math.sqrt((promised * (1 - promised)) / runs));
  expect(completed + rolledBack).toBe(runs);
}, 7_200_000);

/** Whether three checks, the first at so many attempts and the others 30 s apart, are a rollback at 10 % of the traffic. */
async function isCaught(node: Node, attempts: number, random: Random): Promise<boolean> {
  const publisher = createPublisher();
  const clock = createManualClock();
  const source = observationHealth(publisher, { clock, windowMs: plan.health.windowMs });
  // Enough traffic for the sample to be there within a window.
  for (let slots = 0; slots < attempts / 2; slots += 1) slot(publisher.publish, node, 0.1, random);
  let state: MigrationState = {
    kind: 'gradual',
    current: 10,
    target: 10,
    step: 2,
    sinceMs: 0,
    reachedMs: 0,
    held: null,
    streak: { fails: 0, unsureSinceMs: null },
    run: { startedMs: 0, rollbacks: 0 },
  };
  for (let checks = 0; checks < plan.health.failingChecks; checks += 1) {
    const sample = await source.sample();
    if (sample === null) throw new Error('there is always a sample');
    ({ state } = transition(
      state,
      { type: 'check', check: judge(sample, plan), facts: fine, parallel: null },
      clock.nowMs(),
    ));
    clock.advance(plan.checkEveryMs);
    for (let slots = 0; slots < 3; slots += 1) slot(publisher.publish, node, 0.1, random);
  }
  source.close();
  return state.kind === 'rolling_back';
}

const detections = Math.max(400, runs);

describe(`in ${detections} runs`, () => {
  test.each<[string, number, number, Partial<Node>]>([
    ['an error rate of 2 % is caught by 800 attempts', 800, 0.95, { v5Errors: 0.02 }],
    ['an error rate of 5 % is caught by the minimum sample', 200, 0.85, { v5Errors: 0.05 }],
    ['an error rate of 10 % is caught by the minimum sample', 200, 0.95, { v5Errors: 0.1 }],
    ['a slowdown of 10 % is caught by 320 durations', 320, 0.95, { slower: 0.1 }],
    [
      'a slowdown of 10 % of engines that scatter twice as much is caught by 450 durations',
      450,
      0.95,
      { slower: 0.1, deviation: { block: 0.4, own: 0.21 } },
    ],
    ['2 % of the answers differing is caught by 800 comparisons', 800, 0.95, { differ: 0.02 }],
  ])(
    '%s, within three checks',
    async (_what, attempts, share, node) => {
      let caught = 0;
      for (let run = 0; run < detections; run += 1)
        if (await isCaught({ ...healthy, ...node }, attempts, randomOf(seed + 31 * run))) caught += 1;
      process.stdout.write(`${_what}: ${((100 * caught) / detections).toFixed(1)} %\n`);
      expect(caught / detections).toBeGreaterThanOrEqual(share);
    },
    600_000,
  );
});
