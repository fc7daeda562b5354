import type { ErrorObject } from 'ajv';

/** One thing that is wrong with what somebody has given. */
export type Problem = { readonly code: string; readonly path: string; readonly message: string };

/** What a schema's check has found, with paths below `root`. */
export const schemaProblems = (errors: readonly ErrorObject[] | null | undefined, root: string): readonly Problem[] =>
  (errors ?? []).slice(0, 20).map((error) => problemOf(error, root));

function problemOf({ keyword, instancePath, params, message }: ErrorObject, root: string): Problem {
  const member = params['missingProperty'] ?? params['additionalProperty'];
  const path = [
    root,
    ...instancePath.split('/').slice(1),
    ...(member === undefined ? [] : [String(member).slice(0, 100)]),
  ]
    .filter((step) => step !== '')
    .join('.');
  const code =
    keyword === 'required' ? 'MISSING_FIELD' : keyword === 'additionalProperties' ? 'UNKNOWN_FIELD' : 'INVALID_FIELD';
  const allowed = Array.isArray(params['allowedValues']) ? `: ${params['allowedValues'].join(', ')}` : '';
  return { code, path, message: `${path}: ${message ?? 'not valid'}${allowed}` };
}
