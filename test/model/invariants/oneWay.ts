import { decidedBy, type Facts, placeOf } from '../facts.js';
import type { HistoryEvent } from '../history.js';

const ownFlags: ReadonlySet<string | null> = new Set(['new_payload_v5_only', 'forkchoice_v5_only']);

const changes: ReadonlySet<HistoryEvent['kind']> = new Set(['flags', 'mode', 'latched', 'clearing', 'cleared']);

export function checkOneWay(facts: Facts): void {
  const { history, ordered, breaks, closedSeq } = facts;
  if (history.setup.stickiness === 'session') return;
  const changeSeqs = history.events.filter(({ kind }) => changes.has(kind)).map(({ seq }) => seq);
  const decided = ordered.flatMap((call) => {
    if (call.observed === undefined || call.spec.session !== null || call.observed.seq > closedSeq) return [];
    const { decision } = call.observed.observation;
    const isFree = (decision.reason === 'FLAG' && !ownFlags.has(decision.flagKey)) || decision.reason === 'CONFIGURED';
    if (!isFree) return [];
    return [
      {
        call,
        decision,
        from: placeOf(facts, call, decision.adapter).fromSeq,
        to: decidedBy(facts, call, call.observed),
      },
    ];
  });
  for (const payload of decided) {
    if (payload.call.spec.operation !== 'new_payload') continue;
    for (const head of decided) {
      if (head.call.spec.operation !== 'forkchoice_updated' || head.decision.adapter === payload.decision.adapter)
        continue;
      if (head.call.spec.head !== payload.call.spec.block) continue;
      const from = Math.min(payload.from, head.from);
      const to = Math.max(payload.to, head.to);
      if (changeSeqs.some((seq) => seq >= from && seq <= to) || facts.moments[from]?.earlierFlags.length !== 0)
        continue;
      // Without a change and without another reason the two can only be alike.
      breaks(
        'oneWay',
        `calls ${payload.call.call} and ${head.call.call} of one block went to ${payload.decision.adapter} and ${head.decision.adapter}`,
      );
    }
  }
}
