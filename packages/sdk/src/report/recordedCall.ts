import type { Observation } from '../observation.js';

/** What a report is made of: this much of an observation. */
export type RecordedCall = Pick<
  Observation,
  'operation' | 'fork' | 'fallback' | 'answering' | 'other' | 'comparison' | 'sharedEngine'
> & { readonly decision: Pick<Observation['decision'], 'adapter' | 'mode' | 'reason'> };
