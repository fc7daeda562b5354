import type { EngineName } from './engine/engineClient.js';
import type { Observation } from './observation.js';
import type { MigrationMode } from './selection/migrationMode.js';

/** What `on` can listen to, and what a listener gets. */
export type CompatEvents = {
  observation: Observation;
  modeChanged: { readonly from: MigrationMode; readonly to: MigrationMode };
  /** An engine is no longer kept in step: its adapter cannot express the fork. */
  standby: { readonly engine: EngineName; readonly state: 'unfed'; readonly reason: 'FORK' };
};

/** A set of listeners of which none can harm the others or the call that they hear of. */
export type Listeners = {
  /** Adds a listener; the function returned removes it. */
  on<E extends keyof CompatEvents>(event: E, listener: (detail: CompatEvents[E]) => void): () => void;
  emit<E extends keyof CompatEvents>(event: E, detail: CompatEvents[E]): void;
};

/** Makes an empty set; `onListenerError` hears of a listener that throws. */
export function createListeners(onListenerError: (event: keyof CompatEvents, error: unknown) => void): Listeners {
  const listeners: { [E in keyof CompatEvents]: Set<(detail: CompatEvents[E]) => void> } = {
    observation: new Set(),
    modeChanged: new Set(),
    standby: new Set(),
  };
  return {
    on(event, listener) {
      listeners[event].add(listener);
      return () => {
        listeners[event].delete(listener);
      };
    },
    emit(event, detail) {
      for (const listener of [...listeners[event]]) {
        try {
          listener(detail);
        } catch (error) {
          onListenerError(event, error);
        }
      }
    },
  };
}
