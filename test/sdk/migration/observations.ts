import type { CompatEvents, Observation } from '@lighthouse-compat/sdk';

type Arm = Observation['answering'];

const answered = { kind: 'answered', status: 'VALID', builtHere: false } as const;

/** One engine's part: an answer after so many milliseconds, or a failure. */
export const arm = (adapter: 'v4' | 'v5', durationMs: number, outcome: Arm['outcome'] = answered): Arm => ({
  adapter,
  engine: adapter,
  durationMs,
  outcome,
});

const noFlags: Observation['decision']['unusableFlags'] = Object.freeze([]);

/** A call that v4 answered and v5 had a part in, all well unless told. */
export function observationOf(rest: Partial<Observation> = {}): Observation {
  const { operation = 'new_payload' } = rest;
  return {
    operation,
    fork: 'shanghai',
    decision: {
      operation,
      adapter: 'v4',
      mode: 'v4_only',
      reason: 'CONFIGURED',
      targetingKey: null,
      flagKey: null,
      variant: null,
      bucket: null,
      unusableFlags: noFlags,
    },
    fallback: null,
    answering: arm('v4', 20),
    other: arm('v5', 20),
    comparison: { verdict: 'match', differences: [] },
    bothWhole: true,
    sharedEngine: false,
    ...rest,
  };
}

/** Something that observations are heard from, as from an instance of the SDK. */
export function createPublisher() {
  let heard: ((observation: Observation) => void) | undefined;
  return {
    publish: (observation: Observation): void => heard?.(observation),
    get isHeard() {
      return heard !== undefined;
    },
    on<E extends keyof CompatEvents>(event: E, listener: (detail: CompatEvents[E]) => void): () => void {
      if (event !== 'observation') throw new Error(`nobody publishes ${event}`);
      heard = listener as (observation: Observation) => void;
      return () => {
        heard = undefined;
      };
    },
  };
}

/** Time that stands still until it is moved. */
export function createManualClock(startMs = 0) {
  let nowMs = startMs;
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer(callback: () => void, delayMs: number) {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    get timers() {
      return timers.size;
    },
    /** Moves on by so much, and fires on the way what is due. */
    advance(ms: number) {
      const untilMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.callback();
      }
      nowMs = untilMs;
    },
  };
}
