import {
  type FieldSource,
  type ListLimits,
  missingField,
  readField,
  readList,
  readRecord,
  readScalars,
  refuseUnknownField,
  visitUnknownFields,
} from './read.js';
import type { FieldTable, Shape } from './shape.js';

/** JSON as the serializers write it: every encoding writes integers as strings. */
type Json = string | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Told the path of each field that is not in the table. */
type OnUnknownField = (path: string) => void;

/** Reads and writes values of one shape in one JSON encoding. */
export type Codec<T, J = Json> = {
  /** Reads JSON that `path` names in errors; unknown fields are errors unless `onUnknownField` is given. */
  parse(json: unknown, path: string, onUnknownField?: OnUnknownField): T;
  /** Writes exactly the fields of the shape, in its order. */
  serialize(value: T): J;
};

/** How one JSON encoding names fields and writes unsigned integers, and whether null counts as absent in it. */
export type Encoding = {
  readonly nullIsAbsent: boolean;
  fieldName(name: string): string;
  parseUint(json: unknown, max: bigint, path: string): bigint;
  serializeUint(value: bigint): string;
};

/** Compiles a shape into its codec for an encoding, once, so that the work per value is plain loops. */
export function codecOf<T>(shape: Shape<T>, encoding: Encoding): Codec<T> {
  return compile(shape, encoding);
}

// biome-ignore lint/suspicious/noExplicitAny: the kind of the shape tells what the type is, which the type system cannot follow into a table.
function compile(shape: Shape<unknown>, encoding: Encoding): Codec<any> {
  switch (shape.kind) {
    case 'scalar':
      return { parse: shape.read, serialize: (value) => value };
    case 'uint': {
      const { max } = shape;
      const { parseUint, serializeUint } = encoding;
      return { parse: (json, path) => parseUint(json, max, path), serialize: serializeUint };
    }
    case 'nullable':
      return nullableCodec(compile(shape.inner, encoding));
    case 'list':
      return shape.item.kind === 'scalar'
        ? scalarListCodec(shape.item.read, shape)
        : listCodec(compile(shape.item, encoding), shape);
    case 'record':
      return recordCodec(shape.fields, shape.sealed, encoding);
  }
}

function nullableCodec<T>(inner: Codec<T>): Codec<T | null> {
  return {
    parse: (json, path, onUnknownField) => (json === null ? null : inner.parse(json, path, onUnknownField)),
    serialize: (value) => (value === null ? null : inner.serialize(value)),
  };
}

function listCodec<T>(item: Codec<T>, limits: ListLimits): Codec<readonly T[]> {
  return {
    parse: (json, path, onUnknownField) =>
      readList(json, limits, path, (each, itemPath) => item.parse(each, itemPath, onUnknownField)),
    serialize: (value) => value.map((each) => item.serialize(each)),
  };
}

/** Scalars are the same in memory and in JSON, so that a list of them is written as it is. */
function scalarListCodec<T extends Json>(
  read: (value: unknown, path: string) => T,
  limits: ListLimits,
): Codec<readonly T[]> {
  return {
    parse: (json, path) => readScalars(json, limits, path, read),
    serialize: (value) => value,
  };
}

type FieldPlan = {
  readonly name: string;
  readonly wireName: string;
  readonly nullable: boolean;
  readonly codec: Codec<unknown>;
};

function recordCodec(fields: FieldTable, sealed: boolean, encoding: Encoding): Codec<FieldSource> {
  const plans: readonly FieldPlan[] = Object.entries(fields).map(([name, shape]) => ({
    name,
    wireName: encoding.fieldName(name),
    nullable: shape.kind === 'nullable',
    codec: compile(shape, encoding),
  }));
  const { nullIsAbsent } = encoding;
  const wireNames: ReadonlySet<string> = new Set(plans.map((plan) => plan.wireName));
  return {
    parse(json, path, onForeignField) {
      const onUnknownField = sealed ? undefined : onForeignField;
      const source = readRecord(json, path);
      visitUnknownFields(
        source,
        wireNames,
        path,
        nullIsAbsent ? null : undefined,
        onUnknownField ?? refuseUnknownField,
      );
      const result: Record<string, unknown> = {};
      for (const { name, wireName, nullable, codec } of plans) {
        const fieldPath = `${path}.${wireName}`;
        const value = readField(source, wireName, fieldPath);
        const isAbsent = value === undefined || (value === null && nullIsAbsent);
        if (isAbsent && !nullable) throw missingField(fieldPath);
        result[name] = isAbsent ? null : codec.parse(value, fieldPath, onUnknownField);
      }
      return result;
    },
    serialize(value) {
      const result: Record<string, Json> = {};
      for (const { name, wireName, codec } of plans) result[wireName] = codec.serialize(value[name]);
      return result;
    },
  };
}
