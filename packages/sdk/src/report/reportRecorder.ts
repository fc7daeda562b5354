import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import { attemptOf, comparableMs } from '../attempt.js';
import type { Verdict } from '../comparison/verdict.js';
import type { ArmObservation } from '../observation.js';
import type { Operation } from '../operation.js';
import { createDurations, type Durations } from './durations.js';
import { recommend } from './recommendation.js';
import type { RecordedCall } from './recordedCall.js';
import type { Report, ReportFigures, SideFigures } from './report.js';
import { createTimeline, type TimelineCount } from './timeline.js';

type Side = { sent: number; failed: number; readonly errors: Map<string, number>; readonly durations: Durations };

const newSide = (): Side => ({ sent: 0, failed: 0, errors: new Map(), durations: createDurations() });

const newSides = (): Record<AdapterVersion, Side> => ({ v4: newSide(), v5: newSide() });

const told: Readonly<Record<Verdict, TimelineCount>> = {
  match: 'agree',
  pending: 'pending',
  mismatch: 'differ',
  critical: 'critical',
  v4_error: 'unjudged',
  v5_error: 'unjudged',
  both_errors: 'unjudged',
  unsupported: 'unjudged',
  not_compared: 'unjudged',
};

/** So many different codes are kept of each side; the SDK has fewer, a file may hold anything. */
const maxCodes = 64;

function count(counts: Map<string, number>, key: string): void {
  const at = counts.has(key) || counts.size < maxCodes ? key : 'OTHER';
  counts.set(at, (counts.get(at) ?? 0) + 1);
}

/** Keeps what a report needs, in constant memory however many calls come. */
export type ReportRecorder = {
  /** `atMs` is Unix time in milliseconds. */
  add(call: RecordedCall, atMs: number): void;
  report(): Report;
};

/** Makes an empty one. */
export function createReportRecorder(): ReportRecorder {
  const operations: Record<Operation, Record<AdapterVersion, Side>> = {
    new_payload: newSides(),
    forkchoice_updated: newSides(),
    get_payload: newSides(),
  };
  const answeredBy = { v4: { calls: 0, failed: 0 }, v5: { calls: 0, failed: 0 } };
  const fallbacks = new Map<string, number>();
  const verdicts: Record<Verdict, number> = {
    match: 0,
    pending: 0,
    mismatch: 0,
    critical: 0,
    v4_error: 0,
    v5_error: 0,
    both_errors: 0,
    unsupported: 0,
    not_compared: 0,
  };
  const timeline = createTimeline();
  let calls = 0;
  let fromMs: number | null = null;
  let toMs: number | null = null;

  function addArm(arm: ArmObservation, { operation, sharedEngine }: RecordedCall): void {
    const { adapter, outcome } = arm;
    const side = operations[operation][adapter];
    const attempt = attemptOf(arm);
    if (attempt !== null) side.sent += 1;
    if (attempt === 'failed') side.failed += 1;
    if (outcome.kind === 'failed') count(side.errors, outcome.code);
    const durationMs = comparableMs(arm, sharedEngine);
    if (durationMs !== null) side.durations.add(durationMs);
  }

  const sideFigures = ({ sent, failed, errors, durations }: Side): SideFigures => ({
    sent,
    failed,
    errors: Object.fromEntries(errors),
    durations: durations.figures(),
  });
  const bothFigures = ({ v4, v5 }: Record<AdapterVersion, Side>): Record<AdapterVersion, SideFigures> => ({
    v4: sideFigures(v4),
    v5: sideFigures(v5),
  });

  return {
    add(call, atMs) {
      const { answering, other, fallback, comparison } = call;
      const isFailed = answering.outcome.kind !== 'answered';
      calls += 1;
      fromMs = Math.min(fromMs ?? atMs, atMs);
      toMs = Math.max(toMs ?? atMs, atMs);
      answeredBy[answering.adapter].calls += 1;
      if (isFailed) answeredBy[answering.adapter].failed += 1;
      if (fallback !== null) count(fallbacks, fallback.cause);
      if (comparison !== null) verdicts[comparison.verdict] += 1;
      const counts: TimelineCount[] = [answering.adapter];
      if (isFailed) counts.push('failed');
      if (comparison !== null) counts.push(told[comparison.verdict]);
      timeline.add(atMs, counts);
      addArm(answering, call);
      if (other !== null) addArm(other, call);
    },
    report() {
      const figures: ReportFigures = {
        fromMs,
        toMs,
        calls,
        answeredBy: { v4: { ...answeredBy.v4 }, v5: { ...answeredBy.v5 } },
        fallbacks: Object.fromEntries(fallbacks),
        verdicts: { ...verdicts },
        operations: {
          new_payload: bothFigures(operations.new_payload),
          forkchoice_updated: bothFigures(operations.forkchoice_updated),
          get_payload: bothFigures(operations.get_payload),
        },
        timeline: timeline.figures(),
      };
      return { kind: 'lighthouse-compat-report', ...figures, recommendation: recommend(figures) };
    },
  };
}
