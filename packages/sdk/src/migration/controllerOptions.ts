import type { Client } from '@openfeature/server-sdk';
import type { Clock } from '../clock.js';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import type { Logger } from '../logger.js';
import type { Actuator, HealthSource, Journal } from './contracts.js';
import type { MigrationFacts } from './event.js';
import type { HealthCheck } from './health/healthCheck.js';
import type { MigrationPlan, MigrationPlanOptions } from './plan.js';
import type { MigrationState } from './state.js';
import type { MigrationTarget } from './target.js';

/** What a controller needs: an instance of the SDK, a journal, and a plan where the default one is not wanted. */
export type MigrationControllerOptions = {
  readonly compat: LighthouseCompat;
  readonly journal: Journal;
  readonly plan?: MigrationPlanOptions;
  /** Default: the instance's own mode and latch. */
  readonly actuator?: Actuator;
  /** The OpenFeature client that the instance was given: while its provider is not ready the plan is held. The default actuator asks it, too. */
  readonly flags?: Client;
  /** Default: the instance's own observations. */
  readonly health?: HealthSource;
  readonly clock?: Clock;
  readonly logger?: Logger;
};

/** Where a migration is, as a person sees it. */
export type MigrationStatus = {
  readonly state: MigrationState;
  readonly target: MigrationTarget;
  /** The share of calls that v5 answers. */
  readonly percent: number;
  /** How much of the plan is behind, 0 to 1. */
  readonly progress: number;
  /** When the plan moves up next at the earliest, in Unix milliseconds; null where it does not by itself. */
  readonly dueMs: number | null;
  /** When a rollback was last rehearsed with success, in Unix milliseconds; null where it never was. */
  readonly drilledMs: number | null;
  /** The newest check; null before the first. */
  readonly check: HealthCheck | null;
  /** What is the case around it; null before the first check. */
  readonly facts: MigrationFacts | null;
  readonly plan: MigrationPlan;
};

/** Who acts. */
export type By = { readonly by: string };
