import type { Hash32 } from './scalars.js';

/** ForkchoiceStateV1 (execution-apis, src/engine/paris.md): the three hashes that every version of engine_forkchoiceUpdated takes. */
export type ForkchoiceState = {
  readonly headBlockHash: Hash32;
  readonly safeBlockHash: Hash32;
  readonly finalizedBlockHash: Hash32;
  readonly justifiedBlockHash?: never;
};

/** Lighthouse v5's own forkchoice state: `justifiedBlockHash` never goes on the wire. */
export type ForkchoiceStateV3 = Omit<ForkchoiceState, 'justifiedBlockHash'> & {
  readonly justifiedBlockHash: Hash32;
};
