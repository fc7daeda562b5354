import type { IncomingMessage } from 'node:http';
import { type Answer, refusal } from './answer.js';

/** A body that was read, or why it was not. */
export type JsonBody = { readonly value: unknown } | { readonly refused: Answer };

/** A body that is larger is not taken: that of an action is a few words, a question may hold a payload. */
export const maximumBodyBytes: { readonly action: number; readonly question: number } = {
  action: 64 * 1024,
  question: 8 * 1024 * 1024,
};

const isJson = (contentType: string | undefined): boolean =>
  /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '');

const refused = (...what: Parameters<typeof refusal>): { readonly refused: Answer } => ({ refused: refusal(...what) });

const tooLarge = (maximumBytes: number): { readonly refused: Answer } =>
  refused(413, 'BODY_TOO_LARGE', `a body of at most ${maximumBytes} bytes is taken`, {
    headers: { connection: 'close' },
  });

/** Reads bytes up to a bound; null beyond it. What is over is read all the same, so that the answer is seen, and thrown away. */
async function readBytes(request: IncomingMessage, maximumBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maximumBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes <= maximumBytes ? Buffer.concat(chunks) : null;
}

/** Reads the bytes of a request's body that says it is JSON; rejects where the connection is lost. */
export async function readJsonBytes(
  request: IncomingMessage,
  maximumBytes: number,
): Promise<{ readonly bytes: Buffer } | { readonly refused: Answer }> {
  if (!isJson(request.headers['content-type']))
    return refused(415, 'JSON_NEEDED', 'the content-type application/json is needed');
  if (Number(request.headers['content-length'] ?? 0) > maximumBytes) {
    request.resume();
    return tooLarge(maximumBytes);
  }
  const bytes = await readBytes(request, maximumBytes);
  return bytes === null ? tooLarge(maximumBytes) : { bytes };
}

/** Reads a request's body as JSON, or takes it as a framework before has read it (`request.body`); rejects where the connection is lost. */
export async function readJsonBody(request: IncomingMessage, maximumBytes: number): Promise<JsonBody> {
  if (request.readableEnded && isJson(request.headers['content-type'])) {
    const { body } = request as { readonly body?: unknown };
    return { value: body };
  }
  const read = await readJsonBytes(request, maximumBytes);
  if ('refused' in read) return read;
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(read.bytes)) };
  } catch {
    return refused(400, 'NOT_JSON', 'the body is not JSON in UTF-8');
  }
}
