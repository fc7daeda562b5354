import type { Clock } from '../clock.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { CompatListeners } from '../events.js';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import type { Logger } from '../logger.js';
import type { CallContext } from '../operations/callContext.js';
import { requireText } from '../requireText.js';
import type { ChainView } from '../selection/chainView.js';
import type { LastForkchoices } from '../selection/lastForkchoices.js';
import type { RollbackLatch } from '../selection/latch.js';
import { type Decision, type SelectionSources, select } from '../selection/select.js';

/** Makes what a person, or a controller, does with the rollback latch of an instance. */
export function createRollbackCommands(parts: {
  readonly latch: RollbackLatch;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly listeners: CompatListeners;
  readonly dispatcher: Pick<Dispatcher, 'decideAgain'>;
  readonly chain: ChainView;
  readonly lastForkchoices: LastForkchoices;
  readonly context: Pick<CallContext, 'inputOf'>;
  readonly sources: SelectionSources;
}): Pick<LighthouseCompat, 'rollback' | 'clearLatch' | 'rehearseRollback'> {
  const { latch, clock, logger, listeners, dispatcher, chain, lastForkchoices, context, sources } = parts;
  return {
    rollback(reason) {
      try {
        requireText(reason, 'reason');
      } catch (error) {
        return Promise.reject(error);
      }
      const state = { reason, sinceMs: clock.nowMs() };
      const written = latch.set(state);
      // Heard here too, so that a caller who does not wait for the file is not brought down by it.
      written.catch((error: unknown) => logger.error(error instanceof Error ? error.message : String(error)));
      dispatcher.decideAgain();
      listeners.emit('latched', Object.freeze(state));
      logger.warn(`rollback: ${reason}; v4 answers until the latch is cleared`);
      return written;
    },
    async clearLatch({ by, reason }) {
      requireText(by, 'by');
      requireText(reason, 'reason');
      await latch.clear();
      listeners.emit('latchCleared', Object.freeze({ by, reason }));
      logger.warn(`the rollback latch was cleared by ${by}: ${reason}`);
    },
    rehearseRollback() {
      const facts = {
        operation: 'forkchoice_updated',
        fork: chain.newestFork(),
        blockHash: lastForkchoices.newest()?.headBlockHash ?? null,
        payloadId: null,
        sessionId: null,
      } as const;
      const latched = select(context.inputOf(facts), { ...sources, isLatched: () => true });
      // A latched call is decided before the flags are asked.
      return latched as Decision;
    },
  };
}
