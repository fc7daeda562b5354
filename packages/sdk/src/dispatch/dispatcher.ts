import type { AdapterVersion, EngineCall, LighthouseApi } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { Place } from '../engine/lane.js';
import { CompatError } from '../errors.js';
import type { Decision } from '../selection/select.js';
import { type Arm, type ArmResult, sendCall } from './arm.js';

/** A call that changes an engine's state and so keeps the caller's order. */
type OrderedCall<T> = {
  /** About what the call holds in memory while it waits. */
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  select(): Promise<Decision>;
  /** Prepares the call for the adapter that answers; throws what the caller is to get. */
  answer(adapter: LighthouseApi): EngineCall<T>;
  /** Prepares the copy that keeps the other engine in step; undefined where it cannot be fed. */
  feed(adapter: LighthouseApi): EngineCall<T> | undefined;
  /** Hears the answer before the caller does. */
  onAnswer(value: T, arm: Arm, decision: Decision): void;
  /** Hears once how both parts ended. */
  onSettled(
    decision: Decision,
    answering: { arm: Arm; result: ArmResult<T> },
    feed: { arm: Arm; result: ArmResult<T> } | null,
  ): void;
};

const aborted = (signal: AbortSignal): CompatError =>
  new CompatError('ABORTED', 'the caller gave the call up', { cause: signal.reason });

/** Waits for a result, but no longer than the caller wants to. */
export async function untilAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result;
  if (signal.aborted) {
    result.catch(() => {});
    throw aborted(signal);
  }
  let onAbort!: () => void;
  const abort = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(aborted(signal));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([result, abort]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Gives the value of a result, or throws as the caller is to see it. */
export function answerOf<T>(result: ArmResult<T>, arm: Arm): T {
  switch (result.kind) {
    case 'answered':
      return result.value;
    case 'failed':
      throw result.error;
    case 'dropped':
      throw result.reason === 'LANE_FULL'
        ? new CompatError('LANE_FULL', `engine ${arm.engine}: too many calls wait for it`, { engine: arm.engine })
        : new CompatError('ABORTED', 'the caller gave the call up');
  }
}

/** Sends calls to the engines, each in the caller's order, the answering one's result to the caller and the other's to nobody. */
export type Dispatcher = {
  /** Takes the place in every lane before it returns. */
  ordered<T>(call: OrderedCall<T>): Promise<T>;
  /** Resolves when nothing waits and nothing is on its way. */
  settled(): Promise<void>;
};

/** Makes a dispatcher over the two arms. */
export function createDispatcher(arms: Readonly<Record<AdapterVersion, Arm>>, clock: Clock): Dispatcher {
  const shared = arms.v4.lane === arms.v5.lane;
  const lanes = new Set([arms.v4.lane, arms.v5.lane]);
  const underWay = new Set<Promise<void>>();

  async function inPlace<T>(
    place: Place | undefined,
    prepared: EngineCall<T>,
    state: { sent: boolean },
    signal: AbortSignal | undefined,
  ): Promise<ArmResult<T>> {
    if (place === undefined) return { kind: 'dropped', reason: 'LANE_FULL', durationMs: null };
    return place.run(async () => {
      // Once one engine has the call the other gets it too: they must not part over an abort.
      if (!state.sent && signal?.aborted === true) return { kind: 'dropped', reason: 'ABORTED', durationMs: null };
      state.sent = true;
      return sendCall(prepared, clock);
    });
  }

  async function dispatch<T>(call: OrderedCall<T>, places: ReadonlyMap<Arm['lane'], Place | undefined>): Promise<T> {
    const leave = (arm: Arm): void => places.get(arm.lane)?.leave();
    const decision = await call.select();
    const answering = arms[decision.adapter];
    const other = shared ? undefined : arms[decision.adapter === 'v4' ? 'v5' : 'v4'];

    let prepared: EngineCall<T>;
    let feed: EngineCall<T> | undefined;
    try {
      prepared = call.answer(answering.adapter);
      // A call that the caller will see refused must not reach the other engine either.
      feed = other === undefined || places.get(answering.lane) === undefined ? undefined : call.feed(other.adapter);
    } catch (error) {
      leave(answering);
      if (other !== undefined) leave(other);
      call.onSettled(decision, { arm: answering, result: { kind: 'failed', error, durationMs: null } }, null);
      throw error;
    }

    const state = { sent: false };
    const answered = inPlace(places.get(answering.lane), prepared, state, call.signal).then((result) => {
      if (result.kind === 'answered') call.onAnswer(result.value, answering, decision);
      return result;
    });
    let fed: Promise<{ arm: Arm; result: ArmResult<T> }> | undefined;
    if (other !== undefined) {
      if (feed === undefined) leave(other);
      else fed = inPlace(places.get(other.lane), feed, state, call.signal).then((result) => ({ arm: other, result }));
    }

    const settled = Promise.all([answered, fed])
      .then(([result, feedResult]) => call.onSettled(decision, { arm: answering, result }, feedResult ?? null))
      .finally(() => underWay.delete(settled));
    underWay.add(settled);
    return answerOf(await answered, answering);
  }

  return {
    ordered(call) {
      const places = new Map([...lanes].map((lane) => [lane, lane.enter(call.bytes)]));
      return untilAborted(dispatch(call, places), call.signal);
    },
    async settled() {
      await Promise.all([...[...lanes].map((lane) => lane.settled()), ...underWay]);
    },
  };
}
