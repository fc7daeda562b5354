import { type Answer, refusal } from './answer.js';

/** The parameters of a query, each at most once and none but these; or why they are not taken. */
export function readQuery<N extends string>(
  search: URLSearchParams,
  names: readonly N[],
): { readonly values: { readonly [K in N]?: string } } | { readonly refused: Answer } {
  const values: { [name: string]: string } = {};
  for (const [name, value] of search) {
    const path = `query.${name.slice(0, 100)}`;
    if (!(names as readonly string[]).includes(name))
      return { refused: refusal(400, 'UNKNOWN_FIELD', `${path}: there is no such parameter`, { path }) };
    if (Object.hasOwn(values, name))
      return { refused: refusal(400, 'INVALID_FIELD', `${path}: it is given twice`, { path }) };
    values[name] = value;
  }
  return { values: values as { readonly [K in N]?: string } };
}
