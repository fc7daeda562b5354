import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A proxy on loopback between the SDK and an engine. */
export type EngineProxy = {
  readonly url: string;
  /** One of so many new_payload calls is answered with HTTP 503 instead of reaching the engine; null: none. */
  failOneIn: number | null;
  /** So many have been. */
  readonly failed: number;
  close(): Promise<void>;
};

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const isNewPayload = (body: Buffer): boolean =>
  (JSON.parse(body.toString()) as { method?: string }).method?.startsWith('engine_newPayload') === true;

/** Starts one on a free port; each answer comes `networkMs` later than the engine's, as over a network. */
export async function startEngineProxy(target: string, { networkMs }: { networkMs: number }): Promise<EngineProxy> {
  const agent = new Agent({ keepAlive: true });
  let asked = 0;
  let failed = 0;
  const proxy = {
    url: '',
    failOneIn: null as number | null,
    get failed() {
      return failed;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };

  function isToFail(body: Buffer): boolean {
    if (proxy.failOneIn === null || !isNewPayload(body)) return false;
    asked += 1;
    if (asked % proxy.failOneIn !== 0) return false;
    failed += 1;
    return true;
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    if (isToFail(body)) {
      outgoing.writeHead(503).end();
      return;
    }
    const { authorization = '' } = incoming.headers;
    const headers = { authorization, 'content-type': 'application/json', 'content-length': body.length };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      send(target, { method: 'POST', agent, headers }, resolve).on('error', reject).end(body);
    });
    const text = await bodyOf(answer);
    await delay(networkMs);
    outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' }).end(text);
  }

  const server = createServer((incoming, outgoing) => {
    // An engine that cannot be reached is a connection lost for whoever asked.
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
