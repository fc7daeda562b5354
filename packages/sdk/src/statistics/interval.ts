import { CompatError } from '../errors.js';

/** All values from `lower` to `upper`; a side of which nothing is known yet is the bound of what can be. */
export type Interval = { readonly lower: number; readonly upper: number };

/** Throws INVALID_SAMPLE unless `alpha` is a probability of error above 0 and below 1. */
export function requireAlpha(alpha: number): void {
  if (alpha > 0 && alpha < 1) return;
  throw new CompatError('INVALID_SAMPLE', 'alpha: a number above 0 and below 1 is needed', { path: 'alpha' });
}
