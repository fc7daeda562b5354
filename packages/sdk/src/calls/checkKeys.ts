import { ConversionError } from '@lighthouse-compat/conversions';

/** Refuses what is no object and every key that is not listed, since an option misspelt is an option lost; throws a ConversionError at `path`. */
export function checkKeys(value: unknown, keys: readonly string[], path: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConversionError('INVALID_TYPE', path, 'an object is needed');
  }
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw new ConversionError('UNKNOWN_FIELD', `${path}.${key}`, 'there is no such field');
  }
}
