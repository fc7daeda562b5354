import type { AdapterVersion, EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { Decision } from '../selection/select.js';
import { type ArmResult, type Arms, otherVersion, type Spoken, sendCall } from './arm.js';
import { aborted, laneFull, type OrderedCall, prepareFeed } from './orderedCall.js';

/**
 * Sends one call to the one engine that both adapters share, by the adapter that is chosen when its place is reached; where the mode compares, the other adapter's send follows in the same place, for nobody but the comparison.
 */
export function dispatchShared<T>(
  call: OrderedCall<T>,
  { arms, clock }: { readonly arms: Arms; readonly clock: Clock },
): Promise<T> {
  const { lane } = arms.v4;
  const { signal } = call;

  return new Promise((resolve, reject) => {
    let sent = false;
    const onAbort = (): void => {
      if (!sent) lane.remove(entry);
      reject(aborted(signal));
    };
    const refuse = (error: unknown): void => {
      signal?.removeEventListener('abort', onAbort);
      reject(error);
      lane.end();
    };

    const send = async (decision: Decision): Promise<void> => {
      if (signal?.aborted === true) {
        lane.end();
        return;
      }
      const answering = arms[decision.adapter];
      const other = arms[otherVersion[decision.adapter]];
      let prepared: EngineCall<T>;
      try {
        prepared = call.answer(answering.adapter);
      } catch (error) {
        refuse(error);
        return;
      }
      sent = true;
      const result = await sendCall(prepared, clock);
      call.onResult(answering, result);
      if (result.kind === 'answered') call.onAnswer(result.value, answering, decision);
      signal?.removeEventListener('abort', onAbort);
      if (result.kind === 'answered') resolve(result.value);
      else reject(result.error);
      const second = prepareFeed(call, other, decision);
      const compared: Spoken<T> | undefined =
        second === undefined || second === 'unneeded' ? undefined : await sendCall(second, clock);
      lane.end();
      call.onSettled({
        decision,
        answering: { arm: answering, result },
        other: compared === undefined ? null : { arm: other, result: compared },
        parts: compared === undefined ? null : partsOf(decision.adapter, result, compared),
      });
    };

    const entry = {
      bytes: call.bytes,
      reach: () => {
        const decision = call.select();
        if (decision instanceof Promise) void decision.then(send);
        else void send(decision);
      },
    };
    if (!lane.enter(entry)) {
      reject(laneFull(arms.v4));
      return;
    }
    if (signal?.aborted === true) onAbort();
    else {
      signal?.addEventListener('abort', onAbort, { once: true });
      lane.advance();
    }
  });
}

function partsOf<T>(
  answering: AdapterVersion,
  answer: ArmResult<T>,
  other: ArmResult<T>,
): Readonly<Record<AdapterVersion, ArmResult<T>>> {
  return answering === 'v4' ? { v4: answer, v5: other } : { v4: other, v5: answer };
}
