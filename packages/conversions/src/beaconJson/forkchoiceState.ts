import type { Codec } from '../codec.js';
import { forkchoiceState, forkchoiceStateV3 } from '../shapes.js';
import type { ForkchoiceState, ForkchoiceStateV3 } from '../types/forkchoiceState.js';
import { beaconCodec } from './encoding.js';
import type { BeaconJson } from './json.js';

const v1: Codec<ForkchoiceState, BeaconJson<ForkchoiceState>> = beaconCodec(forkchoiceState);
const v3: Codec<ForkchoiceStateV3, BeaconJson<ForkchoiceStateV3>> = beaconCodec(forkchoiceStateV3);

/**
 * Reads the three hashes of a forkchoice state by their names in Lighthouse.
 *
 * @throws ConversionError at the field that is missing, unknown (a `justified_block_hash` too) or malformed
 */
export function parseForkchoiceState(json: unknown, path: string = 'forkchoice_state'): ForkchoiceState {
  return v1.parse(json, path);
}

/**
 * Reads Lighthouse v5's forkchoice state with its `justified_block_hash`.
 *
 * @throws ConversionError at the field that is missing, unknown or malformed
 */
export function parseForkchoiceStateV3(json: unknown, path: string = 'forkchoice_state'): ForkchoiceStateV3 {
  return v3.parse(json, path);
}

/** Writes the three hashes of a forkchoice state, and the justified one if it is v5's. */
export function serializeForkchoiceState(state: ForkchoiceState): BeaconJson<ForkchoiceState>;
export function serializeForkchoiceState(state: ForkchoiceStateV3): BeaconJson<ForkchoiceStateV3>;
export function serializeForkchoiceState(
  state: ForkchoiceState | ForkchoiceStateV3,
): BeaconJson<ForkchoiceState | ForkchoiceStateV3>;
export function serializeForkchoiceState(
  state: ForkchoiceState | ForkchoiceStateV3,
): BeaconJson<ForkchoiceState | ForkchoiceStateV3> {
  return state.justifiedBlockHash === undefined ? v1.serialize(state) : v3.serialize(state);
}
