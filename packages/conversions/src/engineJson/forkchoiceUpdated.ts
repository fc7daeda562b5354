import type { Codec } from '../codec.js';
import { ConversionError } from '../errors.js';
import { type LooseForkchoiceUpdatedResult, looseForkchoiceUpdatedResult } from '../shapes.js';
import type { ForkchoiceUpdatedResult } from '../types/forkchoiceUpdated.js';
import { type AnswerOptions, ignoreField } from './answerOptions.js';
import { engineCodec } from './encoding.js';
import type { ForkchoiceUpdatedResultJson } from './json.js';
import { narrowPayloadStatus, serializePayloadStatus } from './payloadStatus.js';

const codec: Codec<LooseForkchoiceUpdatedResult, ForkchoiceUpdatedResultJson> =
  engineCodec(looseForkchoiceUpdatedResult);

/**
 * Reads the answer of any version of engine_forkchoiceUpdated; the payloadId is 8 bytes, null or absent.
 *
 * @throws ConversionError `UNKNOWN_FIELD` for a payloadId beside a status that is not VALID, which has no such field; else as {@link parsePayloadStatus}
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/paris.md#engine_forkchoiceupdatedv1
 */
export function parseForkchoiceUpdatedResult(json: unknown, options: AnswerOptions = {}): ForkchoiceUpdatedResult {
  const { path = 'forkchoiceUpdatedResult', onUnknownField = ignoreField } = options;
  const { payloadStatus, payloadId } = codec.parse(json, path, onUnknownField);
  if (payloadId !== null && payloadStatus.status !== 'VALID') {
    throw new ConversionError('UNKNOWN_FIELD', `${path}.payloadId`, `has no place beside ${payloadStatus.status}`);
  }
  return { payloadStatus: narrowPayloadStatus(payloadStatus, `${path}.payloadStatus`), payloadId };
}

/** Writes the answer of engine_forkchoiceUpdated with both its fields, null for no payloadId. */
export function serializeForkchoiceUpdatedResult(result: ForkchoiceUpdatedResult): ForkchoiceUpdatedResultJson {
  return { payloadStatus: serializePayloadStatus(result.payloadStatus), payloadId: result.payloadId };
}
