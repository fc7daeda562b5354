import { engineJson, type ServedFork, v5ToV4 } from '@lighthouse-compat/conversions';
import type { EngineClient } from '../engine/engineClient.js';
import { CompatError } from '../errors.js';
import type { LighthouseApi } from './lighthouseApi.js';
import { prepareForkchoiceUpdated, prepareGetPayload, prepareNewPayload } from './prepare.js';

const { serializeExecutionPayload, serializeForkchoiceState, serializePayloadAttributes } = engineJson;

const unserved = (fork: ServedFork): never => {
  throw new CompatError('UNSUPPORTED_FORK', `Lighthouse v4's structures end with Shanghai; this call is of ${fork}`);
};

/** Lighthouse v4's structures (v4.5.0): Paris by the V1 methods, Shanghai by the V2 methods; where versions mean the same, the other one is taken from an engine that has dropped the first. */
export function createV4Adapter(engine: EngineClient): LighthouseApi {
  return {
    version: 'v4',
    forks: new Set<ServedFork>(['paris', 'shanghai']),

    newPayload(request) {
      const { blockHash } = request.executionPayload;
      switch (request.fork) {
        case 'paris': {
          const params = [serializeExecutionPayload(request.executionPayload)] as const;
          return prepareNewPayload(engine, blockHash, [
            { method: 'engine_newPayloadV1', params },
            { method: 'engine_newPayloadV2', params },
          ]);
        }
        case 'shanghai':
          return prepareNewPayload(engine, blockHash, [
            { method: 'engine_newPayloadV2', params: [serializeExecutionPayload(request.executionPayload)] },
          ]);
        case 'cancun':
          return unserved(request.fork);
      }
    },

    forkchoiceUpdated(request) {
      const given = request.forkchoiceState;
      const state = serializeForkchoiceState(
        given.justifiedBlockHash === undefined ? given : v5ToV4.convertForkchoiceState(given),
      );
      const head = given.headBlockHash;
      switch (request.fork) {
        case 'paris': {
          const { payloadAttributes } = request;
          const params = [state, payloadAttributes && serializePayloadAttributes(payloadAttributes)] as const;
          return prepareForkchoiceUpdated(engine, head, [
            { method: 'engine_forkchoiceUpdatedV1', params },
            { method: 'engine_forkchoiceUpdatedV2', params },
          ]);
        }
        case 'shanghai': {
          const { payloadAttributes } = request;
          if (payloadAttributes !== null) {
            return prepareForkchoiceUpdated(engine, head, [
              { method: 'engine_forkchoiceUpdatedV2', params: [state, serializePayloadAttributes(payloadAttributes)] },
            ]);
          }
          return prepareForkchoiceUpdated(engine, head, [
            { method: 'engine_forkchoiceUpdatedV2', params: [state, null] },
            { method: 'engine_forkchoiceUpdatedV1', params: [state, null] },
          ]);
        }
        case 'cancun':
          return unserved(request.fork);
      }
    },

    getPayload({ fork, payloadId }) {
      switch (fork) {
        case 'paris':
          return prepareGetPayload(engine, { method: 'engine_getPayloadV1', params: [payloadId] });
        case 'shanghai':
          return prepareGetPayload(engine, { method: 'engine_getPayloadV2', params: [payloadId] });
        case 'cancun':
          return unserved(fork);
      }
    },
  };
}
