import { FlagProviderError } from '../../errors.js';
import { awaitedClock, type Clock } from '../clock.js';

/** The Admin API of a server, and how it is asked. */
export type UnleashAdminOptions = {
  /** The API, as UnleashProvider takes it: `https://unleash.example.org/api`. */
  readonly url: string;
  /** A token of the Admin API: an admin token, a service account's or a person's; it is in no error. */
  readonly token: string;
  /** How long one attempt may take, by default 10 s. */
  readonly timeoutMs?: number;
  /** How often a request is made again after the first attempt, by default 3 times. */
  readonly retries?: number;
  /** The longest wait that a server's Retry-After is followed for, by default 30 s. */
  readonly maximumRetryAfterMs?: number;
  /** A larger answer is refused, by default over 8 MiB. */
  readonly maximumResponseBytes?: number;
  /** Ends requests and waits, which then fail as ABORTED. */
  readonly signal?: AbortSignal;
  /** By default the machine's, whose timers here keep the process alive while a request is under way. */
  readonly clock?: Clock;
};

/** The options, checked and with their defaults. */
export type AdminSettings = Required<Omit<UnleashAdminOptions, 'signal' | 'url'>> & {
  /** Without a slash at its end. */
  readonly url: string;
  readonly signal: AbortSignal | undefined;
};

/** Checks the options; throws `INVALID_OPTION` with the option's name, and never its value. */
export function readAdminSettings(options: UnleashAdminOptions): AdminSettings {
  const { url, token, timeoutMs = 10_000, retries = 3, maximumRetryAfterMs = 30_000, signal } = options;
  const { maximumResponseBytes = 8 * 2 ** 20, clock = awaitedClock } = options;
  // fetch would tell the whole header in its error.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) refuse('token', 'expected a token without blanks');
  wholeNumberFrom('timeoutMs', timeoutMs, 1);
  wholeNumberFrom('retries', retries, 0);
  wholeNumberFrom('maximumRetryAfterMs', maximumRetryAfterMs, 0);
  wholeNumberFrom('maximumResponseBytes', maximumResponseBytes, 1);
  const settings = { token, timeoutMs, retries, maximumRetryAfterMs, maximumResponseBytes, clock, signal };
  return { ...settings, url: readUrl(url) };
}

/** Takes what can be one step of a URL's path as Unleash names things; throws `INVALID_OPTION`. */
export function nameIn(option: string, value: unknown): string {
  const isName = typeof value === 'string' && /^[\w.~-]{1,100}$/.test(value) && !/^\.\.?$/.test(value);
  return isName ? value : refuse(option, 'expected letters, digits, "_", "-", "." and "~" only');
}

/** Takes an integer from 0 to 100: Unleash itself would store any text as a rollout. Throws `INVALID_PERCENT`. */
export function percentIn(option: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 100) return value as number;
  throw new FlagProviderError('INVALID_PERCENT', option, 'expected an integer from 0 to 100');
}

function readUrl(value: unknown): string {
  if (typeof value !== 'string' || !URL.canParse(value)) return refuse('url', 'expected an absolute URL');
  const { protocol, username, password, origin, pathname } = new URL(value);
  if (protocol !== 'http:' && protocol !== 'https:') refuse('url', 'expected http or https');
  if (username !== '' || password !== '') refuse('url', 'expected no user name and no password in it');
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

function wholeNumberFrom(option: string, value: unknown, minimum: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= minimum) return;
  refuse(option, `expected a whole number of at least ${minimum}`);
}

function refuse(option: string, detail: string): never {
  throw new FlagProviderError('INVALID_OPTION', option, detail);
}
