import type { ForkchoiceState, ForkchoiceStateV3, PayloadAttributes } from '@lighthouse-compat/conversions';
import { checkPayloadId, type ForkSchedule, type PayloadId } from '@lighthouse-compat/conversions';
import { type CallOptions, checkCallOptions } from '../calls/callOptions.js';
import { checkKeys } from '../calls/checkKeys.js';
import { checkForkchoiceUpdatedRequest } from '../calls/forkchoiceUpdatedRequest.js';
import { checkNewPayloadRequest, type NewPayloadArguments } from '../calls/newPayloadRequest.js';
import { otherVersion } from '../dispatch/arm.js';
import { passedOver, yieldsToReadiness } from '../dispatch/orderedCall.js';
import type { Operation } from '../operation.js';
import type { ChainView } from '../selection/chainView.js';
import type { EngineStates } from '../selection/engineStates.js';
import type { PayloadPins } from '../selection/payloadPins.js';
import type { Decision } from '../selection/select.js';
import type { CallContext, CallFacts } from './callContext.js';

/** What a call of each operation would be made with. */
export type DecidableCall = {
  readonly new_payload: NewPayloadArguments;
  readonly forkchoice_updated: {
    readonly forkchoiceState: ForkchoiceState | ForkchoiceStateV3;
    readonly payloadAttributes?: PayloadAttributes | null;
  };
  readonly get_payload: { readonly payloadId: PayloadId };
};

/** Makes the question how a call would be decided: by the same rules as the call, sent nowhere and remembered nowhere. */
export function createDecide(parts: {
  readonly context: CallContext;
  readonly forks: ForkSchedule;
  readonly chain: ChainView;
  readonly pins: PayloadPins;
  readonly states: EngineStates;
}): <O extends Operation>(operation: O, call: DecidableCall[O], options?: CallOptions) => Promise<Decision> {
  const { context, forks, chain, pins, states } = parts;

  const factsOf: { readonly [O in Operation]: (call: DecidableCall[O]) => Omit<CallFacts, 'operation' | 'sessionId'> } =
    {
      new_payload: (call) => {
        const { fork, executionPayload } = checkNewPayloadRequest(call, forks);
        return { fork, blockHash: executionPayload.blockHash, payloadId: null };
      },
      forkchoice_updated: (call) => {
        checkKeys(call, ['forkchoiceState', 'payloadAttributes'], 'call');
        const { request } = checkForkchoiceUpdatedRequest(call.forkchoiceState, call.payloadAttributes, {
          schedule: forks,
          chain,
        });
        return { fork: request.fork, blockHash: request.forkchoiceState.headBlockHash, payloadId: null };
      },
      get_payload: (call) => {
        checkKeys(call, ['payloadId'], 'call');
        const payloadId = checkPayloadId(call.payloadId, 'payloadId');
        return { fork: pins.find(payloadId)?.fork ?? chain.newestFork(), blockHash: null, payloadId };
      },
    };

  return async (operation, call, options) => {
    const { sessionId } = checkCallOptions(options);
    const input = context.inputOf({ operation, ...factsOf[operation](call), sessionId });
    return new Promise((resolve) =>
      context.whenSelected(input, (decision) => {
        const isPassedOver = yieldsToReadiness(decision) && states.mustNotAnswer(decision.adapter);
        resolve(isPassedOver ? passedOver(decision, otherVersion[decision.adapter]) : decision);
      }),
    );
  };
}
