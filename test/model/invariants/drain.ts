import { codeOf } from '../calls.js';
import type { Facts } from '../facts.js';

/** `drained` says that every call made before has ended at both engines. */
export function checkDrain({ history, calls, breaks }: Facts): void {
  for (const event of history.events) {
    if (event.kind !== 'drained') continue;
    const begun = history.events.find((other) => other.kind === 'draining' && other.drain === event.drain);
    if (begun === undefined) continue;
    const left = calls.filter(
      ({ enteredSeq, sends, settled }) =>
        enteredSeq < begun.seq &&
        // A call for which there was no place at any engine ends at none.
        !(sends.length === 0 && settled?.ending.kind === 'error' && codeOf(settled.ending.error) === 'LANE_FULL') &&
        (sends.some(({ atSeq, answer }) => atSeq > event.seq || answer === undefined || answer.seq > event.seq) ||
          settled === undefined ||
          (settled.seq > event.seq &&
            history.events.slice(event.seq, settled.seq).some(({ kind }) => kind === 'quiet'))),
    );
    if (event.result.drained && left.length > 0) {
      breaks('once', `drained, but calls ${left.map(({ call }) => call).join()} had not ended`);
    }
    if (!event.result.drained && event.atMs === begun.atMs) breaks('once', 'drain gave up before its deadline');
  }
  const drains = history.events.filter(({ kind }) => kind === 'draining').length;
  const ends = history.events.filter(({ kind }) => kind === 'drained').length;
  if (drains !== ends) breaks('once', `${drains - ends} drains never ended`);
}
