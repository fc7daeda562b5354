import { SignJWT } from 'jose';
import type { FakeEngine } from '../fakeEngine.js';
import type { Params } from './params.js';

/** A JSON-RPC answer as it came. */
export type RawAnswer = { readonly result?: unknown; readonly error?: { readonly code: number } };

/** Signs the token of one request, `iat` as many seconds off as asked. */
export const tokenFor = (secret: Uint8Array, driftSeconds = 0): Promise<string> =>
  new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(Math.floor(Date.now() / 1000) + driftSeconds)
    .sign(secret);

/** Posts a body to an engine, with any token or none. */
export const rawPost = (
  engine: FakeEngine,
  body: string,
  options: { readonly token?: string; readonly signal?: AbortSignal } = {},
): Promise<Response> =>
  fetch(engine.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
    body,
    signal: options.signal ?? null,
  });

/** Calls a method by JSON-RPC and nothing else. */
export async function rawCall(
  engine: FakeEngine,
  method: string,
  params: Params,
  signal?: AbortSignal,
): Promise<RawAnswer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const token = await tokenFor(engine.secret);
  const response = await rawPost(engine, body, { token, ...(signal === undefined ? {} : { signal }) });
  return (await response.json()) as RawAnswer;
}
