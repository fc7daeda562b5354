import type { Call } from './calls.js';
import { allowedFor, createFacts, type Facts, fits, isOrdered, summary, type Violation } from './facts.js';
import type { History } from './history.js';
import { checkAnswering } from './invariants/answering.js';
import { checkBounds } from './invariants/bounds.js';
import { checkCallersTime } from './invariants/callersTime.js';
import { checkDecide } from './invariants/decide.js';
import { checkDrain } from './invariants/drain.js';
import { checkLatch } from './invariants/latch.js';
import { checkObservations, isVerdictRight } from './invariants/observation.js';
import { checkOnce } from './invariants/once.js';
import { checkOneWay } from './invariants/oneWay.js';
import { checkOrder } from './invariants/order.js';
import { checkPayloadIds } from './invariants/payloadIds.js';
import { checkReadiness } from './invariants/readiness.js';
import { checkSends } from './invariants/sends.js';
import { checkV4 } from './invariants/v4Serves.js';
import { matchObservations } from './observations.js';

const checks: readonly ((facts: Facts) => void)[] = [
  checkAnswering,
  checkDecide,
  checkReadiness,
  checkPayloadIds,
  checkOrder,
  checkOnce,
  checkDrain,
  checkOneWay,
  checkV4,
  checkLatch,
  checkCallersTime,
  checkBounds,
  checkSends,
  checkObservations,
];

/** Checks a history against every invariant. */
export function violationsOf(history: History): readonly Violation[] {
  const violations: Violation[] = [];
  const facts = createFacts(history, (invariant, what) => violations.push({ invariant, what }));
  const couldBe = (call: Call, observed: NonNullable<Call['observed']>): boolean =>
    !isOrdered(call) ||
    (isVerdictRight(facts, call, observed.observation) &&
      allowedFor(facts, call, observed).some((verdict) => fits(observed.observation.decision, verdict)));
  for (const { seq, observation } of matchObservations(history, facts.calls, facts.forks, couldBe)) {
    facts.breaks('observation', `the observation at ${seq} is true of no call: ${summary(observation)}`);
  }
  for (const check of checks) check(facts);
  for (const event of history.events) {
    if (event.kind === 'escaped') facts.breaks('contained', `${event.how}: ${String(event.error)}`);
  }
  return violations;
}
