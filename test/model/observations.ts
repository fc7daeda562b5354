import type { ServedFork } from '@lighthouse-compat/conversions';
import type { AdapterVersion, Observation } from '@lighthouse-compat/sdk';
import { type Call, codeOf, sendsBy } from './calls.js';
import type { History } from './history.js';
import { askedOf, failureOf, readStatus, targetingKeyOf } from './model.js';

/** Codes of calls that end for their caller without the send that was to answer. */
const unsentCodes: ReadonlySet<string> = new Set(['FORKCHOICE_SUPERSEDED', 'LANE_FULL', 'INCOMPATIBLE_FEATURE']);

/** Whether a call ended so for its caller; one that was given up ended otherwise. */
const endedWith = (code: string, { settled, abortedSeq }: Call): boolean =>
  abortedSeq !== undefined || (settled?.ending.kind === 'error' && codeOf(settled.ending.error) === code);

/** What an observation says of one engine's part. */
type Said = {
  readonly part: Observation['other'];
  readonly isAnswer: boolean;
  readonly fallback: Observation['fallback'];
};

/** Whether a call's failure may be told to its caller as the loss of what was being built. */
const isPinned = ({ spec }: Call): boolean => spec.operation === 'get_payload';

/** Whether a call may be answered with what its engine has just said to the same question. */
const isFromMemory = ({ spec, settled, abortedSeq }: Call): boolean =>
  spec.operation === 'forkchoice_updated' &&
  spec.attributesFork === null &&
  (abortedSeq !== undefined || settled?.ending.kind === 'value');

/** Tells whether what is said of one engine's part is what became of a call's sends to it. */
function tells({ part, isAnswer, fallback }: Said, call: Call): boolean {
  if (part === null) return true;
  const { outcome, durationMs } = part;
  const sends = sendsBy(call, part.adapter);
  const send = isAnswer ? sends.at(-1) : sends[0];
  if (durationMs === null) {
    if (send === undefined && isAnswer && outcome.kind === 'answered') return isFromMemory(call);
    if (outcome.kind === 'failed') {
      const isTooLate = fallback !== null && outcome.code === 'TIMEOUT';
      const canBe = outcome.code !== 'INCOMPATIBLE_FEATURE' || ('justified' in call.spec && call.spec.justified);
      return isAnswer && canBe && (isTooLate || unsentCodes.has(outcome.code)) && endedWith(outcome.code, call);
    }
    const isFull = outcome.kind === 'dropped' && outcome.reason === 'LANE_FULL';
    const isFeed = call.spec.operation !== 'get_payload';
    return send === undefined && outcome.kind !== 'answered' && (!isFeed || isFull === call.wasFull[part.adapter]);
  }
  const { answer } = send ?? {};
  if (send === undefined || answer === undefined || answer.atMs - send.atMs !== durationMs) return false;
  const asked = askedOf(call.spec);
  const code = failureOf(answer.ending, asked);
  if (
    isAnswer &&
    (code === null
      ? call.settled?.ending.kind !== 'value' && call.abortedSeq === undefined
      : !endedWith(code, call) && !(isPinned(call) && endedWith('PAYLOAD_LOST', call)))
  ) {
    return false;
  }
  if (outcome.kind === 'failed') return outcome.code === code;
  const status = asked === null ? null : (readStatus(answer.ending, asked)?.status ?? null);
  return outcome.kind === 'answered' && code === null && outcome.status === status;
}

/** Whether a comparison is one that the sends of a call allow: of what both engines said there is one, of what one of them was not asked there is none. */
function couldCompare(
  { comparison, operation, answering, other }: Observation,
  call: Call,
  { topology }: History['setup'],
): boolean {
  if (topology !== 'split_warm' || operation === 'get_payload') return true;
  const isReal = comparison !== null && comparison.verdict !== 'unsupported' && comparison.verdict !== 'not_compared';
  // What was sent late, for the attributes alone, is no part of the comparison.
  const wasLeftOut = (adapter: AdapterVersion): boolean => {
    const [first, ...more] = sendsBy(call, adapter);
    return first === undefined || (first.hasAttributes && more.length === 0);
  };
  if (isReal) return sendsBy(call, 'v4').length > 0 && sendsBy(call, 'v5').length > 0;
  // Without a comparison one engine had just answered the same: if not the other one, that which answered.
  if (comparison === null && other?.outcome.kind !== 'unneeded') return wasLeftOut(answering.adapter);
  return wasLeftOut('v4') || wasLeftOut('v5');
}

/** Gives each observation to the call that it tells of, as nothing in it names that call; where it may tell of several: to the one that has just ended, or to the newest that could have been decided so. Returns those that tell of none. */
export function matchObservations(
  { events, setup }: History,
  calls: readonly Call[],
  forks: ReadonlyMap<number, ServedFork>,
  couldBe: (call: Call, observed: NonNullable<Call['observed']>) => boolean,
): readonly { readonly seq: number; readonly observation: Observation }[] {
  const strays: { seq: number; observation: Observation }[] = [];
  let lastQuiet = -1;
  for (const event of events) {
    if (event.kind === 'quiet') lastQuiet = event.seq;
    if (event.kind !== 'observed') continue;
    const { observation, seq, isFrozen } = event;
    const { answering, other, operation, decision, fallback } = observation;
    const hasEnded = ({ sends }: Call): boolean =>
      sends.every(({ answer }) => answer !== undefined && answer.seq < seq);
    const candidates = calls.filter(
      (call) =>
        call.observed === undefined &&
        call.enteredSeq < seq &&
        call.spec.operation === operation &&
        (operation === 'get_payload' ? call.call === event.getPayload : forks.get(call.call) === observation.fork) &&
        targetingKeyOf(call.spec, setup) === decision.targetingKey &&
        hasEnded(call) &&
        tells({ part: answering, isAnswer: true, fallback }, call) &&
        tells({ part: other, isAnswer: false, fallback }, call) &&
        couldCompare(observation, call, setup),
    );
    const endedSeq = ({ sends }: Call): number => Math.max(-1, ...sends.map(({ answer }) => answer?.seq ?? -1));
    const justEnded = candidates.find((call) => endedSeq(call) > lastQuiet);
    const observed = { observation, seq, isFrozen };
    // One that was given up before it was sent has nothing to be told of.
    const likely = candidates.filter(({ abortedSeq, sends }) => abortedSeq === undefined || sends.length > 0);
    const call =
      justEnded ?? likely.findLast((candidate) => couldBe(candidate, observed)) ?? likely[0] ?? candidates[0];
    if (call === undefined) strays.push({ seq, observation });
    else call.observed = observed;
  }
  return strays;
}

/** The observation's part of an adapter. */
export const partOf = ({ answering, other }: Observation, adapter: AdapterVersion): Observation['other'] =>
  answering.adapter === adapter ? answering : other?.adapter === adapter ? other : null;
