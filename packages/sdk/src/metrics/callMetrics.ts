import type { Registry } from 'prom-client';
import { attemptOf, comparableMs } from '../attempt.js';
import type { Observation, Outcome } from '../observation.js';
import { type CallKind, createByKind, type PartOfKind } from './callKind.js';
import * as table from './callTable.js';
import { type Cell, counterOn } from './counter.js';
import { createHealthMetrics } from './healthMetrics.js';
import { histogramOn, type Row } from './histogram.js';
import * as labels from './labels.js';

type FeedOutcome = (typeof labels.feedOutcome)['values'][number];
type ErrorCode = (typeof labels.errorCode)['values'][number];
type Status = NonNullable<Extract<Outcome, { kind: 'answered' }>['status']>;

const statusOutcome: Readonly<Record<Status, labels.AnswerOutcome>> = {
  VALID: 'valid',
  INVALID: 'invalid',
  SYNCING: 'syncing',
  ACCEPTED: 'accepted',
  INVALID_BLOCK_HASH: 'invalid_block_hash',
};
const dropOutcome = { LANE_FULL: 'lane_full', ABORTED: 'aborted', BOUNDS_FULL: 'bounds_full' } as const;

function outcomeOf(outcome: Outcome): FeedOutcome {
  switch (outcome.kind) {
    case 'answered':
      return outcome.status === null ? 'ok' : statusOutcome[outcome.status];
    case 'failed':
      return 'error';
    case 'dropped':
      return dropOutcome[outcome.reason];
    case 'unneeded':
    case 'unsupported':
      return outcome.kind;
  }
}

/** What each call of one kind is counted by. */
type CallCount = {
  readonly cells: readonly Cell[];
  /** Of the duration of the part that the caller was answered by. */
  readonly answering: readonly Row[];
  readonly other: readonly Row[];
};

function observeAll(rows: readonly Row[], durationMs: number | null | undefined): void {
  if (typeof durationMs === 'number') for (const row of rows) row.observe(durationMs);
}

/** Makes a listener that counts observations on a registry: labels are looked up once for each kind of call, and the rest are additions to numbers that are there already. */
export function createCallMetrics(registry: Registry): (observation: Observation) => void {
  const calls = counterOn(registry, table.calls);
  const callDuration = histogramOn(registry, table.callDuration);
  const decisions = counterOn(registry, table.decisions);
  const fallbacks = counterOn(registry, table.fallbacks);
  const feeds = counterOn(registry, table.feeds);
  const feedDuration = histogramOn(registry, table.feedDuration);
  const droppedSends = counterOn(registry, table.droppedSends);
  const attempts = counterOn(registry, table.attempts);
  const attemptDuration = histogramOn(registry, table.attemptDuration);
  const comparisons = counterOn(registry, table.comparisons);
  const divergences = counterOn(registry, table.divergences);
  const errors = counterOn(registry, table.errors);
  const unusableFlags = counterOn(registry, table.unusableFlags);
  const health = createHealthMetrics(registry);

  /** What either part of a call is counted by. */
  function ofArm(
    { operation: name, decision, sharedEngine }: CallKind,
    arm: PartOfKind,
  ): { cells: Cell[]; rows: Row[] } {
    const { outcome } = arm;
    const operation = labels.operation.placeOf(name);
    const version = labels.version.placeOf(arm.adapter);
    const engine = labels.engine.placeOf(arm.engine);
    const role = labels.role.placeOf(arm.adapter === decision.adapter ? 'answering' : 'fed');
    const cells: Cell[] = [];
    const attempt = attemptOf(arm);
    if (attempt !== null) cells.push(attempts.cell(operation, version, role, labels.attemptOutcome.placeOf(attempt)));
    if (outcome.kind === 'failed')
      cells.push(errors.cell(operation, engine, labels.errorCode.placeOf(outcome.code as ErrorCode)));
    if (outcome.kind === 'dropped')
      cells.push(droppedSends.cell(engine, labels.dropReason.placeOf(dropOutcome[outcome.reason])));
    const compares = comparableMs(arm, sharedEngine) !== null;
    return { cells, rows: compares ? [attemptDuration.row(operation, version, role)] : [] };
  }

  const countOf = createByKind((kind): CallCount => {
    const { decision, fallback, answering, other, comparison } = kind;
    const operation = labels.operation.placeOf(kind.operation);
    const version = labels.version.placeOf(answering.adapter);
    // What the caller got is an answer or an error: nothing else is ever given.
    const outcome = labels.answerOutcome.placeOf(outcomeOf(answering.outcome) as labels.AnswerOutcome);
    const ofAnswering = ofArm(kind, answering);
    const cells = [
      calls.cell(operation, version, outcome),
      decisions.cell(operation, labels.mode.placeOf(decision.mode), labels.decisionReason.placeOf(decision.reason)),
      ...ofAnswering.cells,
      ...health.attemptsOf(kind),
      ...decision.unusableFlags.map(({ problem }) => unusableFlags.cell(labels.flagProblem.placeOf(problem))),
    ];
    if (fallback !== null) cells.push(fallbacks.cell(operation, labels.fallbackCause.placeOf(fallback.cause)));
    if (comparison !== null) cells.push(comparisons.cell(operation, labels.verdict.placeOf(comparison.verdict)));
    if (comparison?.verdict === 'critical') cells.push(divergences.cell(operation));
    const answeringRows = [callDuration.row(operation, version), ...ofAnswering.rows];
    if (other === null) return { cells, answering: answeringRows, other: [] };
    const engine = labels.engine.placeOf(other.engine);
    const ofOther = ofArm(kind, other);
    return {
      cells: [
        ...cells,
        feeds.cell(operation, engine, labels.feedOutcome.placeOf(outcomeOf(other.outcome))),
        ...ofOther.cells,
      ],
      answering: answeringRows,
      other: [feedDuration.row(operation, engine), ...ofOther.rows],
    };
  });

  return (observation) => {
    const { cells, answering, other } = countOf(observation);
    for (const cell of cells) cell.inc();
    observeAll(answering, observation.answering.durationMs);
    observeAll(other, observation.other?.durationMs);
    health.countDurations(observation);
  };
}
