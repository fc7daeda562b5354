import type { ForkSchedule, PayloadStatus } from '@lighthouse-compat/conversions';
import { normalizedValue } from '@lighthouse-compat/flag-provider';
import type { EngineCall, LighthouseApi, NewPayloadRequest } from '../adapters/lighthouseApi.js';
import { type CallOptions, checkCallOptions } from '../calls/callOptions.js';
import { checkNewPayloadRequest, type NewPayloadArguments } from '../calls/newPayloadRequest.js';
import { compareNewPayload } from '../comparison/newPayload.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { AnswerView } from '../observer.js';
import type { ChainView } from '../selection/chainView.js';
import type { EngineStates } from '../selection/engineStates.js';
import { modePlans } from '../selection/modePlans.js';
import type { Decision } from '../selection/select.js';
import { type CallContext, smallCallBytes } from './callContext.js';

/** The share of calls that a shared engine gets a second time is chosen by the key, so that a block is compared or not wherever it is seen. */
const sampleGroupId = 'lighthouse-compat-shared-sample';

function isSampled({ mode, targetingKey }: Decision): boolean {
  const percent = modePlans[mode].sharedSecondSendPercent;
  if (percent === 0 || percent === 100) return percent === 100;
  return targetingKey !== null && normalizedValue(targetingKey, sampleGroupId) <= percent;
}

const alwaysTrue = (): boolean => true;
const alwaysFalse = (): boolean => false;

/** Makes new_payload: the same question to both engines. */
export function createNewPayload(parts: {
  readonly context: CallContext;
  readonly forks: ForkSchedule;
  readonly chain: ChainView;
  readonly states: EngineStates;
  readonly dispatcher: Dispatcher;
  readonly sharedEngine: boolean;
}): (request: NewPayloadArguments, options?: CallOptions) => Promise<PayloadStatus> {
  const { context, forks, chain, states, dispatcher, sharedEngine } = parts;

  function second(
    adapter: LighthouseApi,
    decision: Decision,
    request: NewPayloadRequest,
  ): EngineCall<PayloadStatus> | undefined {
    if (!adapter.forks.has(request.fork)) return undefined;
    const isWanted = sharedEngine ? isSampled(decision) : states.isFed(adapter.version);
    return isWanted ? adapter.newPayload(request) : undefined;
  }

  return async (given, options = {}) => {
    context.assertOpen();
    const { sessionId, signal } = checkCallOptions(options);
    const request = checkNewPayloadRequest(given, forks);
    const { fork } = request;
    const { blockHash, transactions } = request.executionPayload;
    chain.seePayload(blockHash, fork);

    const input = context.inputOf({ operation: 'new_payload', fork, blockHash, payloadId: null, sessionId });
    const view: AnswerView<PayloadStatus> = {
      operation: 'new_payload',
      fork,
      statusOf: ({ status }) => status,
      builtHere: ({ engine }) => chain.builtBy(blockHash) === engine,
      compare: compareNewPayload,
    };
    return dispatcher.ordered<PayloadStatus>({
      bytes: transactions.reduce((sum, transaction) => sum + transaction.length, smallCallBytes),
      signal,
      select: () => context.select(input),
      answer: (adapter) => adapter.newPayload(request),
      feed: (adapter, decision) => second(adapter, decision, request),
      feedAnswers: alwaysTrue,
      isSuperseded: alwaysFalse,
      onResult: ({ version }, result) => {
        if (fork === 'cancun') states.endFeedOfV4();
        if (result.kind === 'failed' || result.value.status === 'SYNCING') states.record(version, 'payload_failed');
      },
      onAnswer: () => {},
      onSettled: (settled) => context.publish(settled, view),
    });
  };
}
