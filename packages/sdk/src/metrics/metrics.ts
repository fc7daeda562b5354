import type { Client } from '@openfeature/server-sdk';
import type { Registry } from 'prom-client';
import type { EngineName } from '../engine/engineClient.js';
import type { EngineMethod } from '../engine/methods.js';
import type { CompatEvents } from '../events.js';
import type { Observation } from '../observation.js';
import type { ReplayOutcome } from '../replay/engineReplay.js';
import type { EngineState } from '../selection/engineStates.js';
import { createCallMetrics } from './callMetrics.js';
import { counterOn } from './counter.js';
import { requireNames } from './exported.js';
import { createFlagProviderMetrics } from './flagProviderMetrics.js';
import * as labels from './labels.js';
import { createStateMetrics, type WatchedState } from './stateMetrics.js';
import * as table from './stateTable.js';
import { metricTable } from './table.js';

/** Counts observations and what else the SDK tells on the caller's registry. */
export type Metrics = {
  observe(observation: Observation): void;
  standbyChanged(state: EngineState): void;
  replayed(engine: EngineName, outcome: ReplayOutcome, payloads: number): void;
  unknownField(method: EngineMethod): void;
  listenerError(event: keyof CompatEvents): void;
  /** Tells the instance's state from now on whenever it is scraped, until `close`. */
  watch(state: WatchedState, flags: Client | undefined): void;
  /** The counts stay, since a counter never goes back; the states of a closed instance are no longer told. */
  close(): void;
};

/** Registers the SDK's metrics, shared with every other instance on the same registry; throws INVALID_OPTION where a name is somebody else's. */
export function createMetrics(registry: Registry): Metrics {
  requireNames(registry, Object.values(metricTable).flat());
  const standbyChanges = counterOn(registry, table.standbyChanges);
  const replays = counterOn(registry, table.replays);
  const replayedPayloads = counterOn(registry, table.replayedPayloads);
  const unknownFields = counterOn(registry, table.unknownFields);
  const listenerErrors = counterOn(registry, table.listenerErrors);
  const endings: (() => void)[] = [];

  return {
    observe: createCallMetrics(registry),
    standbyChanged: ({ engine, state }) =>
      standbyChanges.inc(labels.engine.placeOf(engine), labels.engineState.placeOf(state)),
    replayed(engine, outcome, payloads) {
      const at = labels.engine.placeOf(engine);
      replays.inc(at, labels.replayOutcome.placeOf(outcome));
      replayedPayloads.add(payloads, at);
    },
    unknownField: (method) => unknownFields.inc(labels.method.placeOf(method)),
    listenerError: (event) => listenerErrors.inc(labels.event.placeOf(event)),
    watch(state, flags) {
      endings.push(createStateMetrics(registry, state));
      if (flags !== undefined) endings.push(createFlagProviderMetrics(registry, flags, state.clock));
    },
    close() {
      for (const end of endings.splice(0)) end();
    },
  };
}
