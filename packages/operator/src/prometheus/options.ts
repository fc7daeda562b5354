import type { Clock, Logger } from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { parseServerUrl } from '../serverUrl.js';

/** Where the figures of a fleet are, and whose they are. */
export type PrometheusHealthOptions = {
  /** Prometheus's address with its prefix, as in `https://prometheus.example.org/prometheus`. */
  readonly url: string;
  /** The plan's `health.windowMs`: how far a check looks back at most. */
  readonly windowMs: number;
  /** The `instance` label of every process, or how many there are: with one of them missing there is no sample. */
  readonly instances: readonly string[] | number;
  /** What else every series of theirs is labelled with, as in `{ job: 'lighthouse-compat' }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Older figures of a process are none; at least two scrape intervals. Default 120 000. */
  readonly staleAfterMs?: number;
  /** How long all that one sample takes to ask may take; default 5 000. */
  readonly timeoutMs?: number;
  /** A bearer token, read anew for each request. */
  readonly tokenFile?: string;
  readonly basicAuth?: { readonly username: string; readonly passwordFile: string };
  readonly clock?: Clock;
  /** Told what is wrong when it begins, changes and ends. */
  readonly logger?: Logger;
};

/** More could not be told apart within the bounds of an answer. */
const maximumInstances = 1_000;

/** Those of the options that have been checked. */
export type CheckedOptions = {
  readonly url: string;
  readonly windowMs: number;
  readonly instances: readonly string[] | number;
  readonly labels: Readonly<Record<string, string>>;
  readonly staleAfterMs: number;
  readonly timeoutMs: number;
};

const invalid = (path: string, what: string): OperatorError =>
  new OperatorError('INVALID_OPTION', `${path}: ${what}`, { path });

function requireMs(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 1) return value;
  throw invalid(path, 'a time of at least 1 ms is needed');
}

const requireText = (value: unknown, path: string): void => {
  if (typeof value !== 'string' || value === '') throw invalid(path, 'a text that is not empty is needed');
};

function checkInstances(instances: unknown): void {
  if (typeof instances === 'number') {
    if (Number.isSafeInteger(instances) && instances >= 1 && instances <= maximumInstances) return;
    throw invalid('instances', `a whole number from 1 to ${maximumInstances} is needed`);
  }
  if (!Array.isArray(instances) || instances.length === 0 || instances.length > maximumInstances)
    throw invalid('instances', `a number, or a list of 1 to ${maximumInstances}, is needed`);
  for (const [at, instance] of instances.entries()) requireText(instance, `instances[${at}]`);
  if (new Set(instances).size < instances.length) throw invalid('instances', 'one of them is there twice');
}

/** Checks options; throws INVALID_OPTION with the path of what is wrong. */
export function parseOptions(options: PrometheusHealthOptions): CheckedOptions {
  const { instances, labels = {}, basicAuth, tokenFile } = options;
  const url = parseServerUrl(options.url);
  const windowMs = requireMs(options.windowMs, 'windowMs');
  const staleAfterMs = requireMs(options.staleAfterMs ?? 120_000, 'staleAfterMs');
  const timeoutMs = requireMs(options.timeoutMs ?? 5_000, 'timeoutMs');
  checkInstances(instances);
  for (const [name, value] of Object.entries(labels)) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name === '__name__')
      throw invalid(`labels.${name}`, 'it is not the name of a label');
    requireText(value, `labels.${name}`);
  }
  if (tokenFile !== undefined) requireText(tokenFile, 'tokenFile');
  if (basicAuth !== undefined) {
    if (tokenFile !== undefined) throw invalid('basicAuth', 'it is given beside a tokenFile');
    requireText(basicAuth.username, 'basicAuth.username');
    // By the scheme the name ends at its first colon.
    if (basicAuth.username.includes(':')) throw invalid('basicAuth.username', 'it has a colon');
    requireText(basicAuth.passwordFile, 'basicAuth.passwordFile');
  }
  return {
    url,
    windowMs,
    instances: typeof instances === 'number' ? instances : [...instances],
    labels: { ...labels },
    staleAfterMs,
    timeoutMs,
  };
}
