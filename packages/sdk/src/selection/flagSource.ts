import { type Client, type EvaluationContext, ProviderEvents } from '@openfeature/server-sdk';
import type { Clock } from '../clock.js';
import type { Operation } from '../operation.js';
import { createDecisionCache, type Known } from './decisionCache.js';
import { evaluateFlags } from './flags.js';

/** Past this an evaluation is not waited for. */
const deadlineMs = 50;

/** An evaluation that has not ended by then is given up, and the flags are asked anew. */
const givenUpAfterMs = 1_000;

/** So often flags that change while they are asked are asked again. */
const maxRounds = 10;

/** How asking the flags ended. */
export type Told = 'known' | 'FLAG_TIMEOUT';

/** The flags of a client with a deadline and a memory. */
export type FlagSource = {
  /** What the flags have said about a key, while nothing has changed since and no second has passed. */
  known(operation: Operation, key: string): Known | undefined;
  /** Asks about a key; `told` hears once that the answer is known, or that the deadline, which begins with the evaluation, has passed. A callback, so that what is done with the answer is done in the turn in which it is known to hold. */
  ask(operation: Operation, key: string, context: () => EvaluationContext, told: (outcome: Told) => void): void;
  /** Forgets what is known, because the mode has changed. */
  invalidate(): void;
  cached(): number;
  close(): void;
};

const changes = [
  ProviderEvents.ConfigurationChanged,
  ProviderEvents.Ready,
  ProviderEvents.Stale,
  ProviderEvents.Error,
] as const;

type Evaluation = { readonly sinceMs: number; readonly ended: Promise<void> };

/** Watches a client's events, so that a toggled flag counts from the next decision on. */
export function createFlagSource(client: Client, clock: Clock): FlagSource {
  const cache = createDecisionCache(clock);
  const underWay = new Map<string, Evaluation>();
  const invalidate = (): void => cache.invalidate();
  for (const event of changes) client.addHandler(event, invalidate);

  /** Asks until nothing has changed between the first flag and the last: otherwise the answer would be of two states, and perhaps of none that ever was. */
  async function evaluate(operation: Operation, key: string, context: EvaluationContext): Promise<void> {
    for (let round = 1; ; round += 1) {
      const epoch = cache.epoch();
      const choice = await evaluateFlags(client, operation, context);
      if (cache.epoch() !== epoch && round < maxRounds) continue;
      cache.set(operation, key, choice, cache.epoch());
      return;
    }
  }

  function evaluationOf(operation: Operation, key: string, context: () => EvaluationContext): Evaluation {
    const callKey = `${operation} ${key}`;
    const sinceMs = clock.monotonicMs();
    const asked = underWay.get(callKey);
    if (asked !== undefined && sinceMs - asked.sinceMs < givenUpAfterMs) return asked;
    const ended = evaluate(operation, key, context()).then(() => {
      if (underWay.get(callKey) === evaluation) underWay.delete(callKey);
    });
    const evaluation = { sinceMs, ended };
    underWay.set(callKey, evaluation);
    return evaluation;
  }

  return {
    known: cache.get,
    ask(operation, key, context, told) {
      const { sinceMs, ended } = evaluationOf(operation, key, context);
      const leftMs = sinceMs + deadlineMs - clock.monotonicMs();
      if (leftMs <= 0) {
        told('FLAG_TIMEOUT');
        return;
      }
      let isWaiting = true;
      const cancel = clock.setTimer(() => {
        isWaiting = false;
        told('FLAG_TIMEOUT');
      }, leftMs);
      void ended.then(() => {
        if (!isWaiting) return;
        cancel();
        told('known');
      });
    },
    invalidate,
    cached: cache.size,
    close() {
      for (const event of changes) client.removeHandler(event, invalidate);
      invalidate();
    },
  };
}
