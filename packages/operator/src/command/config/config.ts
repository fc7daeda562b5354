import type { MigrationPlan } from '@lighthouse-compat/sdk';
import type { PrometheusHealthOptions } from '../../prometheus/options.js';
import type { Problem } from '../../schemaProblems.js';

/** A service by its control API. */
export type ServiceConfig = {
  readonly name?: string;
  readonly url: string;
  readonly tokenFile?: string;
  readonly timeoutMs?: number;
};

/** Where the flags are. */
export type UnleashConfig = {
  readonly url: string;
  readonly tokenFile: string;
  readonly project: string;
  readonly environment: string;
  readonly timeoutMs?: number;
};

/** What a fleet is judged by; the window is the plan's. */
export type PrometheusConfig = Omit<PrometheusHealthOptions, 'windowMs' | 'clock' | 'logger'>;

/** A configuration as its file has it, checked; files are absolute. */
export type Config = {
  readonly by?: string;
  readonly service?: ServiceConfig;
  readonly peers: readonly (ServiceConfig & { readonly name: string })[];
  readonly unleash?: UnleashConfig;
  readonly prometheus?: PrometheusConfig;
  /** Complete; null where the file has none. */
  readonly plan: MigrationPlan | null;
};

/** A file, and what is wrong with it: where something is, its part of the configuration is missing. */
export type ReadConfig = {
  /** Null: no file was named, and none is there. */
  readonly file: string | null;
  readonly config: Config;
  readonly problems: readonly Problem[];
};
