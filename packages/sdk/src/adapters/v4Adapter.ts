import { engineJson, type ServedFork, v5ToV4 } from '@lighthouse-compat/conversions';
import type { EngineClient } from '../engine/engineClient.js';
import { CompatError } from '../errors.js';
import type { LighthouseApi } from './lighthouseApi.js';
import { prepare } from './prepare.js';

const unserved = (fork: ServedFork): never => {
  throw new CompatError('UNSUPPORTED_FORK', `Lighthouse v4's structures end with Shanghai; this call is of ${fork}`);
};

/** Lighthouse v4's structures (v4.5.0): Paris by the V1 methods, Shanghai by the V2 methods. */
export function createV4Adapter(engine: EngineClient): LighthouseApi {
  return {
    version: 'v4',
    forks: new Set<ServedFork>(['paris', 'shanghai']),

    newPayload(request) {
      switch (request.fork) {
        case 'paris':
          return prepare(engine, 'engine_newPayloadV1', [
            engineJson.serializeExecutionPayload(request.executionPayload),
          ]);
        case 'shanghai':
          return prepare(engine, 'engine_newPayloadV2', [
            engineJson.serializeExecutionPayload(request.executionPayload),
          ]);
        case 'cancun':
          return unserved(request.fork);
      }
    },

    forkchoiceUpdated(request) {
      const state = request.forkchoiceState;
      const forkchoiceState = engineJson.serializeForkchoiceState(
        state.justifiedBlockHash === undefined ? state : v5ToV4.convertForkchoiceState(state),
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
          const attributes = request.payloadAttributes;
          return prepare(engine, 'engine_forkchoiceUpdatedV2', [
            forkchoiceState,
            attributes && engineJson.serializePayloadAttributes(attributes),
          ]);
        }
        case 'cancun':
          return unserved(request.fork);
      }
    },

    getPayload({ fork, payloadId }) {
      switch (fork) {
        case 'paris':
          return prepare(engine, 'engine_getPayloadV1', [payloadId]);
        case 'shanghai':
          return prepare(engine, 'engine_getPayloadV2', [payloadId]);
        case 'cancun':
          return unserved(fork);
      }
    },
  };
}
