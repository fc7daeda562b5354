import { CompatError } from '../errors.js';

/** How many of `total` attempts succeeded, both whole numbers. */
export type Counts = { readonly successes: number; readonly total: number };

/** Throws INVALID_SAMPLE, with the field's path, unless both are safe integers and 0 <= successes <= total. */
export function requireCounts({ successes, total }: Counts, path: string): void {
  const invalid = (field: string, what: string): never => {
    throw new CompatError('INVALID_SAMPLE', `${path}.${field}: ${what}`, { path: `${path}.${field}` });
  };
  if (!Number.isSafeInteger(total) || total < 0) invalid('total', 'a whole number, 0 or above, is needed');
  if (!Number.isSafeInteger(successes) || successes < 0 || successes > total)
    invalid('successes', 'a whole number from 0 to the total is needed');
}
