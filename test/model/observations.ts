import type { ServedFork } from '@lighthouse-compat/conversions';
import type { AdapterVersion, Observation } from '@lighthouse-compat/sdk';
import { type Call, codeOf, sendsBy } from './calls.js';
import type { Ending, History } from './history.js';
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

/** Whether a caller got the very value that an engine gave. */
const isValueOf = (got: Ending | undefined, given: Ending): boolean =>
  got?.kind === 'value' && given.kind === 'value' && Object.is(got.value, given.value);

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
      ? call.abortedSeq === undefined && !isValueOf(call.settled?.ending, answer.ending)
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

type Observed = NonNullable<Call['observed']>;

/** The calls that each observation may tell of, the likeliest first: one that has just ended, else the newest. */
function candidatesOf(
  { events, setup }: History,
  calls: readonly Call[],
  forks: ReadonlyMap<number, ServedFork>,
): readonly { readonly observed: Observed; readonly calls: readonly Call[] }[] {
  const endedSeq = ({ sends }: Call): number => Math.max(-1, ...sends.map(({ answer }) => answer?.seq ?? -1));
  let lastQuiet = -1;
  return events.flatMap((event) => {
    if (event.kind === 'quiet') lastQuiet = event.seq;
    if (event.kind !== 'observed') return [];
    const { observation, seq, isFrozen } = event;
    const { answering, other, operation, decision, fallback } = observation;
    const hasEnded = ({ sends }: Call): boolean =>
      sends.every(({ answer }) => answer !== undefined && answer.seq < seq);
    const possible = calls.filter(
      (call) =>
        call.enteredSeq < seq &&
        call.spec.operation === operation &&
        (operation === 'get_payload' ? call.call === event.getPayload : forks.get(call.call) === observation.fork) &&
        targetingKeyOf(call.spec, setup) === decision.targetingKey &&
        hasEnded(call) &&
        tells({ part: answering, isAnswer: true, fallback }, call) &&
        tells({ part: other, isAnswer: false, fallback }, call) &&
        couldCompare(observation, call, setup),
    );
    const since = lastQuiet;
    // One that was given up before it was sent has nothing to be told of.
    const rank = (call: Call): number =>
      endedSeq(call) > since ? 0 : call.abortedSeq !== undefined && call.sends.length === 0 ? 2 : 1;
    return [
      {
        observed: { observation, seq, isFrozen },
        calls: possible.toSorted((one, two) => rank(one) - rank(two) || two.call - one.call),
      },
    ];
  });
}

/** Gives each observation to the call that it tells of, as nothing in it names that call: one each, by augmenting paths, first among the calls that `couldBe` so by all the rules, then among those whose sends agree. Returns those that tell of none. */
export function matchObservations(
  history: History,
  calls: readonly Call[],
  forks: ReadonlyMap<number, ServedFork>,
  couldBe: (call: Call, observed: Observed) => boolean,
): readonly { readonly seq: number; readonly observation: Observation }[] {
  const all = candidatesOf(history, calls, forks);
  const likely = all.map(({ observed, calls: possible }) => possible.filter((call) => couldBe(call, observed)));
  const holder = new Map<Call, number>();

  /** Finds a call for an observation, moving others to calls that they may tell of as well. */
  function place(index: number, choices: readonly Call[], visited: Set<Call>): boolean {
    for (const call of choices) {
      if (visited.has(call)) continue;
      visited.add(call);
      const held = holder.get(call);
      if (held === undefined || place(held, likely[held] ?? [], visited)) {
        holder.set(call, index);
        return true;
      }
    }
    return false;
  }
  const indices = all.map((_one, index) => index);
  const left = indices.filter((index) => !place(index, likely[index] ?? [], new Set()));
  const strays = left.filter((index) => !place(index, all[index]?.calls ?? [], new Set()));
  for (const [call, index] of holder) call.observed = all[index]?.observed;
  return strays.flatMap((index) => all[index]?.observed ?? []);
}

/** The observation's part of an adapter. */
export const partOf = ({ answering, other }: Observation, adapter: AdapterVersion): Observation['other'] =>
  answering.adapter === adapter ? answering : other?.adapter === adapter ? other : null;
