import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';

/** A JSON-RPC error for a handler to throw. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message = `error ${code}`) {
    super(message);
    this.code = code;
  }
}

type Params = readonly unknown[];
type Handler = (params: Params) => unknown;
type RawHandler = (response: ServerResponse, request: { readonly id: number }) => void;

/** One request as it arrived. */
type ReceivedCall = { readonly method: string; readonly params: Params; readonly iat: number };

const everyMethod = ['newPayload', 'forkchoiceUpdated', 'getPayload'].flatMap((name) =>
  [1, 2, 3].map((version) => `engine_${name}V${version}`),
);

const changesState = (method: string): boolean => /^engine_(newPayload|forkchoiceUpdated)/.test(method);

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** An Engine API server of real HTTP whose answers a test scripts. It checks each token as an engine must, and keeps what arrived and every breach of the engine's order. */
export type FakeEngine = {
  readonly url: string;
  readonly secret: Uint8Array;
  readonly calls: readonly ReceivedCall[];
  /** Breaches of the rule that calls which change state go one at a time. */
  readonly breaches: readonly string[];
  /** Methods received, without the capability exchange. */
  methods(): readonly string[];
  /** Answers a method from now on; a handler may return a promise or throw an RpcError. */
  on(method: string, handler: Handler): void;
  /** Writes a method's HTTP response by hand. */
  onRaw(method: string, handler: RawHandler): void;
  offer(methods: readonly string[]): void;
  /** Resolves when the n-th call of a method has arrived. */
  received(method: string, count?: number): Promise<void>;
  /** TCP connections opened so far. */
  readonly connections: number;
  stop(): Promise<void>;
};

/** Starts a fake engine on a free loopback port; by default it calls every payload VALID, builds nothing and knows no payloadId. */
export async function startFakeEngine(secret: Uint8Array = randomBytes(32)): Promise<FakeEngine> {
  const calls: ReceivedCall[] = [];
  const breaches: string[] = [];
  const handlers = new Map<string, Handler>();
  const rawHandlers = new Map<string, RawHandler>();
  const waiting = new Set<() => void>();
  let offered: readonly string[] = everyMethod;
  let changing = 0;
  let connections = 0;

  const valid = (latestValidHash: unknown) => ({ status: 'VALID', latestValidHash, validationError: null });
  for (const version of [1, 2, 3]) {
    handlers.set(`engine_newPayloadV${version}`, ([payload]) => valid((payload as { blockHash: string }).blockHash));
    handlers.set(`engine_forkchoiceUpdatedV${version}`, ([state]) => ({
      payloadStatus: valid((state as { headBlockHash: string }).headBlockHash),
      payloadId: null,
    }));
    handlers.set(`engine_getPayloadV${version}`, () => {
      throw new RpcError(-38001, 'Unknown payload');
    });
  }
  handlers.set('engine_exchangeCapabilities', () => offered);

  async function iatOf(request: IncomingMessage): Promise<number | undefined> {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    try {
      const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'] });
      return payload.iat;
    } catch {
      return undefined;
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [iat, body] = [await iatOf(request), await bodyOf(request)];
    if (iat === undefined || Math.abs(Date.now() / 1000 - iat) > 60) {
      response.writeHead(401, { 'content-type': 'text/plain' }).end('Unauthorized: Error: invalid token');
      return;
    }
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: Params };
    const send = (message: object): void => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, ...message }));
    };
    calls.push({ method, params, iat });
    const orderMatters = changesState(method);
    if (orderMatters) {
      if (changing > 0) breaches.push(`${method} while another call was being answered`);
      changing += 1;
    }
    for (const wake of [...waiting]) wake();
    const leave = (): void => {
      if (orderMatters) changing -= 1;
    };
    response.once('close', leave);

    const raw = rawHandlers.get(method);
    if (raw !== undefined) {
      raw(response, { id });
      return;
    }
    const handler = handlers.get(method);
    try {
      if (handler === undefined) throw new RpcError(-32601, 'the method does not exist');
      send({ result: await handler(params) });
    } catch (error) {
      const code = error instanceof RpcError ? error.code : -32603;
      send({ error: { code, message: error instanceof Error ? error.message : String(error) } });
    }
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secret,
    calls,
    breaches,
    get connections() {
      return connections;
    },
    methods: () => calls.map(({ method }) => method).filter((method) => method !== 'engine_exchangeCapabilities'),
    on(method, handler) {
      rawHandlers.delete(method);
      handlers.set(method, handler);
    },
    onRaw: (method, handler) => rawHandlers.set(method, handler),
    offer(methods) {
      offered = methods;
    },
    received: (method, count = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (calls.filter((call) => call.method === method).length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
