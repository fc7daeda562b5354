import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorizedIat } from './fakeEngine/authorization.js';
import { createOrderWatch } from './fakeEngine/orderWatch.js';
import { isJsonObject, type Params } from './fakeEngine/params.js';
import { RpcError } from './fakeEngine/rpcError.js';
import { createTroubles, type Reply, strike, type Trouble, type TroubleOptions } from './fakeEngine/trouble.js';

export { RpcError };

type Handler = (params: Params) => unknown;
type RawHandler = (response: ServerResponse, request: { readonly id: number }) => void;

/** One request as it arrived. */
type ReceivedCall = { readonly method: string; readonly params: Params; readonly iat: number };

const everyMethod = ['newPayload', 'forkchoiceUpdated', 'getPayload'].flatMap((name) =>
  [1, 2, 3].map((version) => `engine_${name}V${version}`),
);

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function requestOf(body: string): { id: number; method: string; params: Params } | { id: null; code: number } {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    return { id: null, code: -32700 };
  }
  if (!isJsonObject(request) || request['jsonrpc'] !== '2.0') return { id: null, code: -32600 };
  const { id, method, params = [] } = request;
  if (typeof id !== 'number' || typeof method !== 'string' || !Array.isArray(params)) return { id: null, code: -32600 };
  return { id, method, params };
}

/** An Engine API server of real HTTP whose answers a test scripts. It checks each token as an engine must, and keeps what arrived and every breach of the engine's order. */
export type FakeEngine = {
  readonly url: string;
  readonly secret: Uint8Array;
  readonly calls: readonly ReceivedCall[];
  /** Breaches of the rule that calls which change state go one at a time, in their order; complete after `stop`. */
  readonly breaches: readonly string[];
  /** Calls that came again, each with its block, though the same call had been answered with a result. */
  readonly duplicates: readonly string[];
  /** Methods received, without the capability exchange. */
  methods(): readonly string[];
  /** Answers a method from now on; a handler may return a promise or throw an RpcError. */
  on(method: string, handler: Handler): void;
  /** Writes a method's HTTP response by hand. */
  onRaw(method: string, handler: RawHandler): void;
  offer(methods: readonly string[]): void;
  /** The methods offered. */
  offered(): readonly string[];
  /** Makes calls of a method, or of every version whose name begins so, go wrong. */
  trouble(method: string, trouble: Trouble, options?: TroubleOptions): void;
  /** Ends every trouble for the calls to come. */
  calm(): void;
  /** Notes a breach that a handler sees. */
  breach(what: string): void;
  /** Resolves when the n-th call of a method has arrived. */
  received(method: string, count?: number): Promise<void>;
  /** TCP connections opened so far. */
  readonly connections: number;
  /** Destroys every connection and frees the port; what hangs or waits for a gate ends unanswered. */
  stop(): Promise<void>;
};

type FakeEngineOptions = {
  readonly secret?: Uint8Array;
  /** Whether a newPayload after a forkchoiceUpdated to its block is a breach; default false. */
  readonly headsFollowPayloads?: boolean;
  /** Whether a method that is not offered is answered -32601; default false. */
  readonly onlyOffered?: boolean;
};

/** Starts a fake engine on a free loopback port; by default it calls every payload VALID, builds nothing and knows no payloadId. */
export async function startFakeEngine(options: Uint8Array | FakeEngineOptions = {}): Promise<FakeEngine> {
  const given = options instanceof Uint8Array ? { secret: options } : options;
  const { secret = randomBytes(32), headsFollowPayloads = false, onlyOffered = false } = given;
  const calls: ReceivedCall[] = [];
  const watch = createOrderWatch({ headsFollowPayloads });
  const troubles = createTroubles();
  const handlers = new Map<string, Handler>();
  const rawHandlers = new Map<string, RawHandler>();
  const waiting = new Set<() => void>();
  let offered: readonly string[] = everyMethod;
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

  async function handle(method: string, params: Params): Promise<Reply> {
    const isOffered = !onlyOffered || method === 'engine_exchangeCapabilities' || offered.includes(method);
    const handler = isOffered ? handlers.get(method) : undefined;
    try {
      if (handler === undefined) throw new RpcError(-32601, 'the method does not exist');
      return { result: await handler(params) };
    } catch (error) {
      const code = error instanceof RpcError ? error.code : -32603;
      return { error: { code, message: error instanceof Error ? error.message : String(error) } };
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [iat, body] = [await authorizedIat(request, secret), await bodyOf(request)];
    if (iat === undefined) {
      response.writeHead(401, { 'content-type': 'text/plain' }).end('Unauthorized: Error: invalid token');
      return;
    }
    const rpc = requestOf(body);
    const encode = (message: object): string => JSON.stringify({ jsonrpc: '2.0', id: rpc.id, ...message });
    const write = (message: object): void =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(encode(message));
    if (rpc.id === null) {
      write({ error: { code: rpc.code, message: 'not a JSON-RPC 2.0 request' } });
      return;
    }

    const { id, method, params } = rpc;
    calls.push({ method, params, iat });
    const { socket } = request;
    const leave = watch.enter(method, params, () => socket.destroyed || socket.readableEnded);
    response.once('close', () => leave(response.writableFinished ? 'failure' : 'gone'));
    for (const wake of [...waiting]) wake();
    const send = (reply: Reply): void => {
      leave('result' in reply ? 'result' : 'failure');
      write(reply);
    };

    const trouble = troubles.take(method);
    const raw = rawHandlers.get(method);
    if (trouble !== undefined) {
      await strike(trouble, { method, response, handle: () => handle(method, params), send, encode });
    } else if (raw !== undefined) {
      raw(response, { id });
    } else {
      send(await handle(method, params));
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
    breaches: watch.breaches,
    duplicates: watch.duplicates,
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
    offered: () => offered,
    trouble: troubles.add,
    calm: troubles.clear,
    breach: watch.breach,
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
    async stop() {
      await watch.settled();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
