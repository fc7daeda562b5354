import { Ajv, type SchemaObject } from 'ajv';
import { schemaProblems } from '../schemaProblems.js';
import { type Answer, refusal } from './answer.js';

// Not of spaces alone.
const text = (maxLength: number): SchemaObject => ({ type: 'string', minLength: 1, maxLength, pattern: '\\S' });

/** What the body of an action may hold. */
const fieldSchemas = {
  /** Who acts. */
  by: text(200),
  reason: text(1_000),
  /** Also where v4's engine is not known to be in step. */
  force: { type: 'boolean' },
  /** Latches the process for real. */
  live: { type: 'boolean' },
} as const satisfies Readonly<Record<FieldName, SchemaObject>>;

/** The name of a field of an action's body. */
export type FieldName = 'by' | 'reason' | 'force' | 'live';

/** A body that has been checked: the fields that are not required may be missing. */
export type CheckedBody<Required extends FieldName, Optional extends FieldName> = {
  readonly [F in Required]: F extends 'by' | 'reason' ? string : boolean;
} & { readonly [F in Optional]?: F extends 'by' | 'reason' ? string : boolean };

/** The JSON Schema of a body with these fields and no others. */
export const bodySchema = (required: readonly FieldName[], optional: readonly FieldName[]): SchemaObject => ({
  type: 'object',
  required: [...required],
  additionalProperties: false,
  properties: Object.fromEntries([...required, ...optional].map((field) => [field, fieldSchemas[field]])),
});

/** Gives what checks a value by a schema: null where it holds, else the answer with everything that is wrong; with `first`, for what may be large and from anybody, with the first alone. */
export function schemaCheck(
  schema: SchemaObject,
  { first: isFirstOnly = false }: { readonly first?: boolean } = {},
): (value: unknown) => Answer | null {
  const validate = new Ajv({ allErrors: !isFirstOnly, strict: true, strictRequired: false }).compile(schema);
  return (value) => {
    if (validate(value)) return null;
    const problems = schemaProblems(validate.errors, 'body');
    const [first] = problems;
    return refusal(400, first?.code ?? 'INVALID_FIELD', problems.map(({ message }) => message).join('; '), {
      path: first?.path ?? 'body',
      problems,
    });
  };
}
