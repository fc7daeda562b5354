import type { Codec } from '../codec.js';
import { ConversionError } from '../errors.js';
import { type LoosePayloadStatus, loosePayloadStatus } from '../shapes.js';
import type { PayloadStatus } from '../types/payloadStatus.js';
import { type AnswerOptions, ignoreField } from './answerOptions.js';
import { engineCodec } from './encoding.js';
import type { PayloadStatusJson } from './json.js';

const codec: Codec<LoosePayloadStatus, PayloadStatusJson> = engineCodec(loosePayloadStatus);

/**
 * Reads PayloadStatusV1 and narrows it to what its status may carry: a hash beside SYNCING, ACCEPTED or INVALID_BLOCK_HASH, and an error beside a status that has none, become null or go.
 *
 * @throws ConversionError `INVALID_ENUM` for another status, `MISSING_FIELD` for VALID without a `latestValidHash`; else at the field that is missing or malformed
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/paris.md#payloadstatusv1
 */
export function parsePayloadStatus(json: unknown, options: AnswerOptions = {}): PayloadStatus {
  const { path = 'payloadStatus', onUnknownField = ignoreField } = options;
  return narrowPayloadStatus(codec.parse(json, path, onUnknownField), path);
}

/** Keeps of a status as the wire has it what the status may carry. */
export function narrowPayloadStatus(loose: LoosePayloadStatus, path: string): PayloadStatus {
  const { status, latestValidHash, validationError } = loose;
  switch (status) {
    case 'VALID':
      if (latestValidHash === null) {
        throw new ConversionError('MISSING_FIELD', `${path}.latestValidHash`, 'is missing from a VALID status');
      }
      return { status, latestValidHash };
    case 'INVALID':
      return { status, latestValidHash, validationError };
    case 'SYNCING':
    case 'ACCEPTED':
      return { status, latestValidHash: null };
    case 'INVALID_BLOCK_HASH':
      return { status, latestValidHash: null, validationError };
  }
}

/** Writes PayloadStatusV1 with all its three fields, null for what the status does not carry. */
export function serializePayloadStatus(payloadStatus: PayloadStatus): PayloadStatusJson {
  const { status, latestValidHash } = payloadStatus;
  const validationError = 'validationError' in payloadStatus ? payloadStatus.validationError : null;
  return codec.serialize({ status, latestValidHash, validationError });
}
