import { type Call, laneCalls } from '../calls.js';
import { type Facts, isOrdered } from '../facts.js';

const detachedBound = 8;

export function checkBounds({ history, calls, breaks }: Facts): void {
  const fetches = calls.filter((call) => !isOrdered(call));
  for (const event of history.events) {
    if (event.kind !== 'quiet' && event.kind !== 'entered') continue;
    const { lanes, detachedSends, payloadPins, cachedDecisions, samples } = event.stats;
    // What get_payload calls themselves have under way is counted with the sends that nobody waits for, and has no bound.
    const underWay = fetches.filter((fetch) => {
      const isOwn = event.kind === 'entered' && event.call === fetch.call;
      return !isOwn && fetch.enteredSeq < event.seq && isUnderWayAt(fetch, event.seq);
    });
    const isWithin =
      lanes.v4.calls <= laneCalls &&
      lanes.v5.calls <= laneCalls &&
      detachedSends <= detachedBound + underWay.length &&
      payloadPins <= 512 &&
      cachedDecisions <= 1_024 &&
      samples.length <= 32;
    if (!isWithin)
      breaks('bounds', JSON.stringify({ lanes, detachedSends, payloadPins, cachedDecisions, samples: samples.length }));
  }
  const compared = fetches.flatMap(({ sends, observed }) =>
    // What a caller gets in place of what was lost is no comparison.
    observed?.observation.decision.reason === 'PIN' && observed.observation.fallback === null ? sends.slice(1) : [],
  );
  for (const { atSeq } of compared) {
    const atOnce = compared.filter(
      (send) => send.atSeq <= atSeq && (send.answer === undefined || send.answer.seq > atSeq),
    );
    if (atOnce.length > detachedBound)
      breaks('bounds', `${atOnce.length} builds were fetched for their comparison at once`);
  }
}

/** A fetch that its caller has given up is still under way until its engine has answered. */
function isUnderWayAt({ settled, sends }: Call, seq: number): boolean {
  if (settled === undefined || settled.seq > seq) return true;
  const [own] = sends;
  return own !== undefined && own.atSeq < seq && (own.answer === undefined || own.answer.seq > seq);
}
