/** How much the values of two arms hang together in clusters, as sessions make requests that are alike. */
export type Clustering = {
  /** By how much more the arm's mean varies than that of as many independent values would; at least 1. */
  readonly control: number;
  readonly candidate: number;
  /** Clusters, less one, that the smaller of both estimates stands on; infinite where nothing is estimated. */
  readonly degrees: number;
};

/** Values of which each stands for itself. */
export const independent: Clustering = { control: 1, candidate: 1, degrees: Number.POSITIVE_INFINITY };

/** Fewer clusters of an arm tell nothing of how they vary. */
export const minimumClusters = 10;

/** Gives the square of Student's t, with these degrees, that is as unlikely as this square of a normal deviate, by their likelihoods: what is estimated from few clusters has to be farther out. */
export const studentSquare = (normalSquare: number, degrees: number): number =>
  degrees === Number.POSITIVE_INFINITY
    ? normalSquare
    : Math.max(normalSquare, degrees * Math.expm1(normalSquare / (degrees + 1)));

/** The sums of one arm, each value under the cluster that it belongs to, in constant memory. */
export type ClusterSums = {
  add(cluster: number, value: number): void;
  /** Adds the natural logarithm of a value, above 0. */
  addLogOf(cluster: number, value: number): void;
  /** Clusters with any value. */
  clusters(): number;
  /** The variance of the mean as the clusters tell it, over `ofIndependent`, that of as many independent values; at least 1. */
  designEffect(ofIndependent: number): number;
};

/** How many clusters are told apart. */
export const clusterCount = 256;

/**
 * Starts with no values. Sessions fall into clusters by chance, so that clusters are independent where sessions are, and
 * the variance of the mean can be told from how their sums deviate, however alike the requests of a session are (the
 * linearized variance of a ratio: W. G. Cochran, "Sampling Techniques", 1977, chapter 6).
 */
export function createClusterSums(): ClusterSums {
  const counts = new Float64Array(clusterCount);
  const sums = new Float64Array(clusterCount);
  function add(cluster: number, value: number): void {
    counts[cluster] = (counts[cluster] as number) + 1;
    sums[cluster] = (sums[cluster] as number) + value;
  }
  const clusters = (): number => counts.reduce((found, count) => found + (count > 0 ? 1 : 0), 0);
  return {
    add,
    addLogOf: (cluster, value) => add(cluster, Math.log(value)),
    clusters,
    designEffect(ofIndependent) {
      const total = counts.reduce((sum, count) => sum + count, 0);
      const mean = sums.reduce((sum, value) => sum + value, 0) / total;
      const squares = sums.reduce((sum, value, i) => sum + (value - (counts[i] as number) * mean) ** 2, 0);
      const found = clusters();
      const variance = (squares / total ** 2) * (found / (found - 1));
      return variance > ofIndependent && ofIndependent > 0 ? variance / ofIndependent : 1;
    },
  };
}
