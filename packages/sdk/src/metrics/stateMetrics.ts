import type { Registry } from 'prom-client';
import type { Clock } from '../clock.js';
import type { Arm } from '../dispatch/arm.js';
import type { Stats } from '../lighthouseCompat.js';
import type { EngineState } from '../selection/engineStates.js';
import type { Latch } from '../selection/latch.js';
import type { MigrationMode } from '../selection/migrationMode.js';
import { sdkVersion } from '../version.js';
import type { GaugeDefinition } from './definition.js';
import type { Label } from './label.js';
import { configuredMode, engineState } from './labels.js';
import { type Reading, readingOn } from './reading.js';
import * as table from './stateTable.js';

/** What the gauges are read from, at each scrape and never between. */
export type WatchedState = {
  readonly clock: Clock;
  /** One of each lane. */
  readonly arms: readonly Arm[];
  stats(): Stats;
  /** The engines whose state steers decisions. */
  standby(): readonly EngineState[];
  latch(): Latch | null;
  mode(): MigrationMode;
};

/** Tells the state of an instance; the function returned ends that. */
export function createStateMetrics(registry: Registry, watched: WatchedState): () => void {
  const { clock, arms, stats, standby, latch, mode } = watched;
  const endings: (() => void)[] = [];
  const read = <const L extends readonly Label[]>(
    definition: GaugeDefinition<L>,
    source: Parameters<Reading<L>['read']>[0],
  ): void => {
    endings.push(readingOn(registry, definition).read(source));
  };

  read(table.buildInfo, (tell) => tell(1, sdkVersion));
  read(table.laneCalls, (tell) => {
    for (const { engine, lane } of arms) tell(lane.calls(), engine);
  });
  read(table.laneBytes, (tell) => {
    for (const { engine, lane } of arms) tell(lane.bytes(), engine);
  });
  read(table.laneOldestAge, (tell) => {
    const nowMs = clock.monotonicMs();
    for (const { engine, lane } of arms) tell((nowMs - (lane.oldestMs() ?? nowMs)) / 1000, engine);
  });
  read(table.standbyState, (tell) => {
    for (const { engine, state } of standby())
      for (const known of engineState.values) tell(known === state ? 1 : 0, engine, known);
  });
  read(table.configuredModeState, (tell) => {
    const { kind } = mode();
    for (const known of configuredMode.values) tell(known === kind ? 1 : 0, known);
  });
  read(table.latchSet, (tell) => tell(latch() === null ? 0 : 1));
  read(table.latchSetTimestamp, (tell) => {
    const set = latch();
    if (set !== null) tell(set.sinceMs / 1000);
  });
  read(table.detachedSends, (tell) => tell(stats().detachedSends));
  read(table.payloadPins, (tell) => tell(stats().payloadPins));
  read(table.replayBufferPayloads, (tell) => tell(stats().replayBuffer.payloads));
  read(table.replayBufferBytes, (tell) => tell(stats().replayBuffer.bytes));
  read(table.cachedDecisions, (tell) => tell(stats().cachedDecisions));

  return () => {
    for (const end of endings) end();
  };
}
