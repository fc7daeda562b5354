import { readUint } from './hex.js';
import {
  missingField,
  readField,
  readList,
  readRecord,
  readScalars,
  refuseUnknownField,
  visitUnknownFields,
} from './read.js';
import type { FieldTable, Shape } from './shape.js';

/** Checks an in-memory value and copies it; unknown fields are errors, undefined counts as absent, `path` names the value in errors. */
export type Checker<T> = (value: unknown, path: string) => T;

/** Compiles a shape into its checker, once, so that the work per value is plain loops. */
export function checkerOf<T>(shape: Shape<T>): Checker<T> {
  // The kind of the shape tells what T is, which the type system cannot follow into a table.
  return compile(shape) as Checker<T>;
}

function compile(shape: Shape<unknown>): Checker<unknown> {
  switch (shape.kind) {
    case 'scalar':
      return shape.read;
    case 'uint': {
      const { max } = shape;
      return (value, path) => readUint(value, max, path);
    }
    case 'nullable': {
      const inner = compile(shape.inner);
      return (value, path) => (value === null ? null : inner(value, path));
    }
    case 'list': {
      const item = compile(shape.item);
      const read = shape.item.kind === 'scalar' ? readScalars : readList;
      return (value, path) => read(value, shape, path, item);
    }
    case 'record':
      return recordChecker(shape.fields);
  }
}

function recordChecker(fields: FieldTable): Checker<unknown> {
  const checks = Object.entries(fields).map(([name, shape]) => ({ name, check: compile(shape) }));
  const names: ReadonlySet<string> = new Set(Object.keys(fields));
  return (value, path) => {
    const source = readRecord(value, path);
    visitUnknownFields(source, names, path, undefined, refuseUnknownField);
    const result: Record<string, unknown> = {};
    for (const { name, check } of checks) {
      const fieldPath = `${path}.${name}`;
      const field = readField(source, name, fieldPath);
      if (field === undefined) throw missingField(fieldPath);
      result[name] = check(field, fieldPath);
    }
    return result;
  };
}
