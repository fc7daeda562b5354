import { type Call, codeOf, type Send } from '../calls.js';
import { decidedBy, engineIndex, type Facts, hungFlagMs } from '../facts.js';
import type { History } from '../history.js';

/** The time of new_payload and forkchoice_updated. */
const operationMs = 8_000;

export function checkCallersTime(facts: Facts): void {
  const { history, calls, sends, quietSeqs, breaks } = facts;
  const { events, setup } = history;
  const isShared = setup.topology === 'shared';
  const flagsPending = pendingFlags(history);
  const lastAnswerMs = lastAnswers(history);
  const busyAt = busyEngines(sends, quietSeqs, isShared);
  for (const call of calls) {
    const { settled, observed, enteredSeq } = call;
    const settledSeq = settled?.seq ?? events.length;
    const armed =
      observed?.observation.fallback === null ? undefined : call.sends.find(({ adapter }) => adapter === 'v5');
    const tookMs = armed === undefined ? 0 : (events[settledSeq]?.atMs ?? 0) - armed.atMs;
    // A frozen engine keeps no deadline either.
    if (
      observed !== undefined &&
      observed.observation.fallback !== null &&
      setup.frozen === null &&
      tookMs > operationMs
    )
      breaks('callersTime', `call ${call.call} took ${tookMs} ms from its send at v5 with its fallback`);
    let owner: string | null | undefined;
    for (const quiet of quietSeqs) {
      if (quiet < enteredSeq || quiet > settledSeq) continue;
      const nowMs = events[quiet]?.atMs ?? 0;
      const reachedMs = Math.max(events[enteredSeq]?.atMs ?? 0, lastAnswerMs[quiet] ?? 0);
      // Each call before it that has not ended may hold its place for as long as its flags take, one that was given up too.
      const ahead = calls.filter(
        ({ call: id, observed: end }) => id < call.call && (end === undefined || end.seq > quiet),
      );
      if ((flagsPending[quiet] ?? 0) > 0 && nowMs - reachedMs <= hungFlagMs * (1 + ahead.length)) continue;
      if (call.spec.operation === 'get_payload') {
        const waits = call.sends.find((send) => !(send.answer !== undefined && send.answer.seq < quiet));
        const answered = call.sends.filter(({ answer }) => answer !== undefined && answer.seq < quiet);
        const isUnknown = answered.every(
          ({ answer }) => answer?.ending.kind === 'error' && codeOf(answer.ending.error) === 'UNKNOWN_PAYLOAD',
        );
        const hasFallenBack = observed !== undefined && observed.observation.fallback !== null;
        if (waits !== undefined && waits.atSeq < quiet && (isUnknown || hasFallenBack)) continue;
        breaks(
          'callersTime',
          `call ${call.call} is unanswered at ${quiet}, and nothing that it waits for is under way`,
        );
        break;
      }
      // With a cold standby no call has another arm; there a call may wait for an earlier one at either engine.
      if (owner === undefined)
        owner = setup.topology === 'split_cold' ? null : ownerOf(facts, call, observed, isShared);
      const busy = busyAt.get(quiet) ?? new Set();
      // From v5's failure on a fallback waits for v4, and for no longer than the whole call may take.
      if (hasFallenBackBy(call, quiet)) {
        if (busy.has(isShared ? 'shared' : 'v4')) continue;
        breaks('callersTime', `call ${call.call} is unanswered at ${quiet}, though v4, on which it fell back, is idle`);
        break;
      }
      // Without a place at the engine that is to answer there is nothing to wait for.
      const isRefused = owner !== null && call.wasFull[owner === 'v5' ? 'v5' : 'v4'];
      if (!isRefused && (owner === null ? busy.size > 0 : busy.has(owner))) continue;
      breaks(
        'callersTime',
        `call ${call.call} is unanswered at ${quiet}, though ${owner ?? 'every engine'} ${isRefused ? 'has no room for it' : 'is idle'}`,
      );
      break;
    }
  }
}

/** Whether v5 had failed by then, so that v4 is to be heard. */
function hasFallenBackBy({ observed, sends }: Call, seq: number): boolean {
  if (observed === undefined) return false;
  const { decision, fallback, other } = observed.observation;
  // Where the chain has left v4 behind meanwhile, there was something to wait for until v4's place was reached.
  const wasLeftBehind =
    decision.mode === 'v5_primary' && other?.adapter === 'v4' && other.outcome.kind === 'unsupported';
  if (fallback === null && !wasLeftBehind) return false;
  return sends.some(({ adapter, answer }) => adapter === 'v5' && answer !== undefined && answer.seq < seq);
}

/** Which engines have a state-changing call under way at each quiet moment. */
function busyEngines(
  sends: readonly Send[],
  quietSeqs: readonly number[],
  isShared: boolean,
): ReadonlyMap<number, ReadonlySet<string>> {
  return new Map(
    quietSeqs.map((quiet) => {
      const isBusy = ({ operation, atSeq, answer }: Send): boolean =>
        operation !== 'get_payload' && atSeq < quiet && !(answer !== undefined && answer.seq < quiet);
      return [quiet, new Set(sends.filter(isBusy).map(({ adapter }) => engineIndex(adapter, isShared)))];
    }),
  );
}

/** The engine whose answer the rules gave the caller all along; null where they changed, or where it is known only late that an engine must be passed over. */
function ownerOf(facts: Facts, call: Call, observed: Call['observed'], isShared: boolean): string | null {
  if (observed === undefined || observed.seq > facts.closedSeq) return null;
  const verdicts = facts.allowed(facts.question(call), call.enteredSeq, decidedBy(facts, call, observed), -1);
  const { adapter } = observed.observation.decision;
  const isSteady = verdicts.every((verdict) => verdict.adapter === adapter && verdict.passedOver === null);
  return isSteady ? engineIndex(adapter, isShared) : null;
}

function pendingFlags({ events }: History): readonly number[] {
  let pending = 0;
  return events.map(({ kind }) => {
    if (kind === 'asked') pending += 1;
    if (kind === 'told') pending -= 1;
    return pending;
  });
}

function lastAnswers({ events }: History): readonly number[] {
  let lastMs = 0;
  return events.map(({ kind, atMs }) => {
    // A call that leaves the line lets the next be reached, just as an answer does.
    if (kind === 'answered' || kind === 'settled') lastMs = atMs;
    return lastMs;
  });
}
