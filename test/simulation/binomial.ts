/** The probability of at most `count` of `trials` at a probability of `rate` each. */
export function binomialAtMost(count: number, { trials, rate }: { trials: number; rate: number }): number {
  if (count < 0) return 0;
  if (count >= trials) return 1;
  let logTerm = trials * Math.log1p(-rate);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= count; k += 1) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** The rate at which so few would be seen with a probability of `error` only: the upper bound of C. J. Clopper and E. S. Pearson, 1934. */
export function upperBound(count: number, { trials, error }: { trials: number; error: number }): number {
  let [low, high] = [count / trials, 1];
  for (let halvings = 0; halvings < 60; halvings += 1) {
    const rate = (low + high) / 2;
    if (binomialAtMost(count, { trials, rate }) > error) low = rate;
    else high = rate;
  }
  return high;
}
