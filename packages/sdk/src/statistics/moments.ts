import { CompatError } from '../errors.js';

/** What a mean and its uncertainty stand on: `m2` is the sum of the squared deviations from the mean. */
export type Moments = { readonly count: number; readonly mean: number; readonly m2: number };

/** Moments that values are added to, one at a time and in constant memory. */
export type MomentsBuilder = {
  /** Throws INVALID_SAMPLE for what is not a finite number, and leaves the moments as they were. */
  add(value: number): void;
  /** Adds the natural logarithm of a value, above 0. */
  addLogOf(value: number): void;
  read(): Moments;
};

/** Starts with no values; by the recurrence of B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4(3), 1962. */
export function createMomentsBuilder(): MomentsBuilder {
  let count = 0;
  // An array of floats holds its numbers in place: nothing is allocated for a value.
  const state = new Float64Array(2);
  function add(value: number): void {
    if (!Number.isFinite(value))
      throw new CompatError('INVALID_SAMPLE', 'value: a finite number is needed', { path: 'value' });
    count += 1;
    const before = value - (state[0] as number);
    const mean = (state[0] as number) + before / count;
    state[0] = mean;
    state[1] = (state[1] as number) + before * (value - mean);
  }
  return {
    add,
    addLogOf: (value) => add(Math.log(value)),
    read: () => ({ count, mean: state[0] as number, m2: state[1] as number }),
  };
}

/** The moments of both samples together; by T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979. There is no way back: taking a part away again would lose what rounding has left. */
export function mergeMoments(one: Moments, two: Moments): Moments {
  if (one.count === 0) return two;
  if (two.count === 0) return one;
  const count = one.count + two.count;
  const apart = two.mean - one.mean;
  return {
    count,
    mean: one.mean + apart * (two.count / count),
    m2: one.m2 + two.m2 + apart * apart * ((one.count * two.count) / count),
  };
}

/** Throws INVALID_SAMPLE, with the field's path, for what no sample has as its moments. */
export function requireMoments({ count, mean, m2 }: Moments, path: string): void {
  const invalid = (field: string, what: string): never => {
    throw new CompatError('INVALID_SAMPLE', `${path}.${field}: ${what}`, { path: `${path}.${field}` });
  };
  if (!Number.isSafeInteger(count) || count < 0) invalid('count', 'a whole number, 0 or above, is needed');
  if (!Number.isFinite(mean)) invalid('mean', 'a finite number is needed');
  if (!(m2 >= 0)) invalid('m2', 'a number, 0 or above, is needed');
}
