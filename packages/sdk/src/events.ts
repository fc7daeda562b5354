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

type Listener<D> = (detail: D) => void;

/** Who listens to one event; what is gone through is a list of its own, which a listener that comes or goes meanwhile leaves as it is. */
type Audience<D> = { readonly members: Set<Listener<D>>; list: readonly Listener<D>[] };

const nobody = <D>(): Audience<D> => ({ members: new Set(), list: [] });

/** Makes an empty set; `onListenerError` hears of a listener that throws. */
export function createListeners(onListenerError: (event: keyof CompatEvents, error: unknown) => void): Listeners {
  const audiences: { readonly [E in keyof CompatEvents]: Audience<CompatEvents[E]> } = {
    observation: nobody(),
    divergence: nobody(),
    modeChanged: nobody(),
    standby: nobody(),
    latched: nobody(),
    latchCleared: nobody(),
  };
  // Apart from `tell`, which would keep a place for what this holds in every call.
  function hearRejection(event: keyof CompatEvents, returned: Promise<unknown>): void {
    returned.catch((error: unknown) => onListenerError(event, error));
  }
  function tell<D>(event: keyof CompatEvents, listener: Listener<D>, detail: D): void {
    try {
      // An async listener has the type of a listener; its rejection is its own too.
      const returned: unknown = listener(detail);
      if (returned instanceof Promise) hearRejection(event, returned);
    } catch (error) {
      onListenerError(event, error);
    }
  }
  return {
    on<E extends keyof CompatEvents>(event: E, listener: Listener<CompatEvents[E]>) {
      const audience: Audience<CompatEvents[E]> = audiences[event];
      audience.members.add(listener);
      audience.list = [...audience.members];
      return () => {
        audience.members.delete(listener);
        audience.list = [...audience.members];
      };
    },
    has: (event) => audiences[event].list.length > 0,
    emit(event, detail) {
      for (const listener of audiences[event].list) tell(event, listener, detail);
    },
  };
}
