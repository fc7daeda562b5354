import type { ServedFork } from '@lighthouse-compat/conversions';
import type { AdapterVersion, Decision, Observation } from '@lighthouse-compat/sdk';
import { type Call, gatherCalls, otherOf, type Send, sendsBy } from './calls.js';
import type { History } from './history.js';
import {
  askedOf,
  forksOfCalls,
  type Moment,
  momentsOf,
  type Question,
  readStatus,
  targetingKeyOf,
  type Verdict,
  verdictsAt,
} from './model.js';

/** The invariants by name. */
export const invariantNames = {
  answering: 'the answering adapter is the one that the rules give',
  payloadId: 'a payloadId never reaches another engine than the one that issued it',
  order: "each engine's order is the caller's, one state-changing call at a time",
  once: 'no call is answered twice or never',
  oneWay: "a block's import is not split across versions",
  v4Serves: 'v4 never gets what it cannot serve',
  latch: 'after the latch nothing that v4 can serve is dispatched to v5 for its answer',
  callersTime: "the caller's time never includes the other arm's",
  bounds: 'bounds hold',
  oneSend: 'at most one send per engine per call, and the other engine gets what one got',
  observation: 'one true observation for each call that was sent',
  contained: 'nothing throws outside a promise',
} as const;

type Invariant = keyof typeof invariantNames;

export type Violation = { readonly invariant: Invariant; readonly what: string };

export const hungFlagMs = 50;

/** When flags that have not been told are asked anew. */
const givenUpAfterMs = 1_000;

/** A history as the invariants look at it. */
export type Facts = {
  readonly history: History;
  readonly calls: readonly Call[];
  readonly sends: readonly Send[];
  readonly ordered: readonly Call[];
  readonly moments: readonly Moment[];
  readonly question: (call: Call) => Question;
  /** When everything that could happen of itself had happened. */
  readonly quietSeqs: readonly number[];
  readonly forks: ReadonlyMap<number, ServedFork>;
  /** When the instance was closed; infinite if it never was. What was under way then keeps no rule of selection. */
  readonly closedSeq: number;
  readonly breaks: (invariant: Invariant, what: string) => void;
  /** The verdicts that the rules allowed between two moments, both included; `afterSeq`: an answer that the SDK must have heard. */
  readonly allowed: (question: Question, fromSeq: number, toSeq: number, afterSeq: number) => readonly Verdict[];
};

export const isOrdered = ({ spec }: { readonly spec: Call['spec'] }): boolean => spec.operation !== 'get_payload';

export const engineIndex = (adapter: AdapterVersion, isShared: boolean): string => (isShared ? 'shared' : adapter);

/** Whether the rules say the same at two moments that follow each other. */
const isSameState = (one: Moment, other: Moment): boolean =>
  one.control === other.control &&
  one.seen === other.seen &&
  one.heard === other.heard &&
  one.earlierFlags === other.earlierFlags &&
  one.atMs === other.atMs;

const isSame = (one: Verdict, other: Verdict): boolean =>
  one.adapter === other.adapter &&
  one.reason === other.reason &&
  one.mode === other.mode &&
  one.flagKey === other.flagKey &&
  one.passedOver === other.passedOver &&
  one.unusable.join() === other.unusable.join();

export const fits = (decision: Decision, verdict: Verdict): boolean =>
  decision.adapter === verdict.adapter &&
  decision.reason === verdict.reason &&
  decision.mode === verdict.mode &&
  decision.flagKey === verdict.flagKey &&
  decision.unusableFlags.map(({ flagKey }) => flagKey).join() === verdict.unusable.join();

export const tell = ({ adapter, reason, mode, flagKey }: Verdict | Decision): string =>
  `${adapter} ${mode} ${reason} ${flagKey}`;

export const summary = ({ operation, fork, decision, answering, other }: Observation): string =>
  `${operation} ${fork} ${tell(decision)} answering ${JSON.stringify(answering)} other ${JSON.stringify(other)}`;

/** The part of a decision's window at one engine: from the answer to what was sent there before, when the place can have been reached, to the send. */
export function placeOf(
  { sends, history }: Facts,
  call: Call,
  adapter: AdapterVersion,
): { fromSeq: number; afterSeq: number; sentSeq: number | null } {
  const isShared = history.setup.topology === 'shared';
  const [first] = sendsBy(call, adapter);
  let afterSeq = -1;
  for (const send of sends) {
    if (send.call >= call.call || send.operation === 'get_payload') continue;
    if (!isShared && send.adapter !== adapter) continue;
    if (first !== undefined && send.atSeq > first.atSeq) continue;
    if (send.answer !== undefined && (first === undefined || send.answer.seq < first.atSeq)) {
      afterSeq = Math.max(afterSeq, send.answer.seq);
    }
  }
  if (first === undefined) return { fromSeq: call.enteredSeq, afterSeq: -1, sentSeq: null };
  // With a cold standby the first place that is reached may settle it, as a place that has been passed there is lost.
  if (history.setup.topology === 'split_cold') return { fromSeq: call.enteredSeq, afterSeq: -1, sentSeq: first.atSeq };
  return { fromSeq: Math.max(call.enteredSeq, afterSeq), afterSeq, sentSeq: first.atSeq };
}

/** When the decision of a call was final at the latest: once both engines had it, or, where one did not get it, when everything had ended. */
export function decidedBy(
  { history }: Facts,
  call: Call,
  observed: { readonly seq: number; readonly observation: Observation },
): number {
  const { adapter } = observed.observation.decision;
  const [own] = sendsBy(call, adapter);
  const [other] = sendsBy(call, otherOf(adapter));
  if (own !== undefined && (history.setup.topology !== 'split_warm' || call.spec.operation === 'get_payload'))
    return own.atSeq;
  // What carries attributes may have to be sent late, and is decided once more when that place is reached.
  const mayBeLate = call.spec.operation === 'forkchoice_updated' && call.spec.attributesFork !== null;
  if (own !== undefined && other !== undefined && !mayBeLate) return Math.max(own.atSeq, other.atSeq);
  return observed.seq;
}

/** A window: a decision is as of some moment between the place of the engine that answered being reached and the decision being final. */
export function allowedFor(
  facts: Facts,
  call: Call,
  observed: { readonly seq: number; readonly observation: Observation },
): readonly Verdict[] {
  const place = placeOf(facts, call, observed.observation.decision.adapter);
  return facts.allowed(facts.question(call), place.fromSeq, decidedBy(facts, call, observed), place.afterSeq);
}

/** Whether the last forkchoice that an engine was sent before this one was the same, and VALID, and no payload has failed there since. */
export function isRepeated({ sends, calls, moments }: Facts, { call, spec }: Call, adapter: AdapterVersion): boolean {
  if (spec.operation !== 'forkchoice_updated') return false;
  const before = sends.filter(
    (send) => send.adapter === adapter && send.operation === 'forkchoice_updated' && send.call < call,
  );
  const last = before.at(-1);
  const lastSpec = calls.find(({ call: id }) => id === last?.call)?.spec;
  if (last?.answer === undefined || lastSpec?.operation !== 'forkchoice_updated' || lastSpec.head !== spec.head)
    return false;
  const status = readStatus(last.answer.ending, askedOf(lastSpec) ?? '');
  return status?.status === 'VALID' && moments.length > 0;
}

/** Whether a send took a new place because the first did not carry the attributes: it was a copy, or was left out as a repetition. */
export function isLate(facts: Facts, send: Send, call: Call | undefined): boolean {
  if (call === undefined || !send.hasAttributes) return false;
  if (sendsBy(call, send.adapter)[0] !== send) return true;
  const isOvertaken = facts.sends.some(
    ({ adapter, operation, call: id, atSeq }) =>
      adapter === send.adapter && operation !== 'get_payload' && id > send.call && atSeq < send.atSeq,
  );
  return isOvertaken && isRepeated(facts, call, send.adapter);
}

/** When an evaluation may be past its deadline: flags were asked that long ago, and some have not been told, or only just. */
function lateEvaluations({ events }: History): readonly boolean[] {
  let pending = 0;
  let isAsking = false;
  let askedMs: readonly number[] = [];
  return events.map(({ kind, atMs }) => {
    if (kind === 'asked') {
      pending += 1;
      askedMs = [...askedMs, atMs];
    }
    isAsking ||= pending > 0;
    if (kind === 'told') pending -= 1;
    if (kind === 'quiet') isAsking = pending > 0;
    askedMs = askedMs.filter((ms) => atMs - ms <= givenUpAfterMs + hungFlagMs);
    return isAsking && askedMs.some((ms) => atMs - ms >= hungFlagMs);
  });
}

/** Reads a history; `breaks` hears of what breaks an invariant. */
export function createFacts(history: History, breaks: Facts['breaks']): Facts {
  const { events, setup } = history;
  const { calls, sends } = gatherCalls(history);
  const { ofCalls: forks } = forksOfCalls(history);
  const specs = new Map(calls.map(({ call, spec }) => [call, spec]));
  const moments = momentsOf(history, sends, specs);
  const quietSeqs = events.filter(({ kind }) => kind === 'quiet').map(({ seq }) => seq);
  const lastQuietBefore = new Int32Array(events.length).fill(-1);
  for (let seq = 1, quiet = -1; seq < events.length; seq += 1) {
    if (events[seq - 1]?.kind === 'quiet') quiet = seq - 1;
    lastQuietBefore[seq] = quiet;
  }
  const mayTimeOut = lateEvaluations(history);
  const closing = events.find(({ kind }) => kind === 'closing');
  return {
    history,
    calls,
    sends,
    ordered: calls.filter(isOrdered),
    moments,
    closedSeq: closing?.seq ?? Number.POSITIVE_INFINITY,
    quietSeqs,
    forks,
    breaks,
    question: ({ call, spec }) => ({
      operation: spec.operation,
      fork: forks.get(call) ?? 'shanghai',
      key: targetingKeyOf(spec, setup),
    }),
    allowed(question, fromSeq, toSeq, afterSeq) {
      const verdicts: Verdict[] = [];
      let known: Moment | undefined;
      for (let seq = fromSeq; seq <= toSeq; seq += 1) {
        const moment = moments[seq];
        if (moment === undefined || (known !== undefined && isSameState(known, moment))) continue;
        known = moment;
        const heardAll = afterSeq > (lastQuietBefore[seq] ?? -1);
        const timedOut = mayTimeOut[seq] === true;
        for (const verdict of verdictsAt(moment, question, setup, { timedOut, heardAll })) {
          if (!verdicts.some((other) => isSame(other, verdict))) verdicts.push(verdict);
        }
      }
      return verdicts;
    },
  };
}
