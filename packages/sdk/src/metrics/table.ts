import * as abTestTable from './abTestTable.js';
import * as callTable from './callTable.js';
import type { MetricDefinition } from './definition.js';
import * as healthTable from './healthTable.js';
import * as migrationTable from './migrationTable.js';
import * as stateTable from './stateTable.js';

/** Every metric of the SDK, by what it tells of: docs/metrics.md is written from this. */
export const metricTable: Readonly<
  Record<'calls' | 'health' | 'instance' | 'abTests' | 'migration', readonly MetricDefinition[]>
> = {
  calls: Object.values(callTable),
  health: Object.values(healthTable),
  instance: Object.values(stateTable),
  abTests: Object.values(abTestTable),
  migration: Object.values(migrationTable),
};
