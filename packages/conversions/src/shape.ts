import { readBitlist } from './bitlist.js';
import { readData, UINT64_MAX, UINT256_MAX } from './hex.js';
import { readBoolean, readOneOf, readText } from './read.js';
import type { Data } from './types/scalars.js';

declare const shapeOf: unique symbol;

/** What a value of type `T` is made of, as data and apart from any encoding, so that one table serves every encoding. */
export type Shape<T> = (
  | { readonly kind: 'scalar'; readonly read: ReadScalar }
  | { readonly kind: 'uint'; readonly max: bigint }
  | { readonly kind: 'nullable'; readonly inner: Shape<unknown> }
  | { readonly kind: 'list'; readonly item: Shape<unknown>; readonly minLength: number; readonly maxLength: number }
  | { readonly kind: 'record'; readonly fields: FieldTable; readonly sealed: boolean }
) & { readonly [shapeOf]?: T };

/** Reads what is the same string or boolean in memory and in every encoding. */
type ReadScalar = (value: unknown, path: string) => string | boolean;

/** The shape of each field by its in-memory name, in the order of the specification. */
export interface FieldTable {
  readonly [name: string]: Shape<unknown>;
}

/** The fields of `T` that can be there, which leaves out those of other forks (`?: never`). */
export type PresentKeys<T> = keyof { [K in keyof T as [Exclude<T[K], undefined>] extends [never] ? never : K]: true };

/** A shape for every field of `T` that can be there, no more and no less. */
export type Fields<T> = { readonly [K in PresentKeys<T> & string]: Shape<T[K]> };

/** DATA of `minBytes` to `maxBytes` bytes. */
export function data(minBytes: number, maxBytes: number = minBytes): Shape<Data> {
  return { kind: 'scalar', read: (value, path) => readData(value, minBytes, maxBytes, path) };
}

export const hash32: Shape<Data> = data(32);
export const address: Shape<Data> = data(20);
export const uint64: Shape<bigint> = { kind: 'uint', max: UINT64_MAX };
export const uint256: Shape<bigint> = { kind: 'uint', max: UINT256_MAX };
export const boolean: Shape<boolean> = { kind: 'scalar', read: readBoolean };
export const text: Shape<string> = { kind: 'scalar', read: readText };

/** One of some strings. */
export function oneOf<const T extends string>(values: readonly T[]): Shape<T> {
  return { kind: 'scalar', read: (value, path) => readOneOf(value, values, path) };
}

/** A value or null; in JSON an absent field counts as null. */
export function nullable<T>(inner: Shape<T>): Shape<T | null> {
  return { kind: 'nullable', inner };
}

/** A list of at most `maxLength` items. */
export function list<T>(item: Shape<T>, maxLength: number = Infinity): Shape<readonly T[]> {
  return { kind: 'list', item, minLength: 0, maxLength };
}

/** A list of exactly `length` items. */
export function vector<T>(item: Shape<T>, length: number): Shape<readonly T[]> {
  return { kind: 'list', item, minLength: length, maxLength: length };
}

/** The DATA of an SSZ bitlist of at most `maxBits` bits: its bits from the lowest on, then the delimiting bit. */
export function bitlist(maxBits: number): Shape<Data> {
  return { kind: 'scalar', read: (value, path) => readBitlist(value, maxBits, path) };
}

/** An object with these fields; a reader of an engine's answers may let it have others. */
export function record<T>(fields: Fields<T>): Shape<T> {
  return { kind: 'record', fields, sealed: false };
}

/** An object in which, and in whose parts, an unknown field is an error even in an engine's answer. */
export function sealedRecord<T>(fields: Fields<T>): Shape<T> {
  return { kind: 'record', fields, sealed: true };
}
