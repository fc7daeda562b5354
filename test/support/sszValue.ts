import { hexOf, type Random, upTo } from './random.js';

/** What of an SSZ type of @chainsafe/ssz is looked at here. */
export type SszType = {
  readonly fromJson: (json: unknown) => unknown;
  readonly fields?: Readonly<Record<string, SszType>>;
  readonly elementType?: SszType;
  readonly limit?: number;
  readonly length?: number;
  readonly limitBits?: number;
  readonly limitBytes?: number;
  readonly lengthBits?: number;
  readonly lengthBytes?: number;
  readonly byteLength?: number;
  readonly typeName: string;
};

/** What it keeps of a list whose limit is great. */
const FEW = 3;

/** A random value of an SSZ type, made from the type's own fields, so that nothing of the code under test decides what is in it. */
export function sszValue(type: SszType, random: Random): unknown {
  const { fields, elementType, limit, length, limitBits, limitBytes, lengthBits, lengthBytes, byteLength } = type;
  if (fields !== undefined) {
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, sszValue(field, random)]));
  }
  if (elementType !== undefined) {
    // A list is full at times, where its limit is small.
    const count = length ?? (random() < 0.1 && (limit ?? 0) <= 16 ? (limit ?? 0) : upTo(random, FEW));
    const bounded = Math.min(count, limit ?? count);
    return Array.from({ length: bounded }, () => sszValue(elementType, random));
  }
  if (limitBits !== undefined) {
    const bits = upTo(random, limitBits);
    const bytes = hexOf(random, bits >> 3);
    const last = (1 << (bits & 7)) | upTo(random, (1 << (bits & 7)) - 1);
    return type.fromJson(`${bytes}${last.toString(16).padStart(2, '0')}`);
  }
  if (lengthBits !== undefined) return type.fromJson(hexOf(random, lengthBits / 8));
  if (limitBytes !== undefined) return type.fromJson(hexOf(random, 1 + upTo(random, Math.min(limitBytes, 40) - 1)));
  if (lengthBytes !== undefined) return type.fromJson(hexOf(random, lengthBytes));
  if (byteLength === undefined) throw new Error(`no value for ${type.typeName}`);
  // Lodestar holds most uint64 as numbers, which are exact up to 2^53.
  const bytes = type.typeName.startsWith('uintBigint') ? byteLength : 6;
  return type.fromJson(BigInt(hexOf(random, bytes)).toString());
}
