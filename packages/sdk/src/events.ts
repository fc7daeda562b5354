import type { Observation } from './observation.js';
import type { EngineState } from './selection/engineStates.js';
import type { Latch } from './selection/latch.js';
import type { MigrationMode } from './selection/migrationMode.js';

/** What `on` can listen to, and what a listener gets. */
export type CompatEvents = {
  /** Every call, once, when its last part has ended. */
  observation: Observation;
  /** A call on which the engines contradict each other: VALID against INVALID, or VALID for a foreign hash. */
  divergence: Observation;
  modeChanged: { readonly from: MigrationMode; readonly to: MigrationMode };
  /** An engine has come into step, fallen out of it, or is no longer fed. */
  standby: EngineState;
  /** The rollback latch has been set. */
  latched: Latch;
  /** A person has cleared the rollback latch. */
  latchCleared: { readonly by: string; readonly reason: string };
};

/** A set of listeners of which none can harm the others or the call that they hear of. */
export type Listeners = {
  /** Adds a listener; the function returned removes it. */
  on<E extends keyof CompatEvents>(event: E, listener: (detail: CompatEvents[E]) => void): () => void;
  emit<E extends keyof CompatEvents>(event: E, detail: CompatEvents[E]): void;
  /** Whether anyone listens: what nobody is to hear need not be put together. */
  has(event: keyof CompatEvents): boolean;
};

/** Makes an empty set; `onListenerError` hears of a listener that throws. */
export function createListeners(onListenerError: (event: keyof CompatEvents, error: unknown) => void): Listeners {
  const listeners: { [E in keyof CompatEvents]: Set<(detail: CompatEvents[E]) => void> } = {
    observation: new Set(),
    divergence: new Set(),
    modeChanged: new Set(),
    standby: new Set(),
    latched: new Set(),
    latchCleared: new Set(),
  };
  return {
    on(event, listener) {
      listeners[event].add(listener);
      return () => {
        listeners[event].delete(listener);
      };
    },
    has: (event) => listeners[event].size > 0,
    emit(event, detail) {
      for (const listener of listeners[event]) {
        const failed = (error: unknown): void => onListenerError(event, error);
        try {
          // An async listener has the type of a listener; its rejection is its own too.
          const returned: unknown = listener(detail);
          if (returned instanceof Promise) returned.catch(failed);
        } catch (error) {
          failed(error);
        }
      }
    },
  };
}
