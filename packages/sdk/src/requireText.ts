import { CompatError } from './errors.js';

/** Throws INVALID_OPTION unless it is a text that is not empty; `path` names it. */
export function requireText(value: unknown, path: string): void {
  if (typeof value === 'string' && value.trim() !== '') return;
  throw new CompatError('INVALID_OPTION', `${path}: a text that is not empty is needed`, { path });
}
