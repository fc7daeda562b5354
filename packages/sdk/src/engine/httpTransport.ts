import { errors, Pool } from 'undici';
import type { Clock } from '../clock.js';
import { CompatError, type CompatErrorFacts, type EngineErrorCode } from '../errors.js';
import { signToken } from './jwt.js';

/** One request on the wire. */
type PostOptions = {
  readonly method: string;
  readonly timeoutMs: number;
};

/** JSON-RPC over HTTP with keep-alive and a fresh token on each request. */
export type HttpTransport = {
  /** Posts a body and gives the text of an HTTP 200 answer; throws a CompatError for everything else. On a timeout the connection is destroyed, and none that is idle is used again: whatever kept the one silent may have met them all. */
  post(body: Uint8Array, options: PostOptions): Promise<string>;
  /** Destroys every connection. */
  close(): Promise<void>;
};

const connectFailures = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const systemCode = (cause: unknown): string | undefined =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;

/** Codes of a TLS handshake that did not come about: nothing was sent. */
const tlsFailure = /^(?:EPROTO|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

function failureOf(cause: unknown): { code: EngineErrorCode | 'CLOSED'; what: string } {
  if (cause instanceof errors.ClientDestroyedError || cause instanceof errors.ClientClosedError)
    return { code: 'CLOSED', what: 'the instance was closed' };
  if (cause instanceof errors.ResponseExceededMaxSizeError)
    return { code: 'RESPONSE_TOO_LARGE', what: 'the answer is over the size bound' };
  const code = systemCode(cause);
  if (code !== undefined && (connectFailures.has(code) || tlsFailure.test(code)))
    return { code: 'CONNECTION_FAILED', what: `no connection (${code})` };
  return { code: 'CONNECTION_LOST', what: `connection lost${code === undefined ? '' : ` (${code})`}` };
}

/** Opens a transport to one engine; `url` has been checked, `secret` never leaves it. */
export function createHttpTransport(options: {
  readonly engine: string;
  readonly url: URL;
  readonly secret: Uint8Array;
  readonly maxResponseBytes: number;
  readonly clock: Clock;
}): HttpTransport {
  const { engine, url, secret, clock } = options;
  // The deadline of a request is the caller's timer; undici's own, coarser ones are off.
  const openPool = (): Pool =>
    new Pool(url.origin, { headersTimeout: 0, bodyTimeout: 0, maxResponseSize: options.maxResponseBytes });
  let pool = openPool();
  const retired = new Set<Pool>();
  const path = `${url.pathname}${url.search}`;

  /** Goes on with new connections; what is still under way on the old ones ends there. */
  function retire(suspect: Pool): void {
    if (suspect !== pool) return;
    pool = openPool();
    retired.add(suspect);
    void suspect.close().finally(() => retired.delete(suspect));
  }

  return {
    async post(body, { method, timeoutMs }) {
      const fail = (code: EngineErrorCode | 'CLOSED', what: string, facts: CompatErrorFacts = {}): CompatError =>
        new CompatError(code, `${method} at engine ${engine}: ${what}`, { engine, method, ...facts });
      const deadline = new AbortController();
      const used = pool;
      const cancelTimer = clock.setTimer(() => deadline.abort(), timeoutMs);
      try {
        const response = await used.request({
          method: 'POST',
          path,
          headers: { 'content-type': 'application/json', authorization: `Bearer ${signToken(secret, clock.nowMs())}` },
          body,
          signal: deadline.signal,
        });
        const { statusCode } = response;
        if (statusCode !== 200) {
          // Its body may never end, and nothing in it is wanted.
          response.body.on('error', () => {}).destroy();
          if (statusCode === 401 || statusCode === 403)
            throw fail('UNAUTHORIZED', `HTTP ${statusCode}: the engine refused the token`, { httpStatus: statusCode });
          throw fail('HTTP_ERROR', `HTTP ${statusCode}`, { httpStatus: statusCode });
        }
        return await response.body.text();
      } catch (cause) {
        if (cause instanceof CompatError) throw cause;
        if (deadline.signal.aborted) {
          retire(used);
          throw fail('TIMEOUT', `no answer within ${timeoutMs} ms`, { cause });
        }
        const { code, what } = failureOf(cause);
        throw fail(code, what, { cause });
      } finally {
        cancelTimer();
      }
    },
    async close() {
      await Promise.all([pool, ...retired].map((each) => each.destroy()));
    },
  };
}
