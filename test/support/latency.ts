import type { Random } from './random.js';

/** One value of the standard normal distribution (G. E. P. Box and M. E. Muller, 1958). */
function normalFrom(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The 99th percentile of the standard normal distribution. */
const z99 = 2.326_347_874;

/** A latency in milliseconds as execution clients show them: log-normal with these quantiles, but for one call in a hundred, which waits for something else and takes longer by a factor of a Pareto tail. */
export function latencyFrom(random: Random, { p50Ms, p99Ms }: { p50Ms: number; p99Ms: number }): number {
  const body = p50Ms * Math.exp((Math.log(p99Ms / p50Ms) / z99) * normalFrom(random));
  return random() < 0.01 ? body * (1 - random()) ** -0.8 : body;
}
