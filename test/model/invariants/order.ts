import type { Send } from '../calls.js';
import { engineIndex, type Facts, isLate } from '../facts.js';

export function checkOrder(facts: Facts): void {
  const { history, sends, calls, breaks } = facts;
  const isShared = history.setup.topology === 'shared';
  const byId = new Map(calls.map((call) => [call.call, call]));
  const lastOf = new Map<string, Send>();
  const newestOf = new Map<string, number>();
  for (const send of sends) {
    if (send.operation === 'get_payload') continue;
    const engine = engineIndex(send.adapter, isShared);
    const last = lastOf.get(engine);
    if (last !== undefined && (last.answer === undefined || last.answer.seq > send.atSeq)) {
      breaks('order', `${engine} got call ${send.call} while call ${last.call} was unanswered`);
    }
    lastOf.set(engine, send);
    const call = byId.get(send.call);
    if (!isShared && isLate(facts, send, call)) continue;
    const newest = newestOf.get(engine) ?? 0;
    if (send.call < newest) breaks('order', `${engine} got call ${send.call} after call ${newest}`);
    newestOf.set(engine, Math.max(newest, send.call));
  }
  for (const call of calls) {
    const { abortedSeq, sends: own } = call;
    if (abortedSeq === undefined || own.length === 0) continue;
    if (own.every(({ atSeq }) => atSeq > abortedSeq)) {
      breaks('order', `call ${call.call} (${call.spec.operation}) was sent after it had been given up`);
    }
  }
}
