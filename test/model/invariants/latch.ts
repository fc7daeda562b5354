import { sendsBy } from '../calls.js';
import { type Facts, isOrdered } from '../facts.js';

export function checkLatch({ history, calls, moments, question, breaks, closedSeq }: Facts): void {
  for (const call of calls) {
    if (call.observed === undefined || call.observed.seq > closedSeq) continue;
    const { decision } = call.observed.observation;
    if (decision.adapter !== 'v5' || decision.reason === 'PIN' || question(call).fork === 'cancun') continue;
    const sends = sendsBy(call, 'v5');
    const [first] = sends;
    const answering = sends.at(-1);
    if (answering === undefined || first === undefined) continue;
    // What v4 answered UNKNOWN_PAYLOAD it cannot serve.
    if (call.spec.operation === 'get_payload' && call.sends[0] !== first) continue;
    const moment = moments[answering.atSeq];
    if (moment === undefined || moment.control.latch !== 'set' || moment.seen.cancunHeadWasValid) continue;
    // A copy that was sent to keep v5 in step has not been dispatched for its answer; with attributes of its own it has.
    const isCopy = isOrdered(call) && answering === first && !(first.hasAttributes && decision.mode !== 'parallel');
    if (isCopy && moments[call.observed.seq]?.seen.cancunHeadWasValid === true) continue;
    const untilSeq = isCopy ? call.observed.seq : answering.atSeq;
    const heldSince = history.events.slice(answering.atSeq, untilSeq).every(({ kind }) => kind !== 'clearing');
    if (heldSince)
      breaks('latch', `call ${call.call} was dispatched to v5 for its answer (${decision.reason}) after the latch`);
  }
}
