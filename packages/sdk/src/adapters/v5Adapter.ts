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
import { prepare } from './prepare.js';

/** Takes away again what the conversion to v5's structure made up: the block hash is that of the Capella header, so the wire gets the Capella payload. */
function asItIs(converted: ExecutionPayloadDeneb): ExecutionPayloadCapella {
  const { blobGasUsed: _blobGasUsed, excessBlobGas: _excessBlobGas, ...payload } = converted;
  return payload;
}

/** Lighthouse v5's structures (v5.0.0): Paris by the V1 methods, Shanghai by V2, Cancun by V3; never V3 for a converted object. */
export function createV5Adapter(engine: EngineClient): LighthouseApi {
  return {
    version: 'v5',
    forks: new Set<ServedFork>(['paris', 'shanghai', 'cancun']),

    newPayload(request) {
      switch (request.fork) {
        case 'paris':
          return prepare(engine, 'engine_newPayloadV1', [
            engineJson.serializeExecutionPayload(request.executionPayload),
          ]);
        case 'shanghai': {
          const executionPayload = v4ToV5.convertExecutionPayload(request.executionPayload);
          return prepare(engine, 'engine_newPayloadV2', [
            engineJson.serializeExecutionPayload(asItIs(executionPayload)),
          ]);
        }
        case 'cancun':
          return prepare(engine, 'engine_newPayloadV3', [
            engineJson.serializeExecutionPayload(request.executionPayload),
            request.expectedBlobVersionedHashes,
            request.parentBeaconBlockRoot,
          ]);
      }
    },

    forkchoiceUpdated(request) {
      const state = request.forkchoiceState;
      const forkchoiceState = engineJson.serializeForkchoiceState(
        state.justifiedBlockHash === undefined ? v4ToV5.convertForkchoiceState(state) : state,
      );
      switch (request.fork) {
        case 'paris': {
          const attributes = request.payloadAttributes;
          return prepare(engine, 'engine_forkchoiceUpdatedV1', [
            forkchoiceState,
            attributes && engineJson.serializePayloadAttributes(attributes),
          ]);
        }
        case 'shanghai': {
          const attributes = request.payloadAttributes && v4ToV5.convertPayloadAttributes(request.payloadAttributes);
          return prepare(engine, 'engine_forkchoiceUpdatedV2', [
            forkchoiceState,
            attributes && engineJson.serializePayloadAttributes(v5ToV4.convertPayloadAttributes(attributes)),
          ]);
        }
        case 'cancun': {
          const attributes = request.payloadAttributes;
          return prepare(engine, 'engine_forkchoiceUpdatedV3', [
            forkchoiceState,
            attributes && engineJson.serializePayloadAttributes(attributes),
          ]);
        }
      }
    },

    getPayload({ fork, payloadId }) {
      switch (fork) {
        case 'paris':
          return prepare(engine, 'engine_getPayloadV1', [payloadId]);
        case 'shanghai':
          return prepare(engine, 'engine_getPayloadV2', [payloadId]);
        case 'cancun':
          return prepare(engine, 'engine_getPayloadV3', [payloadId]);
      }
    },
  };
}
