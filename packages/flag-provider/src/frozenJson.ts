import { FlagProviderError } from './errors.js';

/** A JSON value that nobody changes. */
export type JsonData = null | boolean | string | number | readonly JsonData[] | { readonly [key: string]: JsonData };

const maximumDepth = 64;

/** Copies a JSON value and freezes the copy, so that what its giver does to it later changes nothing; throws `INVALID_FLAG` on anything that JSON cannot carry, cycles and nesting deeper than 64 levels included. */
export function frozenJson(value: unknown, path: string, ancestors: readonly object[] = []): JsonData {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new FlagProviderError('INVALID_FLAG', path, `${value} is not a finite number`);
      return value;
    case 'object': {
      if (value === null) return value;
      if (ancestors.includes(value)) throw new FlagProviderError('INVALID_FLAG', path, 'a value cannot contain itself');
      if (ancestors.length === maximumDepth) {
        throw new FlagProviderError('INVALID_FLAG', path, `a value is at most ${maximumDepth} levels deep`);
      }
      const inside = [...ancestors, value];
      if (Array.isArray(value)) {
        // Array.from, unlike map, visits holes: they are undefined, which is refused.
        return Object.freeze(Array.from(value, (item, index) => frozenJson(item, `${path}[${index}]`, inside)));
      }
      const entries = Object.entries(plainObject(value, path));
      // fromEntries defines keys rather than assigning them: an own "__proto__" stays an ordinary key.
      return Object.freeze(
        Object.fromEntries(entries.map(([key, item]) => [key, frozenJson(item, member(path, key), inside)])),
      );
    }
    default:
      throw new FlagProviderError('INVALID_FLAG', path, `${typeof value} is not a JSON value`);
  }
}

/** Takes an object literal or one without a prototype, and throws `INVALID_FLAG` on anything else: arrays, class instances and primitives. */
export function plainObject(value: unknown, path: string): { readonly [key: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const prototype: unknown = Object.getPrototypeOf(value);
    // Any realm's Object.prototype is the end of its chain.
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return { ...value };
  }
  throw new FlagProviderError('INVALID_FLAG', path, 'expected a plain object');
}

/** Names a member of an object in a path: `flags.name`, or `flags["other name"]` for what is no identifier; the path of a whole document is empty. */
export function member(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
