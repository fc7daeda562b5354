import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '@lighthouse-compat/sdk';
import { type Answer, commonHeaders, refusal } from '../control/answer.js';
import { whyUnreachable } from '../whyUnreachable.js';

/** A request that is passed on, with nothing of the caller's but what is named here. */
export type Passed = {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Null: without one. */
  readonly body: Buffer | null;
  /** How long the answer may take; of a stream, its beginning. */
  readonly withinMs: number;
  readonly isStream: boolean;
};

/** What a control API answers with. What is anything else would be this origin's own once it was passed on. */
const passable = /^(application\/json|text\/event-stream)\s*(;|$)/i;

/** Asks without a redirect's being followed, and on a connection of its own: one that is kept might end with a service that is started again, in the middle of an action. */
function ask({ url, method, headers, body }: Passed, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(body.byteLength) };
    request(url, { method, headers: { ...headers, ...length }, agent: false, signal })
      .once('response', resolve)
      .on('error', reject)
      .end(body ?? undefined);
  });
}

function headersOf({ headers }: IncomingMessage, contentType: string): Readonly<Record<string, string>> {
  const { 'retry-after': retryAfter, 'www-authenticate': challenge } = headers;
  return {
    ...commonHeaders,
    'content-type': contentType,
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    // Any other would have a browser ask for a name and a password, and keep them.
    ...(challenge !== undefined && /^bearer /i.test(challenge) ? { 'www-authenticate': challenge } : {}),
    // A proxy that gathers what it passes on would hold events back.
    ...(contentType.startsWith('text/event-stream') ? { 'x-accel-buffering': 'no' } : {}),
  };
}

function notAnswered({ url, withinMs, method }: Passed, cause: unknown, isLate: boolean): Answer {
  const place = url.origin + url.pathname;
  const done = method === 'POST' ? '; what was asked may have been done all the same' : '';
  if (isLate) return refusal(504, 'CONTROL_TIMEOUT', `${place}: no answer within ${withinMs} ms${done}`);
  const code = String((cause as NodeJS.ErrnoException).code).startsWith('HPE_')
    ? 'CONTROL_MALFORMED'
    : 'CONTROL_UNREACHABLE';
  return refusal(502, code, `${place}: ${whyUnreachable(cause)}`);
}

/** Passes a request on and the answer back, as fast as it is read; both ends are closed together. Gives what to answer where the service did not, and null where the response has been taken care of; never rejects. */
export async function forward(passed: Passed, response: ServerResponse, clock: Clock): Promise<Answer | null> {
  const late = new AbortController();
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.destroyed) return null;
  const cancel = clock.setTimer(() => late.abort(), passed.withinMs);
  try {
    const answered = await ask(passed, AbortSignal.any([late.signal, gone.signal]));
    const { statusCode = 0, headers } = answered;
    const contentType = headers['content-type'] ?? '';
    if (statusCode < 200 || (statusCode >= 300 && statusCode < 400) || !passable.test(contentType)) {
      answered.destroy();
      const place = passed.url.origin + passed.url.pathname;
      return refusal(
        502,
        'CONTROL_MALFORMED',
        `${place}: status ${statusCode} with what is no answer of a control API`,
      );
    }
    if (passed.isStream) cancel();
    response.writeHead(statusCode, headersOf(answered, contentType));
    response.flushHeaders();
    await pipeline(answered, response);
    return null;
  } catch (cause) {
    // What has begun can only be broken off, which the pipeline has done.
    return gone.signal.aborted || response.headersSent ? null : notAnswered(passed, cause, late.signal.aborted);
  } finally {
    cancel();
  }
}
