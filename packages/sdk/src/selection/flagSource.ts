import { type Client, type EvaluationContext, ProviderEvents } from '@openfeature/server-sdk';
import type { Clock } from '../clock.js';
import type { Operation } from '../operation.js';
import { createDecisionCache } from './decisionCache.js';
import { evaluateFlags, type FlagChoice } from './flags.js';

/** Past this an evaluation is not waited for. */
const deadlineMs = 50;

/** The flags of a client with a deadline and a memory. */
export type FlagSource = {
  /** What the flags say about a key: at once when it is known, else within the deadline; FLAG_TIMEOUT past it. Never rejects. */
  choose(
    operation: Operation,
    key: string,
    context: () => EvaluationContext,
  ): FlagChoice | Promise<FlagChoice | 'FLAG_TIMEOUT'>;
  /** Forgets what is known, because the mode has changed. */
  invalidate(): void;
  readonly cached: number;
  close(): void;
};

const changes = [
  ProviderEvents.ConfigurationChanged,
  ProviderEvents.Ready,
  ProviderEvents.Stale,
  ProviderEvents.Error,
] as const;

/** Watches a client's events, so that a toggled flag counts from the next decision on. */
export function createFlagSource(client: Client, clock: Clock): FlagSource {
  const cache = createDecisionCache(clock);
  const underWay = new Map<string, Promise<FlagChoice>>();
  let closed = false;
  const invalidate = (): void => cache.invalidate();
  for (const event of changes) client.addHandler(event, invalidate);

  /** Asks until nothing has changed between the first flag and the last: otherwise the answer would be of two states, and perhaps of none that ever was. */
  async function evaluateUnchanged(operation: Operation, key: string, context: EvaluationContext): Promise<FlagChoice> {
    for (;;) {
      const { epoch } = cache;
      const choice = await evaluateFlags(client, operation, context);
      if (cache.epoch === epoch || closed) {
        cache.set(operation, key, choice, epoch);
        return choice;
      }
    }
  }

  function evaluate(operation: Operation, key: string, context: () => EvaluationContext): Promise<FlagChoice> {
    const callKey = `${operation} ${key}`;
    const asked = underWay.get(callKey);
    if (asked !== undefined) return asked;
    const evaluating = evaluateUnchanged(operation, key, context()).finally(() => {
      if (underWay.get(callKey) === evaluating) underWay.delete(callKey);
    });
    underWay.set(callKey, evaluating);
    return evaluating;
  }

  function withinDeadline(evaluating: Promise<FlagChoice>): Promise<FlagChoice | 'FLAG_TIMEOUT'> {
    return new Promise((resolve) => {
      const cancel = clock.setTimer(() => resolve('FLAG_TIMEOUT'), deadlineMs);
      void evaluating.then((choice) => {
        cancel();
        resolve(choice);
      });
    });
  }

  return {
    choose(operation, key, context) {
      return cache.get(operation, key) ?? withinDeadline(evaluate(operation, key, context));
    },
    invalidate,
    get cached() {
      return cache.size;
    },
    close() {
      closed = true;
      for (const event of changes) client.removeHandler(event, invalidate);
    },
  };
}
