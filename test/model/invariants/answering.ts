import type { Decision, Observation } from '@lighthouse-compat/sdk';
import { type Call, codeOf, sendsBy } from '../calls.js';
import { allowedFor, type Facts, fits, isOrdered, isRepeated, placeOf, tell } from '../facts.js';
import { askedOf, bucketOf, failureOf, fallbackCauseOf } from '../model.js';
import { issuesOf } from './issues.js';

export function checkAnswering(facts: Facts): void {
  for (const call of facts.calls) {
    if (call.observed === undefined || call.observed.seq > facts.closedSeq) continue;
    const { decision, answering } = call.observed.observation;
    checkFallback(facts, call, call.observed.observation);
    if (decision.adapter !== answering.adapter && call.observed.observation.fallback === null) {
      facts.breaks('answering', `call ${call.call}: decided ${decision.adapter}, answered by ${answering.adapter}`);
    }
    if (
      decision.bucket !== null &&
      (decision.targetingKey === null || decision.bucket !== bucketOf(decision.targetingKey))
    ) {
      facts.breaks('answering', `call ${call.call}: bucket ${decision.bucket} is not that of ${decision.targetingKey}`);
    }
    checkAnswer(facts, call);
    if (isOrdered(call)) checkOrderedDecision(facts, call, call.observed);
    else checkPinnedDecision(facts, call, call.observed);
  }
}

/** Whether a failure of v5 to give what it was building is told as its loss. */
const isLoss = ({ observed }: Call, error: unknown, code: string | null): boolean =>
  codeOf(error) === 'PAYLOAD_LOST' &&
  observed?.observation.decision.reason === 'PIN' &&
  observed.observation.decision.mode === 'v5_primary' &&
  code !== null;

/** v4 answers in v5's place if v5 failed without a word about the block and the mode says so, and never otherwise. */
function checkFallback(facts: Facts, call: Call, observation: Observation): void {
  const { decision, answering, fallback } = observation;
  const [first] = sendsBy(call, 'v5');
  const asked = askedOf(call.spec);
  const cause = first?.answer === undefined ? null : fallbackCauseOf(first.answer.ending, asked);
  if (fallback !== null) {
    const isTwin = call.spec.operation === 'get_payload' && decision.reason === 'PIN';
    const mayFallBack = decision.adapter === 'v5' && (decision.mode === 'v5_primary' || isTwin);
    if (!mayFallBack || answering.adapter !== 'v4' || fallback.cause !== cause) {
      facts.breaks('answering', `call ${call.call}: a fallback for ${fallback.cause}, where v5 gave ${cause}`);
    }
    return;
  }
  if (cause === null || first === undefined || !isOrdered(call) || decision.adapter !== 'v5') return;
  if (decision.mode !== 'v5_primary' || first.answer === undefined) return;
  const { topology } = facts.history.setup;
  const moment = facts.moments[first.atSeq];
  // What v4 cannot express, has no room for, or is behind for, v5 fails for itself; so does what v5 got as a copy.
  const cannot = call.spec.operation === 'forkchoice_updated' && call.spec.justified;
  const isBehind = [moment?.seen, moment?.heard].some(
    (seen) => seen?.readiness.v4 === 'out_of_step' || seen?.readiness.v4 === 'unfed',
  );
  const isLeftBehind = facts.moments[call.observed?.seq ?? first.atSeq]?.seen.cancunHeadWasValid === true;
  const isFree = topology === 'shared' || !(call.wasFull.v4 || isBehind || isLeftBehind);
  const named = facts.allowed(facts.question(call), call.enteredSeq, first.atSeq, -1);
  const wasNamed = named.every(({ adapter, mode }) => adapter === 'v5' && mode === 'v5_primary');
  if (topology === 'split_cold' || cannot || !isFree || !wasNamed) return;
  facts.breaks('answering', `call ${call.call}: v5 failed with ${cause} in v5_primary, and nothing fell back`);
}

/** The caller got the answering engine's answer and no other's. */
function checkAnswer(facts: Facts, call: Call): void {
  const { breaks } = facts;
  const { settled, observed, abortedSeq } = call;
  if (settled === undefined || observed === undefined || abortedSeq !== undefined) return;
  const { answering } = observed.observation;
  const answer = sendsBy(call, answering.adapter).at(-1)?.answer;
  if (answering.durationMs === null || answer === undefined) {
    if (settled.ending.kind === 'value' && !isRepeated(facts, call, answering.adapter))
      breaks('answering', `call ${call.call} was answered by nobody`);
    return;
  }
  const given = settled.ending;
  const code = failureOf(answer.ending, askedOf(call.spec));
  const isIt =
    code === null
      ? given.kind === 'value' && answer.ending.kind === 'value' && Object.is(given.value, answer.ending.value)
      : given.kind === 'error' && (codeOf(given.error) === code || isLoss(call, given.error, code));
  if (!isIt) breaks('answering', `call ${call.call} got another answer than that of ${answering.adapter}`);
}

function checkOrderedDecision(
  facts: Facts,
  call: Call,
  observed: { readonly seq: number; readonly observation: Observation },
): void {
  const { decision } = observed.observation;
  const question = facts.question(call);
  const allowed = allowedFor(facts, call, observed);
  const { outcome } = observed.observation.answering;
  if (outcome.kind === 'failed' && (outcome.code === 'INCOMPATIBLE_FEATURE' || outcome.code === 'LANE_FULL')) {
    // What cannot be converted, or has no place anywhere, is refused before it is known whether its engine must be passed over.
    if (allowed.some((verdict) => (verdict.passedOver ?? verdict.adapter) === decision.adapter)) return;
  }
  if (!allowed.some((verdict) => fits(decision, verdict))) {
    facts.breaks(
      'answering',
      `call ${call.call}: decided ${tell(decision)}, the rules give ${allowed.map(tell).join(' | ')}`,
    );
  }
  // A rollback turns what waits when it comes, and no later word turns it back.
  if (decision.reason === 'ROLLBACK_LATCH') return;
  // Exact: an engine that the rules named from its place being reached to its send has the call for its answer, whatever is said later.
  const places = (['v4', 'v5'] as const)
    .map((adapter) => ({ adapter, ...placeOf(facts, call, adapter) }))
    .sort((one, other) => (one.sentSeq ?? Number.POSITIVE_INFINITY) - (other.sentSeq ?? Number.POSITIVE_INFINITY));
  let isOpen = true;
  const binding = places.find(({ adapter, fromSeq, sentSeq, afterSeq: answeredSeq }) => {
    if (sentSeq === null || !isOpen) return false;
    const named = facts.allowed(question, fromSeq, sentSeq, answeredSeq);
    if (named.every((verdict) => verdict.adapter === adapter && verdict.passedOver === null)) return true;
    // An engine that may have been named made the decision final before the other was reached.
    if (named.some((verdict) => verdict.adapter === adapter)) isOpen = false;
    return false;
  });
  if (binding !== undefined && binding.adapter !== decision.adapter) {
    facts.breaks(
      'answering',
      `call ${call.call}: sent to ${binding.adapter} for its answer, which ${decision.adapter} gave`,
    );
  }
}

/** Exact where no id was being issued just then. */
function checkPinnedDecision(
  facts: Facts,
  call: Call,
  observed: { readonly seq: number; readonly observation: Observation },
): void {
  if (call.spec.operation !== 'get_payload') return;
  const { payloadId } = call.spec;
  const { decision } = observed.observation;
  const sentSeq = call.sends[0]?.atSeq ?? observed.seq;
  const issues = issuesOf(facts).filter((issue) => issue.payloadId === payloadId && issue.fromSeq < sentSeq);
  const known = issues.filter(({ bySeq }) => bySeq < call.enteredSeq).sort((one, other) => one.bySeq - other.bySeq);
  const underWay = issues.filter(({ bySeq }) => bySeq >= call.enteredSeq);
  const last = known.at(-1);
  const possible = [
    ...underWay,
    ...(last === undefined ? [] : [last, ...known.filter((issue) => issue.bySeq > last.fromSeq)]),
  ];
  if (possible.some(({ adapter }) => decision.reason === 'PIN' && adapter === decision.adapter)) return;
  if (last !== undefined) {
    facts.breaks(
      'answering',
      `call ${call.call}: ${payloadId} was issued by ${last.adapter}, decided ${tell(decision)}`,
    );
    return;
  }
  // An id that nobody issued: where the rules say, or at the other engine if that one did not know it.
  const firstAdapter = call.sends[0]?.adapter;
  const allowed = facts.allowed(facts.question(call), call.enteredSeq, sentSeq, -1);
  const unknownThere = call.sends.length > 1 && firstAdapter !== decision.adapter;
  const asFirst: Decision =
    unknownThere && firstAdapter !== undefined ? { ...decision, adapter: firstAdapter } : decision;
  if (!allowed.some((verdict) => fits(asFirst, verdict))) {
    facts.breaks(
      'answering',
      `call ${call.call}: decided ${tell(asFirst)}, the rules give ${allowed.map(tell).join(' | ')}`,
    );
  }
}
