import type { PresentKeys } from '../shape.js';
import type { Decimal } from '../types/scalars.js';

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';

/** A camelCase name in snake_case, as the consensus specs write it: `eth1Data` is `eth1_data`, `attestation1` is `attestation_1`. */
export type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? First extends Digit
    ? `${Rest extends '' ? '_' : ''}${First}${SnakeCase<Rest>}`
    : `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

/** The Beacon API's JSON of an in-memory type: snake_case names, integers as decimal strings, no fields of other forks. */
export type BeaconJson<T> = T extends bigint
  ? Decimal
  : T extends string | boolean | null
    ? T
    : T extends readonly (infer Item)[]
      ? readonly BeaconJson<Item>[]
      : { readonly [K in PresentKeys<T> & keyof T & string as SnakeCase<K>]: BeaconJson<T[K]> };
