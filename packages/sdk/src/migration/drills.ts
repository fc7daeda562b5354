import type { Clock } from '../clock.js';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import type { Checks } from './checks.js';
import type { DrillResult, JournalRecord } from './contracts.js';
import { runDrill } from './drill.js';
import { lastDrillIn } from './journalContent.js';
import type { Machine } from './machine.js';
import type { MigrationListeners } from './migrationEvents.js';
import type { MigrationPlan } from './plan.js';
import type { Recorder } from './recorder.js';
import type { Rollbacks } from './rollbacks.js';
import { targetOf } from './target.js';

/** The rehearsals of a migration's rollback, told and written down. */
export type Drills = {
  /** When one last ended well, in Unix milliseconds; null where none did. */
  readonly lastOkMs: number | null;
  /** Takes up what an earlier process has written. */
  restore(records: readonly JournalRecord[]): void;
  make(drill: { readonly by: string; readonly live: boolean }): Promise<DrillResult>;
};

/** Makes them; what could not be written is alarmed and written later. */
export function createDrills(parts: {
  readonly compat: LighthouseCompat;
  readonly machine: () => Machine;
  readonly checks: Pick<Checks, 'inspect' | 'factsNow'>;
  readonly rollbacks: Pick<Rollbacks, 'withoutRollback'>;
  readonly recorder: Recorder;
  readonly listeners: MigrationListeners;
  readonly plan: MigrationPlan;
  readonly clock: Clock;
}): Drills {
  const { compat, machine, checks, rollbacks, recorder, listeners, plan, clock } = parts;
  let lastOkMs: number | null = null;

  const unwritten = (error: unknown): void =>
    listeners.emit('alarm', {
      level: 'critical',
      code: 'JOURNAL_FAILED',
      message: `the drill is not in the journal yet: ${error instanceof Error ? error.message : String(error)}`,
    });

  return {
    get lastOkMs() {
      return lastOkMs;
    },
    restore(records) {
      lastOkMs = lastDrillIn(records);
    },
    async make({ by, live }) {
      const drill = await runDrill({
        compat,
        inspect: () => checks.inspect(),
        clock,
        by,
        live,
        v4InStep: checks.factsNow().v4InStep,
        deadlineMs: plan.rollbackDeadlineMs,
        latch: (reason) => rollbacks.withoutRollback(() => compat.rollback(reason)),
        isRolledBack: () => targetOf(machine().state).kind === 'latched',
      });
      const atMs = clock.nowMs();
      if (drill.ok) lastOkMs = atMs;
      listeners.emit('drill', drill);
      recorder.owe({ atMs, event: { type: 'drilled', drill }, state: machine().state }, unwritten);
      return drill;
    },
  };
}
