import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CompatError } from '../errors.js';

const secretHex = /^(?:0x)?([0-9a-fA-F]{64})$/;

/** Reads the 32-byte secret given as bytes or as hex, 0x and trailing white space tolerated; throws INVALID_JWT_SECRET at `path` (execution-apis, src/engine/authentication.md). */
export function parseJwtSecret(secret: Uint8Array | string, path: string): Uint8Array {
  if (secret instanceof Uint8Array) {
    if (secret.length === 32) return Uint8Array.from(secret);
    throw new CompatError('INVALID_JWT_SECRET', `${path}: a JWT secret is 32 bytes, this one is ${secret.length}`, {
      path,
    });
  }
  const digits = typeof secret === 'string' ? secretHex.exec(secret.trimEnd())?.[1] : undefined;
  if (digits !== undefined) return Uint8Array.from(Buffer.from(digits, 'hex'));
  throw new CompatError('INVALID_JWT_SECRET', `${path}: a JWT secret is 32 bytes as 64 hex digits`, { path });
}

/** Reads the secret from a file of hex; throws UNREADABLE_JWT_SECRET_FILE or INVALID_JWT_SECRET at `path`. */
export async function readJwtSecretFile(file: string, path: string): Promise<Uint8Array> {
  // Somebody's secret in the place of a path must not come out again in an error.
  if (secretHex.test(file.trim())) {
    throw new CompatError(
      'INVALID_JWT_SECRET',
      `${path}: the path of a file is needed, and this looks like the secret itself`,
      { path },
    );
  }
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CompatError('UNREADABLE_JWT_SECRET_FILE', `${path}: cannot read ${file}`, { path, cause });
  }
  return parseJwtSecret(text, path);
}

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

// One known client refuses a header whose encoding would need padding, so it holds these two members only.
const header = base64url('{"alg":"HS256","typ":"JWT"}');

/** Signs the token of one request: HS256, `iat` in whole Unix seconds (execution-apis, src/engine/authentication.md). */
export function signToken(secret: Uint8Array, nowMs: number): string {
  const signed = `${header}.${base64url(`{"iat":${Math.floor(nowMs / 1000)}}`)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
