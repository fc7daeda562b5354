import { checkPayloadId, type PayloadEnvelope, type PayloadId } from '@lighthouse-compat/conversions';
import { type CallOptions, checkCallOptions } from '../calls/callOptions.js';
import type { Clock } from '../clock.js';
import { compareGetPayload } from '../comparison/getPayload.js';
import { type Arm, type Arms, otherVersion, type Spoken, sendCall } from '../dispatch/arm.js';
import type { DetachedSends } from '../dispatch/detachedSends.js';
import { fallbackCauseOf } from '../dispatch/fallback.js';
import type { SettledCall } from '../dispatch/orderedCall.js';
import { aborted, passedOver, yieldsToReadiness } from '../dispatch/orderedCall.js';
import { CompatError } from '../errors.js';
import { type AnswerView, codeOf } from '../observer.js';
import type { ChainView } from '../selection/chainView.js';
import type { EngineStates } from '../selection/engineStates.js';
import { modePlans } from '../selection/modePlans.js';
import type { PayloadPin, PayloadPins, PayloadTwin } from '../selection/payloadPins.js';
import type { Decision } from '../selection/select.js';
import type { CallContext } from './callContext.js';

/** Gives a promise's value, or ABORTED as soon as the signal says so. */
async function untilAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(aborted(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** What the caller of get_payload sees where a mode that falls back has lost the engine that was building: nobody else has that payload. */
function lostOr(error: unknown, { mode, engine, payloadId }: PayloadPin): unknown {
  const cause = modePlans[mode].fallsBack ? fallbackCauseOf(error) : null;
  if (cause === null) return error;
  return new CompatError('PAYLOAD_LOST', `engine ${engine}: what it was building as ${payloadId} is lost (${cause})`, {
    engine,
    cause: error,
  });
}

function unwrap<T>(result: Spoken<T>): T {
  if (result.kind === 'answered') return result.value;
  throw result.error;
}

/** Makes get_payload: to the engine that issued the id and no other; an id that nobody issued goes where flags and mode say, and on UNKNOWN_PAYLOAD alone to the other engine. It keeps no order: the forkchoice_updated that issued the id has been answered. */
export function createGetPayload(parts: {
  readonly context: CallContext;
  readonly chain: ChainView;
  readonly pins: PayloadPins;
  readonly states: EngineStates;
  readonly arms: Arms;
  readonly detached: DetachedSends;
  readonly clock: Clock;
  readonly timeoutMs: number;
}): (payloadId: PayloadId, options?: CallOptions) => Promise<PayloadEnvelope> {
  const { context, chain, pins, states, arms, detached, clock, timeoutMs } = parts;

  async function ask(
    arm: Arm,
    payloadId: PayloadId,
    fork: AnswerView<PayloadEnvelope>['fork'],
    deadlineMs?: number,
  ): Promise<Spoken<PayloadEnvelope>> {
    const result = await sendCall(arm.adapter.getPayload({ fork, payloadId }), clock, deadlineMs);
    if (result.kind === 'answered') chain.seeBuilt(result.value.executionPayload.blockHash, arm.engine);
    return result;
  }

  /** Fetches what the other engine built for the same head and attributes, for the comparison alone. */
  async function compareWithTwin(
    twin: Promise<PayloadTwin | null>,
    { decision, answering }: Pick<SettledCall<PayloadEnvelope>, 'decision' | 'answering'>,
    view: AnswerView<PayloadEnvelope>,
  ): Promise<void> {
    const arm = arms[otherVersion[answering.arm.version]];
    const result = await detached.send(async () => {
      const known = await twin;
      return known === null ? null : arm.adapter.getPayload({ fork: view.fork, payloadId: known.payloadId });
    });
    const parts = { v4: result, v5: result, [answering.arm.version]: answering.result };
    context.publish({ decision, fallback: null, answering, other: { arm, result }, parts, bothWhole: true }, view);
  }

  return async (given, options) => {
    context.assertOpen();
    const { sessionId, signal } = checkCallOptions(options);
    const payloadId = checkPayloadId(given, 'payloadId');
    if (signal?.aborted === true) throw aborted(signal);
    const pin = pins.find(payloadId);
    const fork = pin?.fork ?? chain.newestFork();
    const view: AnswerView<PayloadEnvelope> = {
      operation: 'get_payload',
      fork,
      statusOf: () => null,
      builtHere: () => false,
      compare: compareGetPayload,
    };

    // What v5 builds v4 may build too; then v5 has half of the time, and what v4 built the other half.
    const twin = pin?.adapter === 'v5' ? pin.twin : undefined;
    const halfMs = timeoutMs / 2;
    const input = context.inputOf({ operation: 'get_payload', fork, blockHash: null, payloadId, sessionId });
    /** Sends in the turn of the decision, so that a rollback finds nothing between the two. */
    const decideAndAsk = (): Promise<{ decision: Decision; result: Spoken<PayloadEnvelope> }> =>
      new Promise((resolve, reject) =>
        context.whenSelected(input, (selected) => {
          if (signal?.aborted === true) {
            reject(aborted(signal));
            return;
          }
          const isPassedOver = yieldsToReadiness(selected) && states.mustNotAnswer(selected.adapter);
          const decision = isPassedOver ? passedOver(selected, otherVersion[selected.adapter]) : selected;
          ask(arms[decision.adapter], payloadId, fork, twin === undefined ? undefined : halfMs).then(
            (result) => resolve({ decision, result }),
            reject,
          );
        }),
      );

    const fetch = async (): Promise<PayloadEnvelope> => {
      let { decision, result } = await decideAndAsk();
      let arm = arms[decision.adapter];
      let first: SettledCall<PayloadEnvelope>['other'] = null;
      const other = arms[otherVersion[decision.adapter]];
      const isUnknown = result.kind === 'failed' && codeOf(result.error) === 'UNKNOWN_PAYLOAD';
      if (
        pin === undefined &&
        isUnknown &&
        other.engine !== arm.engine &&
        states.isFed(other.version) &&
        other.adapter.forks.has(fork)
      ) {
        const second = await ask(other, payloadId, fork);
        // An engine that cannot be asked does not make the id any better known.
        if (second.kind === 'answered') {
          first = { arm, result };
          decision = Object.freeze({ ...decision, adapter: other.version });
          arm = other;
          result = second;
        } else first = { arm: other, result: second };
      }

      const cause = twin !== undefined && result.kind === 'failed' ? fallbackCauseOf(result.error) : null;
      // A twin that is not known yet is not waited for: the caller's time is not the other engine's.
      const instead = cause === null ? null : await Promise.race([twin ?? null, Promise.resolve(null)]);
      if (cause !== null && instead !== null) {
        const answering = {
          arm: arms[instead.adapter],
          result: await ask(arms[instead.adapter], instead.payloadId, fork, halfMs),
        };
        const parts = { v4: result, v5: result, [instead.adapter]: answering.result };
        context.publish(
          { decision, fallback: { cause }, answering, other: { arm, result }, parts, bothWhole: true },
          view,
        );
        return unwrap(answering.result);
      }

      const answering = { arm, result };
      if (pin?.twin === undefined) {
        context.publish({ decision, fallback: null, answering, other: first, parts: null, bothWhole: false }, view);
      } else void compareWithTwin(pin.twin, { decision, answering }, view);
      if (pin !== undefined && result.kind === 'failed') throw lostOr(result.error, pin);
      return unwrap(result);
    };
    return untilAborted(detached.follow(fetch()), signal);
  };
}
