export type { AbTest, AbTestOptions, AbTestStatus } from './abTest/abTest.js';
export { AbTestController, type AbTestCounts } from './abTest/controller.js';
export type { AbTestArm, AbTestResults, AbTestVerdict } from './abTest/results.js';
export type { AbTestSample } from './abTest/sample.js';
export type { AdapterVersion } from './adapters/lighthouseApi.js';
export type { CallOptions } from './calls/callOptions.js';
export type { NewPayloadArguments } from './calls/newPayloadRequest.js';
export { type Clock, systemClock } from './clock.js';
export type { Comparison, Difference, Verdict } from './comparison/verdict.js';
export { createLighthouseCompat } from './compat.js';
export type { EngineOptions, LighthouseCompatOptions } from './config.js';
export type { EngineName } from './engine/engineClient.js';
export type { EngineInspection, InspectedBlock } from './engine/inspectEngine.js';
export {
  type AbTestErrorCode,
  type CallErrorCode,
  CompatError,
  type CompatErrorCode,
  type CompatErrorFacts,
  type ConfigErrorCode,
  type EngineErrorCode,
  type MigrationErrorCode,
} from './errors.js';
export type { CompatEvents } from './events.js';
export type { DrainResult, LighthouseCompat, Stats } from './lighthouseCompat.js';
export type { Logger } from './logger.js';
export { watchAbTests } from './metrics/abTestMetrics.js';
export { type HealthSeries, healthSampleOf, healthSeries, healthSeriesAt } from './metrics/healthSeries.js';
export { watchMigration } from './metrics/migrationMetrics.js';
export { compatActuator } from './migration/compatActuator.js';
export type {
  Actuator,
  ActuatorReport,
  DrillResult,
  HealthSource,
  Journal,
  JournalContent,
  JournalRecord,
} from './migration/contracts.js';
export { MigrationController } from './migration/controller.js';
export type { By, MigrationControllerOptions, MigrationStatus } from './migration/controllerOptions.js';
export type {
  Blocker,
  BlockerCode,
  MigrationEvent,
  MigrationEventType,
  MigrationFacts,
  ParallelCounts,
} from './migration/event.js';
export type { Criterion, CriterionName, HealthCheck, HealthVerdict } from './migration/health/healthCheck.js';
export type {
  AttemptRole,
  ComparisonCounts,
  HealthSample,
  SpeedStratum,
  Tally,
} from './migration/health/healthSample.js';
export { observationHealth } from './migration/health/observationHealth.js';
export { windowStartMs } from './migration/health/windowStart.js';
export type { CommandResult } from './migration/machine.js';
export { memoryJournal } from './migration/memoryJournal.js';
export type { ControllerAlarm, MigrationEvents } from './migration/migrationEvents.js';
export type { MigrationResult } from './migration/migrationResult.js';
export { type PlanProblem, type PlanProblemCode, parsePlan } from './migration/parsePlan.js';
export {
  defaultPlan,
  type HealthLimits,
  type MigrationPlan,
  type MigrationPlanOptions,
  planDurationMs,
} from './migration/plan.js';
export { type JsonSchema, planSchema } from './migration/planSchema.js';
export type { ReadinessCheck, ReadinessCheckName, ReadinessReport } from './migration/readiness.js';
export type { Held, MigrationRun, MigrationState, MigrationStateKind, Streak } from './migration/state.js';
export { type Adoption, type MigrationTarget, percentOf, type SettableTarget, targetOf } from './migration/target.js';
export type { Alarm, MigrationEffect, RefusalCode, Transition } from './migration/transitionResult.js';
export type { ArmObservation, Observation, Outcome } from './observation.js';
export type { Operation } from './operation.js';
export type { DecidableCall } from './operations/decide.js';
export type { ReplayCounts } from './replay/replays.js';
export type { DurationFigures } from './report/durations.js';
export { createObservationLog, type ObservationLog } from './report/observationLog.js';
export { readRecordedCall } from './report/readRecordedCall.js';
export type { Check, CheckResult, Recommendation } from './report/recommendation.js';
export type { RecordedCall } from './report/recordedCall.js';
export type { Report, ReportFigures, SideFigures } from './report/report.js';
export { createReportRecorder, type ReportRecorder } from './report/reportRecorder.js';
export { reportText } from './report/text.js';
export type { TimelineCount, TimelineFigures, TimelineSlot } from './report/timeline.js';
export type { RollbackVerification } from './rollback/verifyRollback.js';
export type { EngineState, Standby } from './selection/engineStates.js';
export type { UnusableFlag } from './selection/flags.js';
export type { Latch } from './selection/latch.js';
export type { CallMode, MigrationMode } from './selection/migrationMode.js';
export type { Readiness, ReadinessEvent } from './selection/readiness.js';
export type { Decision, DecisionReason } from './selection/select.js';
export type { Stickiness, StickyCall } from './selection/targetingKey.js';
export type { Interval } from './statistics/interval.js';
export type { CallCounts, DivergenceSample } from './stats.js';
export { delay, within } from './waiting.js';
