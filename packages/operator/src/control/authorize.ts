import type { IncomingMessage } from 'node:http';
import { type Answer, refusal } from './answer.js';
import { bearerOf, isToken } from './bearerToken.js';

const challenge = (error?: string): { readonly headers: Readonly<Record<string, string>> } => ({
  headers: { 'www-authenticate': `Bearer realm="lighthouse-compat"${error === undefined ? '' : `, error="${error}"`}` },
});

/** Says why a request may not do what needs the token; null where it may (RFC 6750, section 3). */
export async function authorize(
  { headers }: Pick<IncomingMessage, 'headers'>,
  token: (() => Promise<string | null>) | null,
): Promise<Answer | null> {
  if (token === null) return refusal(403, 'READ_ONLY', 'no token is configured: nothing but reading is allowed');
  const given = bearerOf(headers.authorization);
  if (given === null) return refusal(401, 'TOKEN_NEEDED', 'a bearer token is needed', challenge());
  const right = await token();
  if (right === null)
    return refusal(403, 'TOKEN_UNAVAILABLE', "the service's own token cannot be read: nothing is allowed until it can");
  return isToken(given, right)
    ? null
    : refusal(403, 'WRONG_TOKEN', 'this is not the token', challenge('invalid_token'));
}
