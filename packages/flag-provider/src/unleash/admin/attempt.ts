import { FlagProviderError } from '../../errors.js';
import { readTime } from '../clock.js';
import type { AdminSettings } from './options.js';

/** A request of the Admin API. */
export type AdminRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the API's address, as in `/admin/projects`. */
  readonly path: string;
  readonly body?: unknown;
};

/** What one attempt got. */
export type AdminAnswer = {
  readonly status: number;
  readonly text: string;
  /** How long the server wants to be left alone, if it says so. */
  readonly retryAfterMs: number | undefined;
};

/** Makes a request once, within the timeout; throws CONNECTION_FAILED, TIMEOUT, ABORTED or RESPONSE_TOO_LARGE. */
export async function attempt(request: AdminRequest, settings: AdminSettings, place: string): Promise<AdminAnswer> {
  const { url, token, timeoutMs, maximumResponseBytes, clock, signal } = settings;
  const { method, path, body } = request;
  const late = new AbortController();
  const cancel = clock.setTimer(() => late.abort(), timeoutMs);
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: token,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // The token is for this server alone.
      redirect: 'manual',
      signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
    });
    const text = await readBounded(response, maximumResponseBytes);
    if (text === undefined) {
      throw new FlagProviderError('RESPONSE_TOO_LARGE', place, `more than ${maximumResponseBytes} bytes`);
    }
    return { status: response.status, text, retryAfterMs: retryAfterOf(response.headers) };
  } catch (cause) {
    if (cause instanceof FlagProviderError) throw cause;
    if (signal?.aborted) throw new FlagProviderError('ABORTED', place, 'aborted by the caller', { cause });
    if (late.signal.aborted)
      throw new FlagProviderError('TIMEOUT', place, `no answer after ${timeoutMs} ms`, { cause });
    throw new FlagProviderError('CONNECTION_FAILED', place, whyOf(cause), { cause });
  } finally {
    cancel();
  }
}

/** Reads a body of at most so many bytes; undefined if it is larger, of which no more is read. */
async function readBounded(response: Response, maximumBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return '';
  // Leaving the loop early closes the connection.
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads Retry-After, in seconds or as a date, which is held against the server's own clock. */
function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const waitMs = parseHttpDate(value) - parseHttpDate(headers.get('date') ?? '');
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

const parseHttpDate = (value: string): number => readTime(value)?.getTime() ?? Number.NaN;

/** fetch itself says only that it failed; the reason is in the cause. */
function whyOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(reason instanceof Error)) return String(reason);
  // Of several addresses that were tried, each has a reason of its own.
  const [first] = reason instanceof AggregateError ? reason.errors : [];
  return reason.message || (first instanceof Error ? first.message : reason.name);
}
