import type {
  ForkchoiceState,
  ForkchoiceStateV3,
  ForkchoiceUpdatedResult,
  PayloadAttributes,
  PayloadEnvelope,
  PayloadId,
  PayloadStatus,
} from '@lighthouse-compat/conversions';
import type { AdapterVersion } from './adapters/lighthouseApi.js';
import type { CallOptions } from './calls/callOptions.js';
import type { NewPayloadArguments } from './calls/newPayloadRequest.js';
import type { EngineInspection } from './engine/inspectEngine.js';
import type { CompatEvents } from './events.js';
import type { Operation } from './operation.js';
import type { DecidableCall } from './operations/decide.js';
import type { ReplayCounts } from './replay/replays.js';
import type { Report } from './report/report.js';
import type { RollbackVerification } from './rollback/verifyRollback.js';
import type { Standby } from './selection/engineStates.js';
import type { Latch } from './selection/latch.js';
import type { MigrationMode } from './selection/migrationMode.js';
import type { Decision } from './selection/select.js';
import type { CallCounts } from './stats.js';

/** What waits and what is remembered, beside what has happened. */
export type Stats = CallCounts & {
  /** Calls and bytes in each engine's lane, the one being served included. */
  readonly lanes: Readonly<Record<AdapterVersion, { readonly calls: number; readonly bytes: number }>>;
  readonly detachedSends: number;
  readonly payloadPins: number;
  /** What is kept to bring an engine back with. */
  readonly replayBuffer: { readonly payloads: number; readonly bytes: number };
  /** Attempts to bring each engine back, and the payloads given in them. */
  readonly replays: Readonly<Record<AdapterVersion, ReplayCounts>>;
  readonly cachedDecisions: number;
};

/** What `drain` left when its time was over. */
export type DrainResult = {
  readonly drained: boolean;
  readonly left: { readonly v4: number; readonly v5: number; readonly detached: number };
};

/** The Engine API of one node, each call answered through v4's or v5's structures as flags and mode say. */
export type LighthouseCompat = {
  /** Has a payload judged (engine_newPayload); throws a ConversionError for a malformed field and a CompatError for everything else. */
  newPayload(request: NewPayloadArguments, options?: CallOptions): Promise<PayloadStatus>;
  /** Sets the head, and with attributes starts a build (engine_forkchoiceUpdated); throws as newPayload does. */
  forkchoiceUpdated(
    forkchoiceState: ForkchoiceState | ForkchoiceStateV3,
    payloadAttributes?: PayloadAttributes | null,
    options?: CallOptions,
  ): Promise<ForkchoiceUpdatedResult>;
  /** Fetches what was built from the engine that issued the id (engine_getPayload); throws as newPayload does. */
  getPayload(payloadId: PayloadId, options?: CallOptions): Promise<PayloadEnvelope>;
  /** Says how a call would be decided now, without making it; throws as the call would for what is malformed. */
  decide<O extends Operation>(operation: O, call: DecidableCall[O], options?: CallOptions): Promise<Decision>;
  /** Takes effect with the next decision, queued calls included; throws INVALID_MODE or INVALID_PERCENT. */
  setMigrationMode(mode: MigrationMode): void;
  readonly migrationMode: MigrationMode;
  /** Sets the rollback latch: before it returns, nothing that v4 can serve is sent to v5 for its answer any more. The promise is of the latch file, and rejects with LATCH_FILE_FAILED without undoing the latch. */
  rollback(reason: string): Promise<void>;
  /** Says whether v4's engine can carry on: lets what is on its way end, asks it for the last known head and brings it back until it answers VALID; at the latest after `deadlineMs` (default 300 000). Never rejects, and never touches the latch. */
  verifyRollback(options?: { readonly deadlineMs?: number }): Promise<RollbackVerification>;
  /** The rollback latch, or null. */
  readonly latch: Latch | null;
  /** Clears the latch; rejects with INVALID_OPTION without a name and a reason, and with LATCH_FILE_FAILED if the file stays. */
  clearLatch(cleared: { readonly by: string; readonly reason: string }): Promise<void>;
  /** Whether each engine is in step. */
  standby(): Standby;
  /** Asks both engines, beside the calls, what they offer and where they are; never rejects. */
  inspectEngines(): Promise<Readonly<Record<AdapterVersion, EngineInspection>>>;
  /** Says how a forkchoiceUpdated for the newest head would be decided if the latch were set now; sets nothing. */
  rehearseRollback(): Decision;
  stats(): Stats;
  /** v4 against v5 since the start, with a recommendation; throws INVALID_OPTION unless the option `report` is true. */
  report(): Report;
  /** Adds a listener; the function returned removes it, from the event that is being told as well. A listener that throws is counted and harms nobody. */
  on<E extends keyof CompatEvents>(event: E, listener: (detail: CompatEvents[E]) => void): () => void;
  /** Resolves when every call so far has ended at both engines, or after `deadlineMs` (default 10 000) with what was left. */
  drain(options?: { readonly deadlineMs?: number }): Promise<DrainResult>;
  /** Refuses new calls, ends what is on its way and closes every connection; again does nothing. */
  close(): Promise<void>;
};
