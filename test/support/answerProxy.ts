import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: it passes, it fails with HTTP 503, or its answer is the opposite one. */
type AnswerFault =
  | { readonly kind: 'pass' }
  | { readonly kind: 'fail'; readonly method: RegExp }
  | { readonly kind: 'invalid' };

/** An HTTP proxy in front of an engine that tampers with what it says. */
export type AnswerProxy = { readonly url: string; set(fault: AnswerFault): void; close(): Promise<void> };

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** VALID for a payload turned into INVALID, as an engine of another opinion would say it. */
function contradicted(text: string): string {
  const answer = JSON.parse(text) as { result?: { status?: string } };
  if (answer.result?.status !== 'VALID') return text;
  return JSON.stringify({
    ...answer,
    result: { status: 'INVALID', latestValidHash: null, validationError: 'tampered' },
  });
}

/** Starts a proxy on a free loopback port, without a fault. */
export async function startAnswerProxy(target: URL): Promise<AnswerProxy> {
  let fault: AnswerFault = { kind: 'pass' };

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    const { method = '' } = JSON.parse(body.toString()) as { method?: string };
    if (fault.kind === 'fail' && fault.method.test(method)) {
      outgoing.writeHead(503).end();
      return;
    }
    const { authorization = '' } = incoming.headers;
    const headers = { authorization, 'content-type': 'application/json', 'content-length': body.length };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      send(target, { method: 'POST', headers }, resolve).on('error', reject).end(body);
    });
    const text = (await bodyOf(answer)).toString();
    const told = fault.kind === 'invalid' && method.startsWith('engine_newPayload') ? contradicted(text) : text;
    outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' }).end(told);
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(next) {
      fault = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
