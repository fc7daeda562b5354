import type { ConversionErrorCode, PayloadStatus } from '@lighthouse-compat/conversions';
import { type AbTestStatus, isTestName, maxTests } from '../abTest/abTest.js';
import type { AbTestResults, AbTestVerdict } from '../abTest/results.js';
import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { Verdict } from '../comparison/verdict.js';
import { engineErrorCodes, fallbackCauses } from '../dispatch/fallback.js';
import type { EngineName } from '../engine/engineClient.js';
import { type EngineMethod, engineMethods } from '../engine/methods.js';
import type { CallErrorCode, EngineErrorCode } from '../errors.js';
import type { CompatEvents } from '../events.js';
import type { Stratum, Timed } from '../migration/health/countHealth.js';
import type { CriterionName, HealthVerdict } from '../migration/health/healthCheck.js';
import type { AttemptRole } from '../migration/health/healthSample.js';
import type { ControllerAlarm } from '../migration/migrationEvents.js';
import type { Held, MigrationStateKind } from '../migration/state.js';
import type { Outcome } from '../observation.js';
import type { Operation } from '../operation.js';
import type { ReplayOutcome } from '../replay/engineReplay.js';
import type { EngineState } from '../selection/engineStates.js';
import type { CallMode, MigrationMode } from '../selection/migrationMode.js';
import type { DecisionReason } from '../selection/select.js';
import { sdkVersion } from '../version.js';
import { type Label, label, type NameLabel, nameLabel } from './label.js';

/** What an engine said: the status of a payload, or that there was an answer without one. */
export type AnswerOutcome = Lowercase<PayloadStatus['status']> | 'ok' | 'error';

type DropReason = Lowercase<Extract<Outcome, { kind: 'dropped' }>['reason']>;

const answers: Readonly<Record<AnswerOutcome, true>> = {
  valid: true,
  invalid: true,
  syncing: true,
  accepted: true,
  invalid_block_hash: true,
  ok: true,
  error: true,
};

const drops: Readonly<Record<DropReason, true>> = { lane_full: true, aborted: true, bounds_full: true };

const callModes: Readonly<Record<CallMode, true>> = {
  v4_only: true,
  v5_only: true,
  parallel: true,
  v4_primary: true,
  v5_primary: true,
};

const tableOf = <V extends string>(values: readonly V[]): Readonly<Record<V, true>> =>
  Object.fromEntries(values.map((value) => [value, true])) as Record<V, true>;

export const operation: Label<Operation> = label('operation', {
  new_payload: true,
  forkchoice_updated: true,
  get_payload: true,
});
export const version: Label<AdapterVersion> = label('version', { v4: true, v5: true });
export const engine: Label<EngineName> = label('engine', { v4: true, v5: true, shared: true });
/** Whether the decision named this version to answer, or the call was sent to it so that it keeps up. */
export const role: Label<'answering' | 'fed'> = label('role', { answering: true, fed: true });
export const answerOutcome: Label<AnswerOutcome> = label('outcome', answers);
export const feedOutcome: Label<AnswerOutcome | DropReason | 'unneeded' | 'unsupported'> = label('outcome', {
  ...answers,
  ...drops,
  unneeded: true,
  unsupported: true,
});
export const attemptOutcome: Label<'answered' | 'failed'> = label('outcome', { answered: true, failed: true });
/** Whose answer the caller got, or the other engine's part in the same call, whatever the decision had named. */
export const healthRole: Label<AttemptRole> = label('role', { answering: true, other: true });
/** What compares with what: whole calls by their operation, and calls whose other part left the attributes out. */
export const stratum: Label<Stratum> = label('stratum', {
  new_payload: true,
  forkchoice_updated: true,
  get_payload: true,
  forkchoice_updated_alone: true,
  get_payload_alone: true,
});
export const timed: Label<Timed> = label('timed', { pairs: true, v4: true, v5: true });
export const dropReason: Label<DropReason> = label('reason', drops);
export const mode: Label<CallMode> = label('mode', callModes);
export const configuredMode: Label<MigrationMode['kind']> = label('mode', { ...callModes, canary: true });
export const decisionReason: Label<DecisionReason> = label('reason', {
  PIN: true,
  FORK: true,
  ROLLBACK_LATCH: true,
  OUT_OF_STEP: true,
  FLAG: true,
  FLAG_TIMEOUT: true,
  STANDBY_COLD: true,
  CONFIGURED: true,
});
export const verdict: Label<Verdict> = label('verdict', {
  match: true,
  pending: true,
  mismatch: true,
  critical: true,
  v4_error: true,
  v5_error: true,
  both_errors: true,
  unsupported: true,
  not_compared: true,
});
export const fallbackCause: Label<EngineErrorCode> = label('cause', tableOf(fallbackCauses));
export const errorCode: Label<EngineErrorCode | CallErrorCode | ConversionErrorCode | 'INTERNAL'> = label(
  'code',
  {
    ...tableOf(engineErrorCodes),
    UNSUPPORTED_FORK: true,
    FORK_MISMATCH: true,
    MISSING_PARENT_BEACON_BLOCK_ROOT: true,
    LANE_FULL: true,
    FORKCHOICE_SUPERSEDED: true,
    PAYLOAD_LOST: true,
    ABORTED: true,
    CLOSED: true,
    MISSING_FIELD: true,
    UNKNOWN_FIELD: true,
    INVALID_TYPE: true,
    INVALID_DATA: true,
    INVALID_LENGTH: true,
    INVALID_QUANTITY: true,
    INVALID_DECIMAL: true,
    OUT_OF_RANGE: true,
    INVALID_ENUM: true,
    INVALID_TRANSACTION: true,
    INVALID_FORK_SCHEDULE: true,
    BLOCK_HASH_MISMATCH: true,
    INCOMPATIBLE_FEATURE: true,
    INTERNAL: true,
  },
  'INTERNAL',
);
/** What is wrong with a flag: a provider may give codes of its own. */
export const flagProblem: Label<string> = label(
  'problem',
  tableOf([
    'TYPE_MISMATCH',
    'UNKNOWN_MODE',
    'PROVIDER_THREW',
    'PROVIDER_NOT_READY',
    'PROVIDER_FATAL',
    'PARSE_ERROR',
    'TARGETING_KEY_MISSING',
    'INVALID_CONTEXT',
    'GENERAL',
    'OTHER',
  ]),
  'OTHER',
);
export const method: Label<EngineMethod> = label('method', tableOf(Object.keys(engineMethods) as EngineMethod[]));
export const engineState: Label<EngineState['state']> = label('state', {
  unproven: true,
  in_step: true,
  out_of_step: true,
  lost: true,
  unfed: true,
});
export const replayOutcome: Label<ReplayOutcome> = label('outcome', { in_step: true, lost: true, failed: true });
export const event: Label<keyof CompatEvents> = label('event', {
  observation: true,
  divergence: true,
  modeChanged: true,
  standby: true,
  latched: true,
  latchCleared: true,
});
export const flagProviderStatus: Label<'not_ready' | 'ready' | 'stale' | 'error' | 'fatal'> = label('status', {
  not_ready: true,
  ready: true,
  stale: true,
  error: true,
  fatal: true,
});
export const abTest: NameLabel = nameLabel('test', {
  most: maxTests,
  isName: isTestName,
  meaning: `names that you give to A/B tests: at most ${maxTests} at a time, each of 1 to 64 letters, digits, \`.\`, \`_\`, \`~\` and \`-\``,
});
export const abTestStatus: Label<AbTestStatus> = label('status', {
  planned: true,
  running: true,
  over: true,
  stopped: true,
});
export const abTestVerdict: Label<AbTestVerdict> = label('verdict', {
  better: true,
  worse: true,
  no_difference_yet: true,
  not_enough_data: true,
});
export const splitVerdict: Label<AbTestResults['split']['verdict']> = label('verdict', {
  as_planned: true,
  mismatch: true,
  not_enough_data: true,
});
export const leftOutReason: Label<'unknown_name' | 'outside_time' | 'without_session' | 'unattributed'> = label(
  'reason',
  { unknown_name: true, outside_time: true, without_session: true, unattributed: true },
);
export const migrationState: Label<MigrationStateKind> = label('state', {
  pre_migration: true,
  parallel_testing: true,
  canary: true,
  gradual: true,
  completing: true,
  complete: true,
  finalized: true,
  rolling_back: true,
  rolled_back: true,
  rollback_failed: true,
});
export const heldKind: Label<Held['kind']> = label('kind', { hold: true, pause: true });
export const heldBy: Label<'controller' | 'person'> = label('by', { controller: true, person: true });
export const healthVerdict: Label<HealthVerdict> = label('verdict', {
  pass: true,
  fail: true,
  inconclusive: true,
  no_data: true,
});
export const criterion: Label<CriterionName> = label('criterion', {
  v5_errors: true,
  callers_errors: true,
  latency: true,
  divergence: true,
  critical: true,
  pending: true,
});
export const startedBy: Label<'controller' | 'person' | 'latch'> = label('by', {
  controller: true,
  person: true,
  latch: true,
});
export const rollbackOutcome: Label<'verified' | 'failed'> = label('outcome', { verified: true, failed: true });
export const drillOutcome: Label<'ok' | 'failed'> = label('outcome', { ok: true, failed: true });
export const migrationAlarm: Label<ControllerAlarm['code']> = label('code', {
  HELD: true,
  PAUSED: true,
  ROLLBACK_IMPOSSIBLE: true,
  ROLLBACK_FAILED: true,
  FAILING_WHEN_FINALIZED: true,
  LATCHED_WHEN_FINALIZED: true,
  LATCH_NOT_TOLD: true,
  NOT_APPLIED: true,
  JOURNAL_FAILED: true,
  JOURNAL_DAMAGED: true,
});
export const buildVersion: Label<string> = label('version', { [sdkVersion]: true });
