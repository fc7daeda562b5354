import type { Clock } from '../clock.js';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import { lastClearIn } from './appliedTargets.js';
import type { Actuator, JournalContent } from './contracts.js';
import type { Machine } from './machine.js';
import type { ControllerAlarm } from './migrationEvents.js';
import type { MigrationPlan } from './plan.js';
import { verifyWithin } from './rollbackVerification.js';
import { targetOf } from './target.js';

/** What has to do with the latch. */
export type Rollbacks = {
  /** Latches before it returns. */
  latch(reason: string): void;
  /** Does what latches the process by itself and is no rollback: a drill. */
  withoutRollback<T>(work: () => T): T;
  /** Verifies the rollback that the machine is in, and tells it how that ended. */
  verify(): Promise<void>;
  /** Makes the latch fit what a journal ends with, and the other way round where the process has been latched meanwhile. */
  reconcile(content: JournalContent): Promise<void>;
  close(): void;
};

/** Makes it; a latch that somebody else sets is a rollback from then on. */
export function createRollbacks(parts: {
  readonly compat: LighthouseCompat;
  readonly machine: () => Machine;
  readonly actuator: Actuator;
  readonly plan: MigrationPlan;
  readonly clock: Clock;
  readonly alarm: (alarm: ControllerAlarm) => void;
}): Rollbacks {
  const { compat, machine, actuator, plan, clock } = parts;
  let isOwn = false;
  let isClosed = false;

  const alarm = (code: ControllerAlarm['code'], message: string): void =>
    parts.alarm({ level: 'critical', code, message });

  function withoutRollback<T>(work: () => T): T {
    const before = isOwn;
    isOwn = true;
    try {
      return work();
    } finally {
      isOwn = before;
    }
  }

  function latch(reason: string): void {
    const untold = (error: unknown): void =>
      alarm(
        'LATCH_NOT_TOLD',
        `the latch may be set in this process alone: ${error instanceof Error ? error.message : String(error)}`,
      );
    try {
      withoutRollback(() => actuator.latch(reason)).catch(untold);
    } catch (error) {
      untold(error);
    }
  }

  function latchedElsewhere(reason: string): void {
    if (isClosed || isOwn || targetOf(machine().state).kind === 'latched') return;
    void machine()
      .dispatch({ type: 'latched', reason })
      .then(({ applied }) => {
        if (!applied) alarm('LATCHED_WHEN_FINALIZED', `the process was latched after it had been finalized: ${reason}`);
      });
  }
  const unsubscribe = compat.on('latched', ({ reason }) => latchedElsewhere(reason));

  async function verify(): Promise<void> {
    const { state } = machine();
    const evidence = await verifyWithin(compat, {
      clock,
      deadlineMs: plan.rollbackDeadlineMs,
      isEnded: () => isClosed,
    });
    const now = machine().state;
    // A rollback that has been tried again since has a verification of its own.
    if (isClosed || state.kind !== 'rolling_back' || now.kind !== 'rolling_back' || now.sinceMs !== state.sinceMs)
      return;
    const { verified, durationMs } = evidence;
    await machine().dispatch(
      verified && durationMs <= plan.rollbackDeadlineMs
        ? { type: 'verified', durationMs, evidence }
        : { type: 'unverified', why: evidence.reason ?? 'DEADLINE', durationMs, evidence },
    );
  }

  return {
    latch,
    withoutRollback,
    verify,
    async reconcile({ records }) {
      const { state } = machine();
      const target = targetOf(state);
      if (target.kind === 'latched') {
        // An earlier process may have ended before everybody was told; a latch that it kept in no file has ended with it.
        latch(target.reason);
        await machine().reapply();
        if (state.kind === 'rolling_back') void verify();
        return;
      }
      const { latch: found } = compat;
      const cleared = lastClearIn(records);
      if (cleared !== null && (found === null || found.sinceMs <= cleared.atMs)) {
        // It may not have been lifted everywhere yet.
        await machine().reapply();
        await machine().unlatch({ by: cleared.by, reason: cleared.reason });
      } else if (found === null) await machine().reapply();
      else latchedElsewhere(found.reason);
    },
    close() {
      isClosed = true;
      unsubscribe();
    },
  };
}
