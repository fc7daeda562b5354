import { FlagProviderError } from '../errors.js';
import { member, plainObject } from '../frozenJson.js';

/** Takes a value of JSON for what it should be; throws `INVALID_FLAG` with the path otherwise. */
export type Reader<T> = (value: unknown, path: string) => T;

/** Throws `INVALID_FLAG` with a path. */
export function refuse(path: string, detail: string): never {
  throw new FlagProviderError('INVALID_FLAG', path, detail);
}

/** Takes a text; what has to name something cannot be empty. */
export const text: Reader<string> = (value, path) =>
  typeof value === 'string' ? value : refuse(path, 'expected a string');

/** Takes a text that is not empty. */
export const name: Reader<string> = (value, path) =>
  text(value, path) || refuse(path, 'expected a string that is not empty');

/** Takes true or false. */
export const truth: Reader<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'expected true or false');

/** Takes a finite number of at least `minimum`. */
export const numberFrom =
  (minimum: number): Reader<number> =>
  (value, path) =>
    typeof value === 'number' && Number.isFinite(value) && value >= minimum
      ? value
      : refuse(path, `expected a number of at least ${minimum}`);

/** Takes one of some texts. */
export const oneOf =
  <T extends string>(...texts: readonly T[]): Reader<T> =>
  (value, path) =>
    texts.find((one) => one === value) ?? refuse(path, `expected one of ${texts.join(', ')}`);

/** Takes a list. */
export const listOf =
  <T>(item: Reader<T>): Reader<T[]> =>
  (value, path) =>
    Array.isArray(value)
      ? value.map((one, index) => item(one, `${path}[${index}]`))
      : refuse(path, 'expected an array');

/** Takes what may be left out or null. */
export const optional =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value, path) =>
    value === undefined || value === null ? undefined : reader(value, path);

/** Takes what may be left out or null, and then stands for something. */
export const withDefault =
  <T>(reader: Reader<T>, absent: T): Reader<T> =>
  (value, path) =>
    optional(reader)(value, path) ?? absent;

type Shape<S> = {
  [K in keyof S as S[K] extends Reader<infer T> ? (undefined extends T ? never : K) : never]: Read<S[K]>;
} & {
  [K in keyof S as S[K] extends Reader<infer T> ? (undefined extends T ? K : never) : never]?: Exclude<
    Read<S[K]>,
    undefined
  >;
};
type Read<R> = R extends Reader<infer T> ? T : never;

/** Takes an object with some members; others are left out. */
export const shape =
  <S extends { readonly [key: string]: Reader<unknown> }>(members: S): Reader<Shape<S>> =>
  (value, path) => {
    const given = plainObject(value, path || 'the document');
    const read = Object.entries(members).map(([key, reader]) => {
      const own = Object.hasOwn(given, key) ? given[key] : undefined;
      return [key, reader(own, member(path, key))] as const;
    });
    return Object.fromEntries(read.filter(([, one]) => one !== undefined)) as Shape<S>;
  };
