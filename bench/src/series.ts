/** One figure of each round, in the order of the rounds. */
export type Series = readonly number[];

/** The value below which `share` (0 to 1) of a series lies, between two figures in proportion. */
export function quantile(series: Series, share: number): number {
  const sorted = [...series].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** The middle of a series. */
export const median = (series: Series): number => quantile(series, 0.5);

/** The quarter points of a series: half of its rounds lie between them. */
export const spread = (series: Series): readonly [low: number, high: number] => [
  quantile(series, 0.25),
  quantile(series, 0.75),
];

/** One series by another, round by round, so that what slowed a whole round down slows both. */
export const perRound = (numerator: Series, denominator: Series): Series =>
  numerator.map((value, round) => value / (denominator[round] ?? Number.NaN));

/** The rounds in which the machine did least beside: a share (0 to 1) of them, by what all series of a round come to together, so that none is favoured; what a shared machine does beside only ever adds. */
export function quietest(all: readonly Series[], share: number): readonly Series[] {
  const sums = (all[0] ?? []).map((_, round) => all.reduce((sum, series) => sum + (series[round] ?? Number.NaN), 0));
  const bound = quantile(sums, share);
  return all.map((series) => series.filter((_, round) => (sums[round] ?? Number.NaN) <= bound));
}

/** What one series has beyond another, round by round. */
export const beyond = (more: Series, less: Series): Series =>
  more.map((value, round) => value - (less[round] ?? Number.NaN));
