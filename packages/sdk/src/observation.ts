import type { PayloadStatus, ServedFork } from '@lighthouse-compat/conversions';
import type { AdapterVersion } from './adapters/lighthouseApi.js';
import type { Comparison } from './comparison/verdict.js';
import type { Fallback } from './dispatch/fallback.js';
import type { EngineName } from './engine/engineClient.js';
import type { Operation } from './operation.js';
import type { Decision } from './selection/select.js';

/** How one engine's part in a call ended. */
export type Outcome =
  /** A well-formed answer; `status` is null for get_payload. `builtHere`: new_payload for a block that this engine built itself, which it answers from its cache. */
  | { readonly kind: 'answered'; readonly status: PayloadStatus['status'] | null; readonly builtHere: boolean }
  /** No usable answer; the code of the CompatError or ConversionError, or INTERNAL for anything else. */
  | { readonly kind: 'failed'; readonly code: string }
  /** Never sent, though it should have been. */
  | { readonly kind: 'dropped'; readonly reason: 'LANE_FULL' | 'ABORTED' | 'BOUNDS_FULL' }
  /** Not sent again: the engine answered the very same forkchoice VALID last. */
  | { readonly kind: 'unneeded' }
  /** Never sent: the engine's adapter cannot express the fork. */
  | { readonly kind: 'unsupported' };

/** One engine's part in a call. */
export type ArmObservation = {
  readonly adapter: AdapterVersion;
  readonly engine: EngineName;
  /** From the send to the answer, in milliseconds; null when nothing was sent. */
  readonly durationMs: number | null;
  readonly outcome: Outcome;
};

/** What one call looked like: published once, frozen, when its last part has ended. */
export type Observation = {
  readonly operation: Operation;
  readonly fork: ServedFork;
  readonly decision: Decision;
  /** Why v4's answer was given in place of v5's; null where it was not. */
  readonly fallback: Fallback | null;
  /** The part whose answer the caller got. */
  readonly answering: ArmObservation;
  /** The same call at the other engine, or by the other adapter at a shared one; null where there was none. */
  readonly other: ArmObservation | null;
  /** What both said, held against each other; null where there was no other part. */
  readonly comparison: Comparison | null;
  /** Both engines were asked the very same, attributes included, so that their durations compare. */
  readonly bothWhole: boolean;
  /** Both parts went to one engine: it answered the second from its cache, and the durations do not compare. */
  readonly sharedEngine: boolean;
};
