import type { ForkchoiceUpdatedResult, Hash32, PayloadStatus } from '@lighthouse-compat/conversions';
import type { EngineClient, EngineRequest } from '../engine/engineClient.js';
import type { EngineMethod, EngineMethods } from '../engine/methods.js';
import { CompatError } from '../errors.js';
import type { EngineCall } from './lighthouseApi.js';

type Choices<M extends EngineMethod> = readonly [EngineRequest<M>, ...EngineRequest<M>[]];

/** Binds a call to an engine, to be sent later by the first of its methods that the engine offers; `verify` throws for an answer that does not fit the call. */
function prepare<M extends EngineMethod>(
  engine: EngineClient,
  choices: Choices<M>,
  verify: (answer: EngineMethods[M]['result'], where: { engine: string; method: EngineMethod }) => void,
): EngineCall<EngineMethods[M]['result']> {
  const { method } = choices[0];
  return {
    method,
    async send(options) {
      const answer = await engine.call(choices, options);
      verify(answer, { engine: engine.name, method });
      return answer;
    },
  };
}

type Where = { readonly engine: string; readonly method: EngineMethod };

/** Lighthouse's rule: VALID for another hash than the one asked about is no answer to the question. */
function requireOwnHash(status: PayloadStatus, asked: Hash32, where: Where, path: string): void {
  if (status.status !== 'VALID' || status.latestValidHash.toLowerCase() === asked.toLowerCase()) return;
  throw new CompatError(
    'FOREIGN_LATEST_VALID_HASH',
    `${where.method} at engine ${where.engine}: VALID for ${status.latestValidHash} when asked about ${asked}`,
    { ...where, path: `${path}.latestValidHash` },
  );
}

/** Prepares an engine_newPayload. */
export const prepareNewPayload = <M extends `engine_newPayloadV${1 | 2 | 3}`>(
  engine: EngineClient,
  blockHash: Hash32,
  choices: Choices<M>,
): EngineCall<PayloadStatus> =>
  prepare<M>(engine, choices, (status: PayloadStatus, where) =>
    requireOwnHash(status, blockHash, where, 'payloadStatus'),
  );

/** Prepares an engine_forkchoiceUpdated, whose status can be VALID, INVALID or SYNCING only (execution-apis, src/engine/paris.md). */
export const prepareForkchoiceUpdated = <M extends `engine_forkchoiceUpdatedV${1 | 2 | 3}`>(
  engine: EngineClient,
  headBlockHash: Hash32,
  choices: Choices<M>,
): EngineCall<ForkchoiceUpdatedResult> =>
  prepare<M>(engine, choices, ({ payloadStatus }: ForkchoiceUpdatedResult, where) => {
    const { status } = payloadStatus;
    if (status === 'ACCEPTED' || status === 'INVALID_BLOCK_HASH') {
      const path = 'forkchoiceUpdatedResult.payloadStatus.status';
      throw new CompatError(
        'MALFORMED_RESULT',
        `${where.method} at engine ${where.engine}: ${path}: ${status} is no status of a head`,
        { ...where, path },
      );
    }
    requireOwnHash(payloadStatus, headBlockHash, where, 'forkchoiceUpdatedResult.payloadStatus');
  });

/** Prepares an engine_getPayload. */
export const prepareGetPayload = <M extends `engine_getPayloadV${1 | 2 | 3}`>(
  engine: EngineClient,
  request: EngineRequest<M>,
): EngineCall<EngineMethods[M]['result']> => prepare<M>(engine, [request], () => {});
