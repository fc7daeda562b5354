import { codeOf } from '../calls.js';
import type { Facts } from '../facts.js';
import { askedOf, failureOf, fallbackCauseOf } from '../model.js';

export function checkOnce({ history, calls, ordered, closedSeq, breaks }: Facts): void {
  const settles = new Map<number, number>();
  for (const event of history.events) {
    if (event.kind === 'settled') settles.set(event.call, (settles.get(event.call) ?? 0) + 1);
  }
  const newestForkchoice = Math.max(
    0,
    ...ordered.filter(({ spec }) => spec.operation === 'forkchoice_updated').map(({ call }) => call),
  );
  for (const call of calls) {
    const count = settles.get(call.call) ?? 0;
    if (count !== 1) breaks('once', `call ${call.call} was answered ${count} times`);
    for (const send of call.sends)
      if (send.answer === undefined) breaks('once', `send ${send.send} was never answered`);
    const { settled, observed } = call;
    if (settled?.ending.kind !== 'error') continue;
    const code = codeOf(settled.ending.error);
    const isOwn = call.sends.some(
      ({ answer }) => answer !== undefined && failureOf(answer.ending, askedOf(call.spec)) === code,
    );
    if (isOwn) continue;
    const isRight = (() => {
      switch (code) {
        case 'ABORTED':
          return call.abortedSeq !== undefined && call.abortedSeq < settled.seq;
        case 'CLOSED':
          return call.enteredSeq > closedSeq;
        case 'LANE_FULL':
          return true;
        case 'TIMEOUT':
          return observed !== undefined && observed.observation.fallback !== null;
        case 'PAYLOAD_LOST':
          return call.sends.some(({ answer }) => answer !== undefined && fallbackCauseOf(answer.ending, null) !== null);
        case 'FORKCHOICE_SUPERSEDED':
          return (
            newestForkchoice > call.call &&
            call.spec.operation === 'forkchoice_updated' &&
            call.spec.attributesFork !== null
          );
        case 'INCOMPATIBLE_FEATURE':
          return (
            call.spec.operation === 'forkchoice_updated' &&
            call.spec.justified &&
            observed?.observation.decision.adapter !== 'v5'
          );
        default:
          return false;
      }
    })();
    if (!isRight) breaks('once', `call ${call.call} failed with ${code}, for which there is no cause`);
  }
  const last = history.events.at(-1);
  if (last?.kind !== 'quiet') return;
  const { lanes, detachedSends } = last.stats;
  const left = lanes.v4.calls + lanes.v5.calls + lanes.v4.bytes + lanes.v5.bytes + detachedSends;
  if (left !== 0) breaks('once', `at the end something is left: ${JSON.stringify({ lanes, detachedSends })}`);
}
