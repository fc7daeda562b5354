import { request } from 'undici';
import { type Clock, httpDateMs } from '../clock.js';
import { CompatError } from '../errors.js';
import type { EngineName } from './engineClient.js';
import { decodeResponse } from './jsonRpc.js';
import { signToken } from './jwt.js';
import { spokenMethods } from './methods.js';

/** A block as an engine tells of it; `timestamp` in Unix seconds. */
export type InspectedBlock = { readonly hash: string; readonly number: bigint; readonly timestamp: bigint };

/** What an engine says of itself when it is asked; null is not told. */
export type EngineInspection = {
  readonly engine: EngineName;
  /** The code of the CompatError that kept it from being asked; null where it answered. */
  readonly problem: string | null;
  readonly message: string | null;
  /** The Engine API methods that it offers. */
  readonly methods: readonly string[] | null;
  readonly chainId: bigint | null;
  readonly genesisHash: string | null;
  readonly head: InspectedBlock | null;
  /** How far its clock is ahead of this process's, by its HTTP Date, which has whole seconds. */
  readonly clockSkewMs: number | null;
};

const timeoutMs = 5_000;
const maxBytes = 4 * 1024 * 1024;

type Asked = { readonly result: unknown; readonly skewMs: number | null };

function blockOf(value: unknown): InspectedBlock | null {
  if (typeof value !== 'object' || value === null) return null;
  const { hash, number, timestamp } = value as Record<string, unknown>;
  const isQuantity = (text: unknown): text is string => typeof text === 'string' && /^0x[0-9a-f]+$/i.test(text);
  if (typeof hash !== 'string' || !isQuantity(number) || !isQuantity(timestamp)) return null;
  return { hash: hash.toLowerCase(), number: BigInt(number), timestamp: BigInt(timestamp) };
}

/** Asks an engine what it offers and where it is, over a connection of its own and by the methods that every Engine port serves; never throws (execution-apis, src/engine/common.md, "Underlying protocol"). */
export async function inspectEngine(options: {
  readonly engine: EngineName;
  readonly url: URL;
  readonly secret: Uint8Array;
  readonly clock: Clock;
}): Promise<EngineInspection> {
  const { engine, url, secret, clock } = options;

  async function ask(method: string, params: readonly unknown[]): Promise<Asked> {
    const where = { engine, method };
    const deadline = new AbortController();
    const cancel = clock.setTimer(() => deadline.abort(), timeoutMs);
    try {
      const sentMs = clock.nowMs();
      const { statusCode, headers, body } = await request(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${signToken(secret, sentMs)}`,
        },
        reset: true,
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        signal: deadline.signal,
      });
      if (statusCode !== 200) {
        body.on('error', () => {}).destroy();
        const code = statusCode === 401 || statusCode === 403 ? 'UNAUTHORIZED' : 'HTTP_ERROR';
        throw new CompatError(code, `${method} at engine ${engine}: HTTP ${statusCode}`, {
          ...where,
          httpStatus: statusCode,
        });
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of body) {
        bytes += (chunk as Buffer).length;
        if (bytes > maxBytes) throw new CompatError('RESPONSE_TOO_LARGE', `${method} at engine ${engine}`, where);
        chunks.push(chunk as Buffer);
      }
      const { date } = headers;
      const saidMs = typeof date === 'string' ? httpDateMs(date) : Number.NaN;
      // The engine's second began at most a second ago: its middle is the better guess.
      const skewMs = Number.isFinite(saidMs) ? saidMs + 500 - (sentMs + clock.nowMs()) / 2 : null;
      return { result: decodeResponse(Buffer.concat(chunks).toString('utf8'), 1, where), skewMs };
    } catch (cause) {
      if (cause instanceof CompatError) throw cause;
      const code = deadline.signal.aborted ? 'TIMEOUT' : 'CONNECTION_FAILED';
      throw new CompatError(code, `${method} at engine ${engine}: no answer`, { ...where, cause });
    } finally {
      cancel();
    }
  }

  const nothing = { methods: null, chainId: null, genesisHash: null, head: null, clockSkewMs: null };
  try {
    const capabilities = await ask('engine_exchangeCapabilities', [spokenMethods]);
    const methods = Array.isArray(capabilities.result)
      ? capabilities.result.filter((name): name is string => typeof name === 'string')
      : null;
    const chainId = await ask('eth_chainId', []);
    const genesis = await ask('eth_getBlockByNumber', ['0x0', false]);
    const head = await ask('eth_getBlockByNumber', ['latest', false]);
    const id = chainId.result;
    return Object.freeze({
      engine,
      problem: null,
      message: null,
      methods,
      chainId: typeof id === 'string' && /^0x[0-9a-f]+$/i.test(id) ? BigInt(id) : null,
      genesisHash: blockOf(genesis.result)?.hash ?? null,
      head: blockOf(head.result),
      clockSkewMs: capabilities.skewMs,
    });
  } catch (error) {
    const { code, message } = error as CompatError;
    return Object.freeze({ engine, problem: code, message, ...nothing });
  }
}
