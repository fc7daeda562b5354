import type { Data, Hash32 } from '@lighthouse-compat/conversions';
import { SignJWT } from 'jose';
import { DevnetError } from './errors.js';

/** A block of a client's canonical chain. */
export type ChainBlock = {
  readonly number: bigint;
  readonly hash: Hash32;
  readonly stateRoot: Hash32;
  /** Unix seconds. */
  readonly timestamp: bigint;
};

/** How a client's pool took a transaction; the last two are what one sent twice, or late, comes to. */
export type PoolAnswer = 'accepted' | 'already_known' | 'nonce_too_low';

/** What ends a request early; it takes 5000 ms at most unless told. */
export type RequestOptions = {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
};

/** The JSON-RPC of a client's Engine port beside the Engine API, each request with a fresh token. */
export type EngineRpc = {
  /** Sends one request and gives its result; throws RPC_UNREACHABLE, RPC_ERROR or RPC_MALFORMED. */
  request(method: string, params: readonly unknown[], options?: RequestOptions): Promise<unknown>;
  /** Puts a signed transaction into the client's pool. */
  sendRawTransaction(transaction: Data, options?: RequestOptions): Promise<PoolAnswer>;
  /** Gives the block of a number on the canonical chain; throws RPC_MALFORMED if there is none. */
  block(number: bigint, options?: RequestOptions): Promise<ChainBlock>;
  /** Gives the head of the canonical chain. */
  head(): Promise<ChainBlock>;
};

const defaultTimeoutMs = 5_000;

const benignRefusals: readonly (readonly [RegExp, PoolAnswer])[] = [
  [/already in the txpool|already known/i, 'already_known'],
  [/nonce too low/i, 'nonce_too_low'],
];

/** Makes the JSON-RPC of one Engine port (execution-apis, src/engine/common.md and authentication.md). */
export function createEngineRpc(options: {
  readonly client: string;
  readonly url: string;
  readonly jwtSecret: Uint8Array;
}): EngineRpc {
  const { client, url, jwtSecret } = options;

  async function request(
    method: string,
    params: readonly unknown[],
    { signal, timeoutMs = defaultTimeoutMs }: RequestOptions = {},
  ): Promise<unknown> {
    // The header holds these two members only: this client refuses a header whose base64url would need padding.
    const token = await new SignJWT().setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).setIssuedAt().sign(jwtSecret);
    const bound = AbortSignal.timeout(timeoutMs);
    let httpStatus: number;
    let text: string;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        signal: signal === undefined ? bound : AbortSignal.any([signal, bound]),
      });
      httpStatus = response.status;
      text = await response.text();
    } catch (cause) {
      throw new DevnetError('RPC_UNREACHABLE', `${client} does not answer ${method} at ${url}`, {
        client,
        method,
        cause,
      });
    }
    return readResult(text, { client, method, httpStatus });
  }

  async function block(number: bigint | 'latest', requestOptions: RequestOptions = {}): Promise<ChainBlock> {
    const method = 'eth_getBlockByNumber';
    const tag = number === 'latest' ? number : `0x${number.toString(16)}`;
    const found = readBlock(await request(method, [tag, false], requestOptions));
    if (found === null) {
      throw new DevnetError('RPC_MALFORMED', `${client} has no block ${number}, or it is malformed`, {
        client,
        method,
      });
    }
    return found;
  }

  return {
    request,
    async sendRawTransaction(transaction, requestOptions) {
      try {
        await request('eth_sendRawTransaction', [transaction], requestOptions);
        return 'accepted';
      } catch (error) {
        const refusal = error instanceof DevnetError && error.code === 'RPC_ERROR' ? error.message : null;
        const benign = benignRefusals.find(([pattern]) => refusal !== null && pattern.test(refusal));
        if (benign === undefined) throw error;
        return benign[1];
      }
    },
    block,
    head: () => block('latest'),
  };
}

function readResult(text: string, facts: { client: string; method: string; httpStatus: number }): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new DevnetError(
      'RPC_MALFORMED',
      `${facts.client} answers ${facts.method} with HTTP ${facts.httpStatus}: ${text.slice(0, 200)}`,
      { ...facts, cause },
    );
  }
  const error = member(answer, 'error');
  if (error !== undefined && error !== null) {
    const rpcCode = member(error, 'code');
    throw new DevnetError('RPC_ERROR', `${facts.client} refuses ${facts.method}: ${String(member(error, 'message'))}`, {
      ...facts,
      ...(typeof rpcCode === 'number' ? { rpcCode } : {}),
    });
  }
  const result = member(answer, 'result');
  if (result === undefined) {
    throw new DevnetError('RPC_MALFORMED', `${facts.client} answers ${facts.method} without a result`, facts);
  }
  return result;
}

function readBlock(result: unknown): ChainBlock | null {
  const number = member(result, 'number');
  const timestamp = member(result, 'timestamp');
  const hash = member(result, 'hash');
  const stateRoot = member(result, 'stateRoot');
  if (!isQuantity(number) || !isQuantity(timestamp) || !isHash(hash) || !isHash(stateRoot)) return null;
  return { number: BigInt(number), hash, stateRoot, timestamp: BigInt(timestamp) };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

const isQuantity = (value: unknown): value is string => typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value);

const isHash = (value: unknown): value is Hash32 => typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value);
