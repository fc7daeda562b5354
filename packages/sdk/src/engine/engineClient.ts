import { ConversionError, engineJson } from '@lighthouse-compat/conversions';
import type { Clock } from '../clock.js';
import { CompatError, type EngineErrorCode } from '../errors.js';
import { createCapabilities } from './capabilities.js';
import type { HttpTransport } from './httpTransport.js';
import { decodeResponse } from './jsonRpc.js';
import { type EngineMethod, type EngineMethods, engineMethods, spokenMethods } from './methods.js';

/** The engines that a configuration can name: two of them, or one that both adapters share. */
export type EngineName = 'v4' | 'v5' | 'shared';

/** What a call tells of itself as it goes. */
export type SendOptions = {
  /** Called at the moment of the send, once the engine's capabilities are known. */
  onSend?(): void;
  /** A shorter deadline than the method's own, in milliseconds from the send. */
  readonly timeoutMs?: number;
};

/** A method with its serialized parameters. */
export type EngineRequest<M extends EngineMethod> = {
  [K in M]: { readonly method: K; readonly params: EngineMethods[K]['params'] };
}[M];

/** One execution client, spoken to by typed Engine API methods. */
export type EngineClient = {
  readonly name: EngineName;
  /** Calls the first of the methods that the engine offers; throws a CompatError that names method and engine, METHOD_NOT_OFFERED if it offers none. */
  call<M extends EngineMethod>(
    choices: readonly EngineRequest<M>[],
    options?: SendOptions,
  ): Promise<EngineMethods[M]['result']>;
  close(): Promise<void>;
};

// After one of these the engine may have been restarted, perhaps as another version: what it offers is asked again.
const dropsCapabilities: ReadonlySet<EngineErrorCode> = new Set<EngineErrorCode>([
  'CONNECTION_FAILED',
  'CONNECTION_LOST',
  'TIMEOUT',
  'UNAUTHORIZED',
  'HTTP_ERROR',
  'METHOD_NOT_FOUND',
  'METHOD_NOT_OFFERED',
]);

/** Speaks to one engine over a transport; `onUnknownField` hears of each field of an answer that the specification does not know. */
export function createEngineClient(options: {
  readonly name: EngineName;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly timeoutFactor: number;
  readonly onUnknownField: (method: EngineMethod, path: string) => void;
}): EngineClient {
  const { name, transport } = options;
  let lastId = 0;

  async function exchange<M extends EngineMethod>(
    method: M,
    params: EngineMethods[M]['params'],
    deadlineMs = Number.POSITIVE_INFINITY,
  ): Promise<EngineMethods[M]['result']> {
    const { timeoutMs, parseResult } = engineMethods[method];
    lastId += 1;
    const id = lastId;
    const text = await transport.post(engineJson.serializeRequest({ id, method, params }), {
      method,
      timeoutMs: Math.min(timeoutMs * options.timeoutFactor, deadlineMs),
    });
    const result = decodeResponse(text, id, { engine: name, method });
    try {
      return parseResult(result, (path) => options.onUnknownField(method, path));
    } catch (cause) {
      if (!(cause instanceof ConversionError)) throw cause;
      throw new CompatError('MALFORMED_RESULT', `${method} at engine ${name}: ${cause.message}`, {
        engine: name,
        method,
        path: cause.path,
        cause,
      });
    }
  }

  const capabilities = createCapabilities(
    () => exchange('engine_exchangeCapabilities', [spokenMethods]),
    options.clock,
  );

  return {
    name,
    async call(choices, { onSend, timeoutMs } = {}) {
      try {
        const offered = await capabilities.offered();
        const choice = choices.find(({ method }) => offered.has(method));
        if (choice === undefined) {
          const method = choices[0]?.method ?? 'engine_exchangeCapabilities';
          throw new CompatError(
            'METHOD_NOT_OFFERED',
            `${method} at engine ${name}: the engine does not offer this method`,
            { engine: name, method },
          );
        }
        onSend?.();
        return await exchange(choice.method, choice.params, timeoutMs);
      } catch (error) {
        if (error instanceof CompatError && dropsCapabilities.has(error.code as EngineErrorCode)) capabilities.drop();
        throw error;
      }
    },
    close: () => transport.close(),
  };
}
