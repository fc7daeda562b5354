import {
  type ExecutionPayloadCapella,
  type ExecutionPayloadDeneb,
  engineJson,
  type ServedFork,
  v4ToV5,
  v5ToV4,
} from '@lighthouse-compat/conversions';
import type { EngineClient } from '../engine/engineClient.js';
import type { LighthouseApi } from './lighthouseApi.js';
import { prepareForkchoiceUpdated, prepareGetPayload, prepareNewPayload } from './prepare.js';

const { serializeExecutionPayload, serializeForkchoiceState, serializePayloadAttributes } = engineJson;

/** Takes away again what the conversion to v5's structure made up: the block hash is that of the Capella header, so the wire gets the Capella payload. */
function asItIs(converted: ExecutionPayloadDeneb): ExecutionPayloadCapella {
  const { blobGasUsed: _blobGasUsed, excessBlobGas: _excessBlobGas, ...payload } = converted;
  return payload;
}

/** Lighthouse v5's structures (v5.0.0): Paris by the V1 methods, Shanghai by V2, Cancun by V3, never V3 for a converted object; where versions mean the same, another one is taken from an engine that has dropped the first. */
export function createV5Adapter(engine: EngineClient): LighthouseApi {
  return {
    version: 'v5',
    forks: new Set<ServedFork>(['paris', 'shanghai', 'cancun']),

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
        case 'shanghai': {
          const executionPayload = v4ToV5.convertExecutionPayload(request.executionPayload);
          return prepareNewPayload(engine, blockHash, [
            { method: 'engine_newPayloadV2', params: [serializeExecutionPayload(asItIs(executionPayload))] },
          ]);
        }
        case 'cancun': {
          const { executionPayload, expectedBlobVersionedHashes, parentBeaconBlockRoot } = request;
          return prepareNewPayload(engine, blockHash, [
            {
              method: 'engine_newPayloadV3',
              params: [serializeExecutionPayload(executionPayload), expectedBlobVersionedHashes, parentBeaconBlockRoot],
            },
          ]);
        }
      }
    },

    forkchoiceUpdated(request) {
      const given = request.forkchoiceState;
      const state = serializeForkchoiceState(
        given.justifiedBlockHash === undefined ? v4ToV5.convertForkchoiceState(given) : given,
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
          if (request.payloadAttributes !== null) {
            const attributes = v5ToV4.convertPayloadAttributes(
              v4ToV5.convertPayloadAttributes(request.payloadAttributes),
            );
            return prepareForkchoiceUpdated(engine, head, [
              { method: 'engine_forkchoiceUpdatedV2', params: [state, serializePayloadAttributes(attributes)] },
            ]);
          }
          return prepareForkchoiceUpdated(engine, head, [
            { method: 'engine_forkchoiceUpdatedV2', params: [state, null] },
            { method: 'engine_forkchoiceUpdatedV3', params: [state, null] },
            { method: 'engine_forkchoiceUpdatedV1', params: [state, null] },
          ]);
        }
        case 'cancun': {
          if (request.payloadAttributes !== null) {
            return prepareForkchoiceUpdated(engine, head, [
              {
                method: 'engine_forkchoiceUpdatedV3',
                params: [state, serializePayloadAttributes(request.payloadAttributes)],
              },
            ]);
          }
          return prepareForkchoiceUpdated(engine, head, [
            { method: 'engine_forkchoiceUpdatedV3', params: [state, null] },
            { method: 'engine_forkchoiceUpdatedV2', params: [state, null] },
          ]);
        }
      }
    },

    getPayload({ fork, payloadId }) {
      switch (fork) {
        case 'paris':
          return prepareGetPayload(engine, { method: 'engine_getPayloadV1', params: [payloadId] });
        case 'shanghai':
          return prepareGetPayload(engine, { method: 'engine_getPayloadV2', params: [payloadId] });
        case 'cancun':
          return prepareGetPayload(engine, { method: 'engine_getPayloadV3', params: [payloadId] });
      }
    },
  };
}
