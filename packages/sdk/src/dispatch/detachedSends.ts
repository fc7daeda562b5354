import type { EngineCall } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import { type ArmResult, sendCall } from './arm.js';

/** Sends that nobody waits for and that keep no order, a bounded number at a time. */
export type DetachedSends = {
  /** Sends the call that `prepare` gives once it is known, or drops it when too many are on their way; `unsupported` if there turns out to be none. Never rejects. */
  send<T>(prepare: () => Promise<EngineCall<T> | null>): Promise<ArmResult<T>>;
  /** Counts work of its own among what is on its way, without a bound. */
  follow<T>(work: Promise<T>): Promise<T>;
  underWay(): number;
  /** Resolves when none is on its way. */
  settled(): Promise<void>;
};

/** Makes a set of at most `maxUnderWay`. */
export function createDetachedSends(clock: Clock, maxUnderWay = 8): DetachedSends {
  const underWay = new Set<Promise<unknown>>();
  const followed = new Set<Promise<unknown>>();
  const onTheirWay = (): number => underWay.size + followed.size;

  async function sendPrepared<T>(prepare: () => Promise<EngineCall<T> | null>): Promise<ArmResult<T>> {
    try {
      const call = await prepare();
      return call === null ? { kind: 'unsupported' } : await sendCall(call, clock);
    } catch (error) {
      return { kind: 'failed', error, durationMs: null };
    }
  }

  return {
    async send(prepare) {
      if (underWay.size >= maxUnderWay) return { kind: 'dropped', reason: 'BOUNDS_FULL' };
      const sending = sendPrepared(prepare);
      underWay.add(sending);
      const result = await sending;
      underWay.delete(sending);
      return result;
    },
    follow(work) {
      followed.add(work);
      const forget = (): void => {
        followed.delete(work);
      };
      work.then(forget, forget);
      return work;
    },
    underWay: onTheirWay,
    async settled() {
      while (onTheirWay() > 0) await Promise.allSettled([...underWay, ...followed]);
    },
  };
}
