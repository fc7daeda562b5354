import type { Registry } from 'prom-client';
import { CompatError } from '../errors.js';
import { MigrationController } from '../migration/controller.js';
import type { MigrationEvents } from '../migration/migrationEvents.js';
import { counterOn } from './counter.js';
import { requireNames } from './exported.js';
import type { Label, LabelValues } from './label.js';
import {
  drillOutcome,
  healthVerdict,
  heldBy,
  heldKind,
  migrationAlarm,
  migrationState,
  rollbackOutcome,
  startedBy,
} from './labels.js';
import * as table from './migrationTable.js';
import { readingOn } from './reading.js';

const invalid = (path: string, what: string): CompatError =>
  new CompatError('INVALID_OPTION', `${path}: ${what}`, { path });

/** Tells the one value of a label that holds as 1, and the others as 0. */
function tellOne<V extends string>(
  tell: (value: number, ...labels: LabelValues<[Label<V>]>) => void,
  label: Label<V>,
  holding: V | null,
): void {
  for (const value of label.values) tell(value === holding ? 1 : 0, value);
}

/** Who began a rollback; null where a transition began none. */
function starterOf({ event, from, state }: MigrationEvents['transition']): 'controller' | 'person' | 'latch' | null {
  if (state.kind !== 'rolling_back' || from.kind === 'rolling_back' || from.kind === 'rollback_failed') return null;
  if (event.type === 'latched') return 'latch';
  return event.type === 'check' ? 'controller' : 'person';
}

/** Counts what happens to a migration from now on. */
function countEvents(registry: Registry, controller: MigrationController): readonly (() => void)[] {
  const checks = counterOn(registry, table.checks);
  const started = counterOn(registry, table.rollbacksStarted);
  const ended = counterOn(registry, table.rollbacksEnded);
  const alarms = counterOn(registry, table.alarms);
  const drills = counterOn(registry, table.drills);
  return [
    controller.on('check', ({ check }) => checks.inc(healthVerdict.placeOf(check.verdict))),
    controller.on('transition', (transition) => {
      const starter = starterOf(transition);
      if (starter !== null) started.inc(startedBy.placeOf(starter));
      const { event } = transition;
      if (event.type === 'verified' || event.type === 'unverified')
        ended.inc(rollbackOutcome.placeOf(event.type === 'verified' ? 'verified' : 'failed'));
    }),
    controller.on('alarm', ({ code }) => alarms.inc(migrationAlarm.placeOf(code))),
    controller.on('drill', ({ ok }) => drills.inc(drillOutcome.placeOf(ok ? 'ok' : 'failed'))),
  ];
}

/** Tells the state of a migration whenever the registry is scraped. */
function readStatus(registry: Registry, controller: MigrationController): readonly (() => void)[] {
  const readNumber = (
    definition: Parameters<typeof readingOn<[]>>[1],
    numberOf: (status: MigrationController['status']) => number | null,
  ): (() => void) =>
    readingOn(registry, definition).read((tell) => {
      const value = numberOf(controller.status);
      if (value !== null) tell(value);
    });
  const readCriteria = (
    definition: typeof table.figure,
    percentOf: (found: { readonly valuePercent: number | null; readonly limitPercent: number }) => number | null,
  ): (() => void) =>
    readingOn(registry, definition).read((tell) => {
      for (const found of controller.status.check?.criteria ?? []) {
        const percent = percentOf(found);
        if (percent !== null) tell(percent / 100, found.name);
      }
    });
  const inSeconds = (ms: number | null): number | null => ms && ms / 1000;
  return [
    readingOn(registry, table.state).read((tell) => tellOne(tell, migrationState, controller.status.state.kind)),
    readNumber(table.v5Ratio, ({ percent }) => percent / 100),
    readNumber(table.progress, ({ progress }) => progress),
    readingOn(registry, table.held).read((tell) => {
      const { held } = controller.status.state;
      for (const kind of heldKind.values)
        for (const by of heldBy.values)
          tell(held?.kind === kind && (held.by === null) === (by === 'controller') ? 1 : 0, kind, by);
    }),
    readNumber(table.due, ({ dueMs }) => inSeconds(dueMs)),
    readingOn(registry, table.verdict).read((tell) =>
      tellOne(tell, healthVerdict, controller.status.check?.verdict ?? null),
    ),
    readCriteria(table.figure, ({ valuePercent }) => valuePercent),
    readCriteria(table.limit, ({ limitPercent }) => limitPercent),
    readNumber(table.failing, ({ state }) => state.streak.fails),
    readNumber(table.rollbackDuration, ({ state }) => ('durationMs' in state ? inSeconds(state.durationMs) : null)),
    readNumber(table.drilled, ({ drilledMs }) => inSeconds(drilledMs)),
  ];
}

/** Tells a migration whenever the registry is scraped, and counts what happens to it; the function returned ends that. A registry takes one controller at a time. Throws INVALID_OPTION for a second one, for what is no registry or controller, and where a name is somebody else's. */
export function watchMigration(registry: Registry, controller: MigrationController): () => void {
  if (typeof registry?.registerMetric !== 'function') throw invalid('registry', 'a prom-client Registry is needed');
  if (!(controller instanceof MigrationController)) throw invalid('controller', 'a MigrationController is needed');
  requireNames(registry, Object.values(table));
  const endings = [...readStatus(registry, controller), ...countEvents(registry, controller)];
  return () => {
    for (const end of endings) end();
  };
}
