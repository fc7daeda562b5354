import { type Facts, isOrdered } from '../facts.js';

export function checkV4({ history, calls, sends, moments, question, breaks }: Facts): void {
  const { topology } = history.setup;
  for (const send of sends) {
    if (send.adapter !== 'v4') continue;
    const call = calls.find(({ call: id }) => id === send.call);
    if (call === undefined) continue;
    const what = `${send.method} of call ${call.call}`;
    if (send.method.endsWith('V3')) breaks('v4Serves', `v4 got ${what}`);
    const isFed = call.observed?.observation.answering.adapter === 'v5';
    if (isOrdered(call) && !isFed && question(call).fork === 'cancun')
      breaks('v4Serves', `v4 answered ${what}, of Cancun`);
    // Of the blocks that an undone crossing leaves behind v4 may still get those that it can serve.
    const isUnfed = moments[send.atSeq]?.heard.cancunHeadWasValid === true;
    if (topology === 'split_warm' && isFed && isOrdered(call) && isUnfed) {
      breaks('v4Serves', `v4 was fed ${what} though the chain has reached Cancun`);
    }
    const isAnswer = !isFed && call.observed?.observation.answering.durationMs !== null;
    if (
      call.spec.operation === 'forkchoice_updated' &&
      call.spec.justified &&
      isAnswer &&
      call.observed !== undefined
    ) {
      breaks('v4Serves', `v4 answered ${what}, whose justified block it cannot express`);
    }
  }
}
