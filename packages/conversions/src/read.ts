import { ConversionError } from './errors.js';

/** An object whose fields have not been read yet. */
export type FieldSource = Readonly<Record<string, unknown>>;

/** The longest stretch of a foreign field name that an error repeats. */
const MAX_NAME_CHARS = 64;

/** Names the type of a value for an error, without showing the value. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}

/** Takes a value for a boolean. */
export function readBoolean(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new ConversionError('INVALID_TYPE', path, `expected a boolean, got ${describeType(value)}`);
}

/** Takes a value for a string. */
export function readText(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw new ConversionError('INVALID_TYPE', path, `expected a string, got ${describeType(value)}`);
}

/** Takes a value for one of some strings. */
export function readOneOf(value: unknown, values: readonly string[], path: string): string {
  const text = readText(value, path);
  if (values.includes(text)) return text;
  throw new ConversionError('INVALID_ENUM', path, `expected one of ${values.join(', ')}`);
}

/** Takes a value for an object; arrays are none. */
export function readRecord(value: unknown, path: string): FieldSource {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as FieldSource;
  throw new ConversionError('INVALID_TYPE', path, `expected an object, got ${describeType(value)}`);
}

/** How many items a list may have. */
export type ListLimits = { readonly minLength: number; readonly maxLength: number };

/** Reads a list within its limits, each item with its own path. */
export function readList<T>(
  value: unknown,
  limits: ListLimits,
  path: string,
  read: (item: unknown, path: string) => T,
): readonly T[] {
  return readItems(readArray(value, limits, path), path, read);
}

/** Does what {@link readList} does for items of which `read` tells nobody anything: their paths are made only if one is refused. */
export function readScalars<T>(
  value: unknown,
  limits: ListLimits,
  path: string,
  read: (item: unknown, path: string) => T,
): readonly T[] {
  const source = readArray(value, limits, path);
  const { length } = source;
  const items: T[] = [];
  try {
    for (let i = 0; i < length; i++) items.push(read(source[i], path));
    return items;
  } catch {
    return readItems(source, path, read);
  }
}

function readArray(value: unknown, { minLength, maxLength }: ListLimits, path: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new ConversionError('INVALID_TYPE', path, `expected an array, got ${describeType(value)}`);
  }
  const { length } = value;
  if (length > maxLength) {
    throw new ConversionError('INVALID_LENGTH', path, `expected at most ${maxLength} items, got ${length}`);
  }
  if (length < minLength) {
    throw new ConversionError('INVALID_LENGTH', path, `expected at least ${minLength} items, got ${length}`);
  }
  return value;
}

function readItems<T>(
  source: readonly unknown[],
  path: string,
  read: (item: unknown, path: string) => T,
): readonly T[] {
  const { length } = source;
  const items: T[] = [];
  for (let i = 0; i < length; i++) {
    const itemPath = `${path}[${i}]`;
    items.push(read(readItem(source, i, itemPath), itemPath));
  }
  return items;
}

function readItem(source: readonly unknown[], index: number, path: string): unknown {
  try {
    return source[index];
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Reads a field of the object itself, never one of its prototype; undefined if there is none. */
export function readField(source: FieldSource, name: string, path: string): unknown {
  try {
    return Object.hasOwn(source, name) ? source[name] : undefined;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Calls `visit` with the path of each field that is not `known`, except those that are undefined or `absent`. */
export function visitUnknownFields(
  source: FieldSource,
  known: ReadonlySet<string>,
  path: string,
  absent: null | undefined,
  visit: (path: string) => void,
): void {
  for (const name of Object.keys(source)) {
    if (known.has(name)) continue;
    const shown = name.length <= MAX_NAME_CHARS ? name : `${name.slice(0, MAX_NAME_CHARS)}...`;
    const fieldPath = `${path}.${shown}`;
    const value = readField(source, name, fieldPath);
    if (value !== undefined && value !== absent) visit(fieldPath);
  }
}

/** What {@link visitUnknownFields} does where unknown fields are errors. */
export function refuseUnknownField(path: string): never {
  throw new ConversionError('UNKNOWN_FIELD', path, 'is not a field of this structure');
}

export function missingField(path: string): ConversionError {
  return new ConversionError('MISSING_FIELD', path, 'is missing');
}

function unreadable(path: string, cause: unknown): ConversionError {
  return new ConversionError('INVALID_TYPE', path, 'cannot be read', { cause });
}
