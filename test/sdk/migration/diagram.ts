import type { MigrationEvent } from '../../../packages/sdk/src/migration/event.js';
import { parsePlan } from '../../../packages/sdk/src/migration/parsePlan.js';
import type { MigrationState } from '../../../packages/sdk/src/migration/state.js';
import { createTransition } from '../../../packages/sdk/src/migration/transition.js';
import { check, events, states } from './samples.js';

const plan = parsePlan({ firstStepMs: 1, stepMs: 1 });
const laterMs = 1_000_000;

/** The events as a reader of the diagram knows them. */
const happenings: readonly (readonly [string, MigrationEvent])[] = [
  ['start', events.start],
  ['passing check', check('pass')],
  ['failing checks', check('fail')],
  ['promote', events.promote],
  ['rollback, abort', events.rollback],
  ['verified', events.verified],
  ['not verified', events.unverified],
  ['retry', events.retry],
  ['cleared by a person', events.clear],
  ['finalize', events.finalize],
  ['adopt', events.adopt],
];

/** The last step of a plan ends in another state than the ones before it. */
const lastStep: MigrationState = { ...states.gradual, current: 100, target: 100, step: plan.steps.length };

/** Draws the states by asking the transition itself where every event leads from each of them. */
export function stateDiagram(): string {
  const transition = createTransition(plan);
  const arrows = new Map<string, string[]>();
  for (const state of [...Object.values(states), lastStep])
    for (const [by, event] of happenings) {
      const failing = { ...state, streak: { fails: plan.health.failingChecks - 1, unsureSinceMs: null } };
      const result = transition(by === 'failing checks' ? failing : state, event, laterMs);
      if (!result.applied || (result.state.kind === state.kind && state.kind !== 'gradual')) continue;
      if (JSON.stringify(result.state) === JSON.stringify(state) || result.state.streak.fails > 0) continue;
      const arrow = `${state.kind} --> ${result.state.kind}`;
      const known = arrows.get(arrow) ?? [];
      if (!known.includes(by)) arrows.set(arrow, [...known, by]);
    }
  const lines = [...arrows].map(([arrow, by]) => `    ${arrow}: ${by.join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', '    [*] --> pre_migration', ...lines, '```'].join('\n');
}
