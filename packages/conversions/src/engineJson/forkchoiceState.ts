import type { Codec } from '../codec.js';
import { forkchoiceState } from '../shapes.js';
import type { ForkchoiceState, ForkchoiceStateV3 } from '../types/forkchoiceState.js';
import { engineCodec } from './encoding.js';
import type { ForkchoiceStateJson } from './json.js';

const codec: Codec<ForkchoiceState, ForkchoiceStateJson> = engineCodec(forkchoiceState);

/**
 * Reads ForkchoiceStateV1: three hashes, in every version of engine_forkchoiceUpdated.
 *
 * @throws ConversionError at the field that is missing, unknown (a `justifiedBlockHash` too) or malformed
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/paris.md#forkchoicestatev1
 */
export function parseForkchoiceState(json: unknown, path: string = 'forkchoiceState'): ForkchoiceState {
  return codec.parse(json, path);
}

/** Writes the three hashes of ForkchoiceStateV1; the `justifiedBlockHash` of a V3 state never goes on the wire. */
export function serializeForkchoiceState(state: ForkchoiceState | ForkchoiceStateV3): ForkchoiceStateJson {
  const { headBlockHash, safeBlockHash, finalizedBlockHash } = state;
  return codec.serialize({ headBlockHash, safeBlockHash, finalizedBlockHash });
}
