import type { ForkSchedule, PayloadStatus } from '@lighthouse-compat/conversions';
import { normalizedValue } from '@lighthouse-compat/flag-provider';
import type { EngineCall, LighthouseApi, NewPayloadRequest } from '../adapters/lighthouseApi.js';
import { type CallOptions, type CheckedCallOptions, checkCallOptions } from '../calls/callOptions.js';
import { checkNewPayloadRequest, type NewPayloadArguments } from '../calls/newPayloadRequest.js';
import type { ComparedArm } from '../comparison/compareArms.js';
import { compareNewPayload } from '../comparison/newPayload.js';
import type { Comparison } from '../comparison/verdict.js';
import type { Arm, Spoken } from '../dispatch/arm.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { Feed, OrderedCall, SettledCall } from '../dispatch/orderedCall.js';
import type { AnswerView } from '../observer.js';
import type { ReplayBuffer } from '../replay/replayBuffer.js';
import type { ChainView } from '../selection/chainView.js';
import type { EngineStates } from '../selection/engineStates.js';
import { modePlans } from '../selection/modePlans.js';
import type { Decision, SelectionInput } from '../selection/select.js';
import { type CallContext, smallCallBytes } from './callContext.js';

/** The share of calls that a shared engine gets a second time is chosen by the key, so that a block is compared or not wherever it is seen. */
const sampleGroupId = 'lighthouse-compat-shared-sample';

function isSampled({ mode, targetingKey }: Decision): boolean {
  const percent = modePlans[mode].sharedSecondSendPercent;
  if (percent === 0 || percent === 100) return percent === 100;
  return targetingKey !== null && normalizedValue(targetingKey, sampleGroupId) <= percent;
}

/** What new_payload needs of the SDK. */
export type NewPayloadParts = {
  readonly context: CallContext;
  readonly chain: ChainView;
  readonly states: EngineStates;
  readonly dispatcher: Dispatcher;
  readonly sharedEngine: boolean;
  readonly replayBuffer: ReplayBuffer;
  readonly timeoutMs: number;
};

/** One new_payload, the same question to both engines: a class, since the closures of a literal cost each call as much as its dispatch. */
class NewPayloadCall implements OrderedCall<PayloadStatus>, AnswerView<PayloadStatus> {
  readonly operation = 'new_payload';
  readonly fork: NewPayloadRequest['fork'];
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly #request: NewPayloadRequest;
  readonly #input: SelectionInput;
  readonly #parts: NewPayloadParts;

  constructor(request: NewPayloadRequest, { sessionId, signal }: CheckedCallOptions, parts: NewPayloadParts) {
    const { fork } = request;
    const { blockHash, transactions } = request.executionPayload;
    let bytes = smallCallBytes;
    for (const transaction of transactions) bytes += transaction.length;
    this.fork = fork;
    this.bytes = bytes;
    this.signal = signal;
    this.timeoutMs = parts.timeoutMs;
    this.#request = request;
    this.#input = parts.context.inputOf({ operation: 'new_payload', fork, blockHash, payloadId: null, sessionId });
    this.#parts = parts;
  }

  select(): Decision | undefined {
    return this.#parts.context.select(this.#input);
  }

  whenSelected(selected: (decision: Decision) => void): void {
    this.#parts.context.whenSelected(this.#input, selected);
  }

  answer(adapter: LighthouseApi): EngineCall<PayloadStatus> {
    return adapter.newPayload(this.#request);
  }

  feed(adapter: LighthouseApi, decision: Decision): Feed<PayloadStatus> | undefined {
    if (!adapter.forks.has(this.fork)) return undefined;
    const { sharedEngine, states } = this.#parts;
    if (!(sharedEngine ? isSampled(decision) : states.isFed(adapter.version))) return undefined;
    return { call: adapter.newPayload(this.#request), isWhole: true };
  }

  copyAnswers(): boolean {
    return true;
  }

  isSuperseded(): boolean {
    return false;
  }

  onResult({ version }: Arm, result: Spoken<PayloadStatus>): void {
    const { states } = this.#parts;
    if (this.fork === 'cancun') states.endFeedOfV4();
    if (result.kind === 'failed' || result.value.status === 'SYNCING') states.record(version, 'payload_failed');
  }

  onAnswer(): void {}

  onSettled(settled: SettledCall<PayloadStatus>): void {
    this.#parts.context.publish(settled, this);
  }

  statusOf({ status }: PayloadStatus): PayloadStatus['status'] {
    return status;
  }

  builtHere({ engine }: Arm): boolean {
    return this.#parts.chain.builtBy(this.#request.executionPayload.blockHash) === engine;
  }

  compare(v4: ComparedArm<PayloadStatus>, v5: ComparedArm<PayloadStatus>): Comparison {
    return compareNewPayload(v4, v5);
  }
}

/** Makes what comes after the check: a call's dispatch from its place in the lanes to its observation. */
export function createNewPayloadDispatch(
  parts: NewPayloadParts,
): (request: NewPayloadRequest, options: CheckedCallOptions) => Promise<PayloadStatus> {
  const { chain, dispatcher } = parts;
  return (request, options) => {
    chain.seePayload(request.executionPayload.blockHash, request.fork);
    const call = new NewPayloadCall(request, options, parts);
    if (parts.replayBuffer.isKept) parts.replayBuffer.add(request, call.bytes);
    return dispatcher.ordered(call);
  };
}

/** Makes new_payload. */
export function createNewPayload(
  parts: NewPayloadParts & { readonly forks: ForkSchedule },
): (request: NewPayloadArguments, options?: CallOptions) => Promise<PayloadStatus> {
  const { context, forks } = parts;
  const dispatch = createNewPayloadDispatch(parts);
  return (given, options) => {
    try {
      context.assertOpen();
      const checkedOptions = checkCallOptions(options);
      return dispatch(checkNewPayloadRequest(given, forks), checkedOptions);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}
