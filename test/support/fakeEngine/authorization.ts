import type { IncomingMessage } from 'node:http';
import { jwtVerify } from 'jose';

const maxDriftSeconds = 60;

/** Gives the `iat` of a request whose token an engine must accept, else undefined (execution-apis, src/engine/authentication.md): HS256, `iat` within 60 s. */
export async function authorizedIat(request: IncomingMessage, secret: Uint8Array): Promise<number | undefined> {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  try {
    const { iat } = (await jwtVerify(token, secret, { algorithms: ['HS256'] })).payload;
    return iat !== undefined && Math.abs(Date.now() / 1000 - iat) <= maxDriftSeconds ? iat : undefined;
  } catch {
    return undefined;
  }
}
