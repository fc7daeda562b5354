import { createListenersTo, type Listeners } from './listeners.js';
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

/** Who listens to an instance. */
export type CompatListeners = Listeners<CompatEvents>;

/** Makes an empty set of listeners to an instance; `onListenerError` hears of a listener that throws. */
export const createListeners = (
  onListenerError: (event: keyof CompatEvents, error: unknown) => void,
): CompatListeners =>
  createListenersTo<CompatEvents>(
    { observation: true, divergence: true, modeChanged: true, standby: true, latched: true, latchCleared: true },
    onListenerError,
  );
