import murmurhash from 'murmurhash';
import { keyBytes } from './keyBytes.js';

/** The group of every flag of a migration, so that equal percentages choose equal keys; in Unleash it is the groupId of the rollout. */
export const defaultGroupId = 'lighthouse-compat';

/**
 * Gives the bucket of an id, an integer from 1 to `normalizer`: bit for bit what Unleash's Node client computes, so a
 * key is in a rollout of p percent when its bucket is at most p.
 *
 * The hash is MurmurHash3 (x86, 32 bits) of `groupId:id`, reading the low byte of each UTF-16 code unit as the Node
 * client does; clients that hash UTF-8 agree with it on ASCII only. Seed 0 is that of rollouts.
 *
 * Source: unleash-client, lib/strategy/util.js.
 */
export function normalizedValue(id: string, groupId: string, normalizer = 100, seed = 0): number {
  return (murmurhash.v3(keyBytes(groupId, id), seed) % normalizer) + 1;
}
