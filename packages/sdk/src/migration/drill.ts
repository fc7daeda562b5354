import type { Clock } from '../clock.js';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import type { ActuatorReport, DrillResult } from './contracts.js';

/** Rehearses a rollback: v4 is verified for real, the actuator is read, and the latch is tried on a decision, or, `live`, set and lifted again. Never rejects, and leaves the latch as it was. */
export async function runDrill(options: {
  readonly compat: Pick<LighthouseCompat, 'clearLatch' | 'latch' | 'rehearseRollback' | 'verifyRollback'>;
  readonly inspect: () => Promise<ActuatorReport>;
  readonly clock: Clock;
  readonly by: string;
  readonly live: boolean;
  readonly v4InStep: boolean;
  readonly deadlineMs: number;
  /** Latches without its being a rollback. */
  readonly latch: (reason: string) => Promise<void>;
  /** Whether a rollback has come meanwhile, whose latch is not the drill's to lift. */
  readonly isRolledBack: () => boolean;
}): Promise<DrillResult> {
  const { compat, clock, by, live, v4InStep, deadlineMs } = options;
  const beganMs = clock.monotonicMs();
  const problems: string[] = [];
  const report = await options.inspect();
  if (report.unknown !== null) problems.push(report.unknown);
  if (report.drift !== null) problems.push(report.drift);

  const reason = `drill by ${by}`;
  let isLatched = false;
  if (live && !v4InStep) problems.push("v4's engine is not in step: nothing was latched");
  else if (live && (compat.latch !== null || options.isRolledBack())) problems.push('the latch is set already');
  else if (live) {
    options.latch(reason).catch(() => problems.push('the latch could not be kept in its file'));
    isLatched = true;
  }
  const decided = compat.rehearseRollback().adapter;
  if (decided !== 'v4') problems.push('under the latch v5 would answer: the chain is at Cancun');
  const verification = await compat.verifyRollback({ deadlineMs });
  if (!verification.verified) problems.push(`v4's engine could not be verified: ${verification.reason}`);
  if (isLatched && !options.isRolledBack() && compat.latch?.reason === reason)
    await compat
      .clearLatch({ by, reason: 'the drill is over' })
      .catch(() => problems.push('the latch could not be lifted again'));
  return Object.freeze({
    ok: problems.length === 0,
    live,
    by,
    durationMs: clock.monotonicMs() - beganMs,
    verification,
    decided,
    actuator: report,
    problems,
  });
}
