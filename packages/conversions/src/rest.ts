import { refuseUnknownField, visitUnknownFields } from './read.js';

const NONE: ReadonlySet<string> = new Set();

/**
 * Refuses what a conversion would leave behind: the compiler proves that it is nothing, a caller without types may prove it wrong.
 *
 * @throws ConversionError `UNKNOWN_FIELD` for a field that is not undefined
 */
export function refuseRest(rest: Record<string, never>, path: string): void {
  visitUnknownFields(rest, NONE, path, undefined, refuseUnknownField);
}
