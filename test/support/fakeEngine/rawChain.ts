import { hash } from '../samples.js';
import { fakeBlockHash } from './digest.js';
import type { JsonObject } from './params.js';
import { type RawAnswer, rawCall } from './rawCall.js';
import type { SpecEngine } from './specEngine.js';

/** The parent beacon block root of every Cancun block that a test does not say another of. */
export const beaconRoot = hash(77);

/** What attributes of V3 have beside those of V1. */
export const rooted = { withdrawals: [], parentBeaconBlockRoot: beaconRoot } as const;

/** A forkchoice state as JSON. */
export const stateJson = (head: unknown, safe: unknown = hash(0), finalized: unknown = safe): JsonObject => ({
  headBlockHash: head,
  safeBlockHash: safe,
  finalizedBlockHash: finalized,
});

/** Payload attributes as JSON, by default of V2. */
export const attributesJson = (timestamp: number, more: JsonObject = { withdrawals: [] }): JsonObject => ({
  timestamp: `0x${timestamp.toString(16)}`,
  prevRandao: hash(9),
  suggestedFeeRecipient: `0x${'aa'.repeat(20)}`,
  ...more,
});

/** Sets the head, with attributes or none. */
export const updateRaw = (
  engine: SpecEngine,
  version: number,
  attributes: unknown = null,
  head: unknown = engine.chain.genesisHash,
): Promise<RawAnswer> => rawCall(engine, `engine_forkchoiceUpdatedV${version}`, [stateJson(head), attributes]);

/** The payloadId of a forkchoiceUpdated's answer. */
export const payloadIdOf = ({ result }: RawAnswer): unknown => (result as { payloadId: unknown }).payloadId;

/** Has the engine build a payload on its genesis, and fetches it. */
export async function buildRaw(
  engine: SpecEngine,
  version: number,
  attributes: JsonObject,
): Promise<{ readonly payloadId: unknown; readonly payload: JsonObject & { readonly blockHash: string } }> {
  const payloadId = payloadIdOf(await updateRaw(engine, version, attributes));
  const { result } = await rawCall(engine, `engine_getPayloadV${version}`, [payloadId]);
  const payload = version === 1 ? result : (result as { executionPayload: unknown }).executionPayload;
  return { payloadId, payload: payload as JsonObject & { readonly blockHash: string } };
}

/** Changes fields of a payload and gives it the hash that they then have. */
export function resealed(
  payload: JsonObject,
  changes: JsonObject,
  root?: unknown,
): JsonObject & { readonly blockHash: string } {
  const changed = { ...payload, ...changes };
  return { ...changed, blockHash: fakeBlockHash(changed, root) };
}

/** Sends a payload, to V3 with its hashes and its root. */
export const insertRaw = (
  engine: SpecEngine,
  version: number,
  payload: unknown,
  hashes: unknown = [],
  root: unknown = beaconRoot,
): Promise<RawAnswer> =>
  rawCall(engine, `engine_newPayloadV${version}`, version === 3 ? [payload, hashes, root] : [payload]);
