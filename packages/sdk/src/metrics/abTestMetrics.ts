import type { Registry } from 'prom-client';
import { AbTestController } from '../abTest/controller.js';
import type { AbTestArm, AbTestResults } from '../abTest/results.js';
import { CompatError } from '../errors.js';
import * as table from './abTestTable.js';
import type { GaugeDefinition, ReadCounterDefinition } from './definition.js';
import { requireNames } from './exported.js';
import type { AnyLabel, Label, NameLabel } from './label.js';
import { abTestStatus, abTestVerdict, splitVerdict, version } from './labels.js';
import { type Reading, readingOn } from './reading.js';

/** Reads once for whoever asks in one go, as a registry asks all of its metrics when it is scraped: the verdicts cost the most, and all are to be of one moment. */
function oncePerScrape<T>(read: () => T): () => T {
  let last: { readonly value: T } | null = null;
  return () => {
    if (last === null) {
      last = { value: read() };
      queueMicrotask(() => {
        last = null;
      });
    }
    return last.value;
  };
}

const invalid = (path: string, what: string): CompatError =>
  new CompatError('INVALID_OPTION', `${path}: ${what}`, { path });

/** Tells what the tests of a controller have shown whenever the registry is scraped, and adds nothing to a request; the function returned ends that. A registry takes one controller at a time. Throws INVALID_OPTION for a second one, for what is no registry or controller, and where a name is somebody else's. */
export function watchAbTests(registry: Registry, tests: AbTestController): () => void {
  if (typeof registry?.registerMetric !== 'function') throw invalid('registry', 'a prom-client Registry is needed');
  if (!(tests instanceof AbTestController)) throw invalid('tests', 'an AbTestController is needed');
  requireNames(registry, Object.values(table));
  const results = oncePerScrape(() => tests.list().map(({ test }) => tests.getTestResults(test.name)));

  const endings: (() => void)[] = [];
  const read = <const L extends readonly AnyLabel[]>(
    definition: GaugeDefinition<L> | ReadCounterDefinition<L>,
    source: Parameters<Reading<L>['read']>[0],
  ): void => {
    endings.push(readingOn(registry, definition).read(source));
  };
  const readArms = (
    definition: typeof table.requests | typeof table.p50,
    figureOf: (arm: AbTestArm) => number | null,
  ): void =>
    read(definition, (tell) => {
      for (const result of results())
        for (const arm of version.values) {
          const value = figureOf(result[arm]);
          if (value !== null) tell(value, result.test.name, arm);
        }
    });
  const readState = <V extends string>(
    definition: GaugeDefinition<[NameLabel, Label<V>]>,
    label: Label<V>,
    stateOf: (result: AbTestResults) => V,
  ): void =>
    read(definition, (tell) => {
      for (const result of results())
        for (const known of label.values) tell(known === stateOf(result) ? 1 : 0, result.test.name, known);
    });

  readState(table.abTestState, abTestStatus, ({ status }) => status);
  readArms(table.requests, (arm) => arm.requests);
  readArms(table.successes, (arm) => arm.successes);
  readArms(table.timedRequests, (arm) => arm.timedRequests);
  readArms(table.p50, ({ p50Ms }) => p50Ms && p50Ms / 1000);
  readArms(table.p99, ({ p99Ms }) => p99Ms && p99Ms / 1000);
  readState(table.successRateVerdict, abTestVerdict, ({ successRate }) => successRate.verdict);
  readState(table.latencyVerdict, abTestVerdict, ({ latency }) => latency.verdict);
  readState(table.splitState, splitVerdict, ({ split }) => split.verdict);
  read(table.units, (tell) => {
    for (const { test, split } of results()) {
      tell(split.units - split.v5Units, test.name, 'v4');
      tell(split.v5Units, test.name, 'v5');
    }
  });
  read(table.plannedV5Share, (tell) => {
    for (const { test } of results()) tell(test.v5Percent / 100, test.name);
  });
  read(table.leftOut, (tell) => {
    const { unknownName, outsideTime, withoutSession, unattributed } = tests.counts;
    tell(unknownName, 'unknown_name');
    tell(outsideTime, 'outside_time');
    tell(withoutSession, 'without_session');
    tell(unattributed, 'unattributed');
  });
  return () => {
    for (const end of endings) end();
  };
}
