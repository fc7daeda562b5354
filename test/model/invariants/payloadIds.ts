import { codeOf } from '../calls.js';
import type { Facts } from '../facts.js';
import { issuesOf } from './issues.js';

export function checkPayloadIds(facts: Facts): void {
  const issues = issuesOf(facts);
  for (const send of facts.sends) {
    if (send.operation !== 'get_payload' || facts.history.setup.topology === 'shared') continue;
    const call = facts.calls.find(({ call: id }) => id === send.call);
    const isPinned = issues.some(
      ({ payloadId, bySeq }) => payloadId === send.payloadId && bySeq < (call?.enteredSeq ?? -1),
    );
    const isTwin = call?.spec.operation === 'get_payload' && call.spec.payloadId !== send.payloadId;
    if (!isPinned && !isTwin) continue;
    const gaveIt = facts.sends.some(
      ({ adapter, answer }) =>
        adapter === send.adapter &&
        answer !== undefined &&
        answer.seq < send.atSeq &&
        answer.ending.kind === 'value' &&
        (answer.ending.value as { readonly payloadId?: string | null }).payloadId === send.payloadId,
    );
    if (!gaveIt)
      facts.breaks('payloadId', `call ${send.call}: ${send.adapter} got ${send.payloadId}, which it never gave`);
  }
  for (const call of facts.calls) {
    if (call.spec.operation !== 'get_payload') continue;
    const { payloadId } = call.spec;
    const isPinned = issues.some((issue) => issue.payloadId === payloadId && issue.bySeq < call.enteredSeq);
    const [first, second, ...more] = call.sends;
    if (more.length > 0) facts.breaks('payloadId', `call ${call.call} was sent ${call.sends.length} times`);
    if (isPinned || first === undefined || second === undefined) continue;
    const isTwin =
      facts.calls.some(
        ({ spec, observed }) =>
          spec.operation === 'forkchoice_updated' && observed?.observation.decision.mode === 'parallel',
      ) && call.observed?.observation.decision.reason === 'PIN';
    const wasUnknown = first.answer?.ending.kind === 'error' && codeOf(first.answer.ending.error) === 'UNKNOWN_PAYLOAD';
    if (!wasUnknown && !isTwin)
      facts.breaks('payloadId', `call ${call.call} went to a second engine though the first knew the id`);
  }
}
