import type { ServerResponse } from 'node:http';
import { isJsonObject, type JsonObject } from './params.js';

/** What an engine that misbehaves does in place of its answer. */
export type Trouble =
  /** Answers when the promise resolves. */
  | { readonly kind: 'delay'; readonly until: Promise<unknown> }
  /** Never says anything; the connection stays open. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'error'; readonly code: number; readonly message?: string }
  | { readonly kind: 'http'; readonly status: number; readonly body?: string }
  /** HTTP 200 with a body that is whatever it is. */
  | { readonly kind: 'body'; readonly text: string }
  /** The HTTP headers, and then nothing; the connection stays open. */
  | { readonly kind: 'headersOnly' }
  /** The HTTP headers and a part of the body, and then the end of the connection from this side. */
  | { readonly kind: 'halfClosed' }
  | { readonly kind: 'reset' }
  /** This PayloadStatus, whatever the block is; without a payloadId. */
  | { readonly kind: 'status'; readonly payloadStatus: JsonObject }
  /** The engine's own answer, turned into a VALID for another block. */
  | { readonly kind: 'foreignHash'; readonly hash: string }
  /** The engine's own answer, byte by byte. */
  | { readonly kind: 'drip'; readonly everyMs: number };

export type TroubleOptions = {
  /** How many calls it strikes; default every one until `calm`. */
  readonly times?: number;
  /** Whether the engine does what it was asked before it misbehaves; default false, save for the two kinds that begin with its own answer. */
  readonly applied?: boolean;
};

/** The members of a JSON-RPC response beside its version and id. */
export type Reply =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } };

/** The troubles that wait for their calls, in the order in which they were made. */
export type Troubles = {
  /** `method` is a method's name or how it begins: engine_newPayload strikes every version. */
  add(method: string, trouble: Trouble, options?: TroubleOptions): void;
  take(method: string): { readonly trouble: Trouble; readonly applied: boolean } | undefined;
  clear(): void;
};

/** Makes an empty list. */
export function createTroubles(): Troubles {
  const waiting: { method: string; trouble: Trouble; applied: boolean; times: number }[] = [];
  return {
    add(method, trouble, { times = Number.POSITIVE_INFINITY, applied = false } = {}) {
      waiting.push({ method, trouble, applied, times });
    },
    take(method) {
      const next = waiting.find((entry) => entry.times > 0 && method.startsWith(entry.method));
      if (next !== undefined) next.times -= 1;
      return next;
    },
    clear() {
      waiting.length = 0;
    },
  };
}

function withStatus(reply: Reply, method: string, payloadStatus: JsonObject): Reply {
  if (!method.startsWith('engine_forkchoiceUpdated')) return { result: payloadStatus };
  const own = 'result' in reply && isJsonObject(reply.result) ? reply.result : {};
  return { result: { payloadId: null, ...own, payloadStatus } };
}

function drip(response: ServerResponse, text: string, everyMs: number): void {
  const bytes = Buffer.from(text);
  let at = 0;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
  const timer = setInterval(() => {
    response.write(bytes.subarray(at, at + 1));
    at += 1;
    if (at < bytes.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.once('close', () => clearInterval(timer));
}

/** Lets one call meet its trouble. `handle` does what was asked, `send` answers, `encode` gives the body of an answer. */
export async function strike(
  { trouble, applied }: { readonly trouble: Trouble; readonly applied: boolean },
  call: {
    readonly method: string;
    readonly response: ServerResponse;
    handle(): Promise<Reply>;
    send(reply: Reply): void;
    encode(reply: Reply): string;
  },
): Promise<void> {
  const { method, response } = call;
  const done = applied ? await call.handle() : undefined;
  const handled = async (): Promise<Reply> => done ?? call.handle();
  switch (trouble.kind) {
    case 'delay':
      await trouble.until;
      if (!response.destroyed) call.send(await handled());
      return;
    case 'hang':
      return;
    case 'error':
      call.send({ error: { code: trouble.code, message: trouble.message ?? `error ${trouble.code}` } });
      return;
    case 'http':
      response.writeHead(trouble.status, { 'content-type': 'text/plain' }).end(trouble.body ?? '');
      return;
    case 'body':
      response.writeHead(200, { 'content-type': 'application/json' }).end(trouble.text);
      return;
    case 'headersOnly':
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      return;
    case 'halfClosed':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
      response.write('{"jsonrpc"', () => response.socket?.end());
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'status':
      call.send(withStatus({ result: {} }, method, trouble.payloadStatus));
      return;
    case 'foreignHash': {
      const payloadStatus = { status: 'VALID', latestValidHash: trouble.hash, validationError: null };
      call.send(withStatus(await handled(), method, payloadStatus));
      return;
    }
    case 'drip':
      drip(response, call.encode(await handled()), trouble.everyMs);
      return;
  }
}
