import { createHash, timingSafeEqual } from 'node:crypto';
import { OperatorError } from '../errors.js';
import { readSecretFile } from '../secretFile.js';

/** A token that is shorter can be guessed. */
const minimumTokenCharacters = 16;

/** Where a token comes from: given, or kept in a file that is read anew for each use. */
export type TokenOptions =
  | { readonly token: string; readonly tokenFile?: never }
  | { readonly tokenFile: string; readonly token?: never };

const isUsable = (token: string): boolean => token.length >= minimumTokenCharacters && /^[\x21-\x7e]+$/.test(token);

async function readToken(path: string): Promise<string | null> {
  const token = await readSecretFile(path);
  return token !== null && isUsable(token) ? token : null;
}

/** Gives what reads the token whenever it is needed: null while its file is missing, empty, or holds what is no token. Throws INVALID_OPTION for a token that is none. */
export function tokenSource({ token, tokenFile }: TokenOptions): () => Promise<string | null> {
  const invalid = (path: string, what: string): OperatorError =>
    new OperatorError('INVALID_OPTION', `${path}: ${what}`, { path });
  if (tokenFile !== undefined) {
    if (typeof tokenFile !== 'string' || tokenFile === '') throw invalid('tokenFile', 'the path of a file is needed');
    if (token !== undefined) throw invalid('token', 'it is given beside a tokenFile');
    return () => readToken(tokenFile);
  }
  if (typeof token !== 'string' || !isUsable(token))
    throw invalid('token', `at least ${minimumTokenCharacters} printable characters without a space are needed`);
  return async () => token;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Tells whether an Authorization header has the token, in a time that says nothing about how much of it is right. */
export const isToken = (given: string, token: string): boolean => timingSafeEqual(digest(given), digest(token));

/** Reads the token of an Authorization header; null where it has none. */
export const bearerOf = (header: string | undefined): string | null =>
  /^bearer +([\x21-\x7e]+) *$/i.exec(header ?? '')?.[1] ?? null;
