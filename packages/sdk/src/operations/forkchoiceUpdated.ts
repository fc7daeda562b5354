import type {
  ForkchoiceState,
  ForkchoiceStateV3,
  ForkchoiceUpdatedResult,
  ForkSchedule,
  PayloadAttributes,
  PayloadStatus,
} from '@lighthouse-compat/conversions';
import type { AdapterVersion, LighthouseApi } from '../adapters/lighthouseApi.js';
import { type CallOptions, checkCallOptions } from '../calls/callOptions.js';
import { type CheckedForkchoiceUpdated, checkForkchoiceUpdatedRequest } from '../calls/forkchoiceUpdatedRequest.js';
import { compareForkchoiceUpdated } from '../comparison/forkchoiceUpdated.js';
import { type ArmResult, otherVersion } from '../dispatch/arm.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { Feed, SettledCall } from '../dispatch/orderedCall.js';
import type { AnswerView } from '../observer.js';
import type { Replays } from '../replay/replays.js';
import type { ChainView } from '../selection/chainView.js';
import type { EngineStates } from '../selection/engineStates.js';
import type { LastForkchoices } from '../selection/lastForkchoices.js';
import { modePlans } from '../selection/modePlans.js';
import type { PayloadPins, PayloadTwin } from '../selection/payloadPins.js';
import type { Decision } from '../selection/select.js';
import { type CallContext, smallCallBytes } from './callContext.js';

/** What an engine said of a head; undefined where it said nothing. */
const statusOf = (result: ArmResult<ForkchoiceUpdatedResult>): PayloadStatus['status'] | 'failed' | undefined => {
  if (result.kind === 'failed') return 'failed';
  return result.kind === 'answered' || result.kind === 'unneeded' ? result.value.payloadStatus.status : undefined;
};

/** Whether an engine has missed something: it does not know a head, or finds one INVALID that the other finds VALID. */
function isBehind(own: ArmResult<ForkchoiceUpdatedResult>, other: ArmResult<ForkchoiceUpdatedResult>): boolean {
  const status = statusOf(own);
  if (status === undefined || status === 'VALID') return false;
  return status !== 'INVALID' || statusOf(other) === 'VALID';
}

/** Makes forkchoice_updated: the same head to both engines, the attributes to the one that answers, or to both where the mode has both build. */
export function createForkchoiceUpdated(parts: {
  readonly context: CallContext;
  readonly forks: ForkSchedule;
  readonly chain: ChainView;
  readonly pins: PayloadPins;
  readonly states: EngineStates;
  readonly dispatcher: Dispatcher;
  readonly replays: Replays;
  readonly lastForkchoices: LastForkchoices;
  readonly timeoutMs: number;
}): (
  state: ForkchoiceState | ForkchoiceStateV3 | ForkchoiceStateV3,
  attributes?: PayloadAttributes | null,
  options?: CallOptions,
) => Promise<ForkchoiceUpdatedResult> {
  const { context, forks, chain, pins, states, dispatcher, replays, lastForkchoices, timeoutMs } = parts;
  let newest = 0;

  const isKnownValid = (version: AdapterVersion, state: ForkchoiceState | ForkchoiceStateV3): boolean =>
    states.snapshot()[version].state === 'in_step' && lastForkchoices.isLast(version, state);

  function copyFor(
    adapter: LighthouseApi,
    decision: Decision,
    { request, feed }: CheckedForkchoiceUpdated,
  ): Feed<ForkchoiceUpdatedResult> | undefined {
    if (!states.isFed(adapter.version)) return undefined;
    const buildsToo = modePlans[decision.mode].twinBuilds && adapter.forks.has(request.fork);
    if (buildsToo && request.payloadAttributes !== null) {
      const call = adapter.forkchoiceUpdated({ ...request, forkchoiceState: feed.forkchoiceState });
      return { call, isWhole: true };
    }
    if (!adapter.forks.has(feed.fork)) return undefined;
    if (!isKnownValid(adapter.version, feed.forkchoiceState)) {
      return { call: adapter.forkchoiceUpdated(feed), isWhole: request.payloadAttributes === null };
    }
    const latestValidHash = feed.forkchoiceState.headBlockHash;
    return { unneeded: { payloadStatus: { status: 'VALID', latestValidHash }, payloadId: null } };
  }

  /** What the engine that did not answer began to build for the same call. */
  function twinOf({ decision, parts: answers }: SettledCall<ForkchoiceUpdatedResult>): PayloadTwin | null {
    const adapter = otherVersion[decision.adapter];
    const part = answers?.[adapter];
    if (part?.kind !== 'answered' || part.value.payloadId === null) return null;
    return { payloadId: part.value.payloadId, adapter };
  }

  function bringBackFrom({ parts: answers }: SettledCall<ForkchoiceUpdatedResult>): void {
    if (answers === null) return;
    for (const version of ['v4', 'v5'] as const) {
      if (isBehind(answers[version], answers[otherVersion[version]])) void replays.bringBack(version);
    }
  }

  return async (state, attributes, options) => {
    context.assertOpen();
    const { sessionId, signal } = checkCallOptions(options);
    const checked = checkForkchoiceUpdatedRequest(state, attributes, { schedule: forks, chain });
    const { fork, payloadAttributes } = checked.request;
    const blockHash = checked.request.forkchoiceState.headBlockHash;
    newest += 1;
    const turn = newest;

    const input = context.inputOf({ operation: 'forkchoice_updated', fork, blockHash, payloadId: null, sessionId });
    let comparePayloadIds = false;
    let tellTwin: ((twin: PayloadTwin | null) => void) | undefined;
    const view: AnswerView<ForkchoiceUpdatedResult> = {
      operation: 'forkchoice_updated',
      fork,
      statusOf: ({ payloadStatus }) => payloadStatus.status,
      builtHere: () => false,
      compare: (v4, v5) => compareForkchoiceUpdated(v4, v5, { comparePayloadIds }),
    };
    return dispatcher.ordered<ForkchoiceUpdatedResult>({
      bytes: smallCallBytes,
      signal,
      timeoutMs,
      select: () => context.select(input),
      whenSelected: (selected) => context.whenSelected(input, selected),
      answer: (adapter) => adapter.forkchoiceUpdated(checked.request),
      feed: (adapter, decision) => copyFor(adapter, decision, checked),
      copyAnswers: (result) =>
        payloadAttributes === null || result.kind === 'failed' || result.value.payloadStatus.status !== 'VALID',
      isSuperseded: () => turn !== newest,
      onResult: ({ version }, result) => {
        if (checked.feed.fork === 'cancun') states.endFeedOfV4();
        const isValid = result.kind === 'answered' && result.value.payloadStatus.status === 'VALID';
        if (isValid) chain.seeValidHead(blockHash);
        lastForkchoices.set(version, checked.feed.forkchoiceState, isValid);
        states.record(version, isValid ? 'head_valid' : 'head_not_valid');
      },
      onAnswer: ({ payloadId }, arm, { mode }) => {
        if (payloadId === null) return;
        const pin = { payloadId, engine: arm.engine, adapter: arm.version, fork, mode };
        if (!modePlans[mode].twinBuilds || !states.isFed(otherVersion[arm.version])) {
          pins.issue(pin);
          return;
        }
        const twin = new Promise<PayloadTwin | null>((resolve) => {
          tellTwin = resolve;
        });
        pins.issue({ ...pin, twin });
      },
      onSettled: (settled) => {
        comparePayloadIds = settled.bothWhole && payloadAttributes !== null;
        tellTwin?.(twinOf(settled));
        bringBackFrom(settled);
        context.publish(settled, view);
      },
    });
  };
}
