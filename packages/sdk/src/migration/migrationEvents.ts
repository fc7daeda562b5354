import { createListenersTo, type Listeners } from '../listeners.js';
import type { DrillResult, JournalRecord } from './contracts.js';
import type { MigrationEvent, MigrationFacts } from './event.js';
import type { HealthCheck } from './health/healthCheck.js';
import type { MigrationState } from './state.js';
import type { Alarm, RefusalCode } from './transitionResult.js';

/** Codes of alarms: those of a transition, and those of what was to be done about one. */
export type ControllerAlarm = {
  readonly level: Alarm['level'];
  readonly code:
    | Alarm['code']
    | 'JOURNAL_FAILED'
    | 'JOURNAL_DAMAGED'
    | 'NOT_APPLIED'
    | 'LATCH_NOT_TOLD'
    | 'LATCHED_WHEN_FINALIZED';
  readonly message: string;
};

/** What a controller's `on` can listen to. */
export type MigrationEvents = {
  /** The state has changed; the record is that of the journal, its number apart. */
  transition: Omit<JournalRecord, 'seq'> & { readonly from: MigrationState };
  /** Every check, whether it changed anything or not. */
  check: { readonly check: HealthCheck; readonly facts: MigrationFacts; readonly state: MigrationState };
  /** An event did not apply. */
  refused: {
    readonly event: MigrationEvent;
    readonly code: RefusalCode | 'JOURNAL_FAILED' | 'SUPERSEDED';
    readonly message: string;
  };
  alarm: ControllerAlarm;
  drill: DrillResult;
};

/** Who listens to a controller. */
export type MigrationListeners = Listeners<MigrationEvents>;

/** Makes an empty set of listeners to a controller; `onListenerError` hears of a listener that throws. */
export const createMigrationListeners = (
  onListenerError: (event: keyof MigrationEvents, error: unknown) => void,
): MigrationListeners =>
  createListenersTo<MigrationEvents>(
    { transition: true, check: true, refused: true, alarm: true, drill: true },
    onListenerError,
  );
