import { isIPv6 } from 'node:net';
import { type Clock, type Logger, systemClock } from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { parseServerUrl } from '../serverUrl.js';

/** Where a desk is, and which service is watched on it. */
export type DeskOptions = {
  readonly service: {
    /** Of its control API with the prefix, as in `http://10.0.0.7:9400/control`. */
    readonly url: string;
    /** How long an answer may take; default 30 000. A drill may take 330 000. */
    readonly timeoutMs?: number;
  };
  /** Where the page is served; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0, any that is free. */
  readonly port?: number;
  /** Names by which the page is asked for, beside those of the loopback and `host` itself. */
  readonly hosts?: readonly string[];
  readonly clock?: Clock;
  readonly logger?: Logger;
};

/** An address as it is in a URL and in a Host header. */
export const inUrl = (host: string): string => (isIPv6(host) ? `[${host}]` : host);

/** Says something to a person. */
export type Say = (level: keyof Logger, message: string) => void;

type ParsedDeskOptions = Required<Omit<DeskOptions, 'service' | 'logger'>> & {
  readonly service: Required<DeskOptions['service']>;
  readonly say: Say;
};

/** A logger that throws harms nobody. */
function sayTo(logger: Logger | undefined): Say {
  return (level, message) => {
    try {
      logger?.[level](`desk: ${message}`);
    } catch {
      // There is nowhere left to say it.
    }
  };
}

/** Everything that a desk needs, whole; throws INVALID_OPTION. */
export function parseDeskOptions({
  service,
  host = '127.0.0.1',
  port = 0,
  hosts = [],
  clock = systemClock,
  logger,
}: DeskOptions): ParsedDeskOptions {
  const invalid = (path: string, what: string): OperatorError =>
    new OperatorError('INVALID_OPTION', `${path}: ${what}`, { path });
  const { timeoutMs = 30_000 } = service;
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 2 ** 31 - 1)
    throw invalid('service.timeoutMs', 'milliseconds are needed');
  if (!Number.isSafeInteger(port) || port < 0 || port > 65_535) throw invalid('port', 'a port is needed, or 0');
  if (typeof host !== 'string' || host === '') throw invalid('host', 'an address or a name is needed');
  const url = parseServerUrl(service.url, 'service.url');
  return { service: { url, timeoutMs }, host, port, hosts, clock, say: sayTo(logger) };
}
