/** How one check ended. `inconclusive` and `no_data` hold the plan; they never move it up and never count as failing. */
export type HealthVerdict = 'pass' | 'fail' | 'inconclusive' | 'no_data';

/** What is looked at. */
export type CriterionName = 'v5_errors' | 'callers_errors' | 'latency' | 'divergence' | 'critical' | 'pending';

/** One figure of a check beside its limit, in percent; null is not known. */
export type Criterion = {
  readonly name: CriterionName;
  readonly verdict: HealthVerdict;
  /** An error rate of v5, the share of compared answers that differ, or by how much v5 is slower. */
  readonly valuePercent: number | null;
  readonly limitPercent: number;
  /** The same of v4, where there is one. */
  readonly controlPercent: number | null;
  /** From the least to the greatest value that the sample leaves possible, however often it has been looked at. */
  readonly lowerPercent: number | null;
  readonly upperPercent: number | null;
  readonly samples: { readonly v4: number | null; readonly v5: number | null };
};

/** A verdict with the figures that it stands on. */
export type HealthCheck = {
  readonly verdict: HealthVerdict;
  /** The engines contradicted each other about a block. */
  readonly isCritical: boolean;
  /** The first criterion with the check's own verdict; null where all pass. */
  readonly decidedBy: CriterionName | null;
  readonly criteria: readonly Criterion[];
  /** Why there is no figure at all; missing where there is one. */
  readonly why?: string;
};
