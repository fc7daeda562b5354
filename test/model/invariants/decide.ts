import { forkOfBlock } from '../blocks.js';
import { type Facts, fits, tell } from '../facts.js';
import { type Question, targetingKeyOf } from '../model.js';

export function checkDecide(facts: Facts): void {
  const { events, setup } = facts.history;
  for (const event of events) {
    if (event.kind !== 'decided') continue;
    const asked = events.find((other) => other.kind === 'deciding' && other.ask === event.ask);
    if (asked?.kind !== 'deciding' || event.seq > facts.closedSeq) continue;
    const { spec } = asked;
    const known = new Map<number, string>();
    let newest = 'shanghai' as Question['fork'];
    for (const earlier of events.slice(0, asked.seq)) {
      if (earlier.kind !== 'entered' || earlier.spec.operation !== 'new_payload') continue;
      newest = forkOfBlock(earlier.spec.block);
      known.set(earlier.spec.block, newest);
    }
    const fork =
      spec.operation === 'new_payload'
        ? forkOfBlock(spec.block)
        : spec.operation === 'forkchoice_updated' && known.has(spec.head)
          ? forkOfBlock(spec.head)
          : newest;
    const question = { operation: spec.operation, fork, key: targetingKeyOf(spec, setup) };
    const allowed = facts.allowed(question, asked.seq, event.seq, -1);
    if (!allowed.some((verdict) => fits(event.decision, verdict))) {
      facts.breaks(
        'answering',
        `decide ${event.ask} said ${tell(event.decision)}, the rules give ${allowed.map(tell).join(' | ')}`,
      );
    }
  }
}
