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

/** Listeners of a controller, of which none can harm the others or the migration. */
export type MigrationListeners = {
  /** Adds a listener; the function returned removes it. */
  on<E extends keyof MigrationEvents>(event: E, listener: (detail: MigrationEvents[E]) => void): () => void;
  emit<E extends keyof MigrationEvents>(event: E, detail: MigrationEvents[E]): void;
};

/** Makes an empty set; `onListenerError` hears of a listener that throws. */
export function createMigrationListeners(
  onListenerError: (event: keyof MigrationEvents, error: unknown) => void,
): MigrationListeners {
  const listeners: { [E in keyof MigrationEvents]: Set<(detail: MigrationEvents[E]) => void> } = {
    transition: new Set(),
    check: new Set(),
    refused: new Set(),
    alarm: new Set(),
    drill: new Set(),
  };
  return {
    on(event, listener) {
      listeners[event].add(listener);
      return () => {
        listeners[event].delete(listener);
      };
    },
    emit(event, detail) {
      for (const listener of listeners[event]) {
        const failed = (error: unknown): void => onListenerError(event, error);
        try {
          const returned: unknown = listener(detail);
          if (returned instanceof Promise) returned.catch(failed);
        } catch (error) {
          failed(error);
        }
      }
    },
  };
}
