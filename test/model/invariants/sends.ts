import { type Call, otherOf, sendsBy } from '../calls.js';
import { type Facts, isLate, isOrdered, isRepeated, placeOf } from '../facts.js';
import { askedOf, readStatus } from '../model.js';
import { partOf } from '../observations.js';

export function checkSends(facts: Facts): void {
  const { history, calls, ordered, breaks, closedSeq } = facts;
  const { topology } = history.setup;
  for (const call of ordered) {
    const byV4 = sendsBy(call, 'v4');
    const byV5 = sendsBy(call, 'v5');
    const told = `call ${call.call}: ${call.sends.map(({ adapter, method, hasAttributes }) => `${adapter} ${method} ${hasAttributes}`).join(', ')}`;
    const newer = ordered.find(
      ({ call: id, spec, enteredSeq }) =>
        id > call.call && spec.operation === 'forkchoice_updated' && enteredSeq < closedSeq,
    );
    switch (topology) {
      case 'split_warm':
        for (const [first, second, ...more] of [byV4, byV5]) {
          if (second === undefined || first === undefined) continue;
          const carriesMore = second.hasAttributes && !first.hasAttributes;
          // A head that its engine did not find VALID as a copy was not built on for want of attributes, so that the answer stands.
          const status = first.answer === undefined ? null : readStatus(first.answer.ending, askedOf(call.spec) ?? '');
          if (!carriesMore || more.length > 0 || status?.status !== 'VALID') breaks('oneSend', told);
        }
        for (const send of call.sends) {
          if (newer === undefined || newer.enteredSeq > send.atSeq || !isLate(facts, send, call)) continue;
          breaks('oneSend', `${told}: the late send came after a newer forkchoice`);
        }
        break;
      case 'split_cold':
        if (call.sends.length > 1) breaks('oneSend', `${told}: a cold standby got it too`);
        break;
      case 'shared': {
        const [first, second, ...more] = call.sends;
        if (first === undefined || second === undefined) break;
        const mode = call.observed?.observation.decision.mode;
        const mayCompare = call.spec.operation === 'new_payload' && (mode === 'parallel' || mode === 'v4_primary');
        const hasFallenBack = (call.observed?.observation.fallback ?? null) !== null && second.adapter === 'v4';
        if (!(mayCompare || hasFallenBack) || more.length > 0 || first.adapter === second.adapter)
          breaks('oneSend', told);
        break;
      }
    }
    checkAttributes(facts, call, told);
    checkFeed(facts, call);
  }
  for (const call of calls) {
    if (isOrdered(call) || call.enteredSeq > closedSeq) continue;
    if (call.sends.length > 2) breaks('oneSend', `call ${call.call} was sent ${call.sends.length} times`);
  }
}

/** Attributes go to the engine that answers; to both only where the mode has both build. */
function checkAttributes(facts: Facts, call: Call, told: string): void {
  const { observed } = call;
  if (observed === undefined || observed.seq > facts.closedSeq) return;
  const { decision, fallback } = observed.observation;
  // v4, which answers in v5's place, builds in its place too.
  if (fallback !== null) return;
  for (const send of sendsBy(call, otherOf(decision.adapter))) {
    if (!send.hasAttributes || facts.history.setup.topology === 'shared') continue;
    const place = placeOf(facts, call, send.adapter);
    const mayTwin = facts
      .allowed(facts.question(call), place.fromSeq, send.atSeq, place.afterSeq)
      .some(({ mode }) => mode === 'parallel');
    if (!mayTwin && decision.mode !== 'parallel')
      facts.breaks('oneSend', `${told}: attributes at ${send.adapter}, which did not answer`);
  }
}

/** What one engine got the other gets too, unless its lane was full, or it is v4 beyond its last fork. */
function checkFeed(facts: Facts, call: Call): void {
  const { observed } = call;
  if (facts.history.setup.topology !== 'split_warm' || observed === undefined || observed.seq > facts.closedSeq) return;
  const { observation } = observed;
  for (const adapter of ['v4', 'v5'] as const) {
    const [first] = sendsBy(call, adapter);
    const isPlainCopy = first !== undefined && adapter !== observation.decision.adapter && !first.hasAttributes;
    const moment = facts.moments[first?.atSeq ?? 0];
    const isInStep = moment?.heard.readiness[adapter] === 'in_step' && moment.seen.readiness[adapter] === 'in_step';
    if (isPlainCopy && isInStep && isRepeated(facts, call, adapter)) {
      facts.breaks(
        'oneSend',
        `call ${call.call}: ${adapter} was sent the very forkchoice that it had just answered VALID`,
      );
    }
    if (sendsBy(call, adapter).length > 0 || sendsBy(call, otherOf(adapter)).length === 0) continue;
    const wasFull = call.wasFull[adapter];
    const isBeyond = adapter === 'v4' && facts.moments[observed.seq]?.seen.cancunHeadWasValid === true;
    const cannot = adapter === 'v4' && facts.question(call).fork === 'cancun';
    if (isRepeated(facts, call, adapter)) continue;
    if (!wasFull && !isBeyond && !cannot) {
      facts.breaks(
        'oneSend',
        `call ${call.call}${call.spec.operation === 'forkchoice_updated' && call.spec.justified ? ' (justified)' : ''} never reached ${adapter}: ${JSON.stringify(partOf(observation, adapter))}`,
      );
    }
  }
}
