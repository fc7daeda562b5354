import type { Clock } from '../clock.js';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import type { RollbackVerification } from '../rollback/verifyRollback.js';
import { delay } from '../waiting.js';

/** So often it is looked whether a head is known by now: after a restart the first call tells of one. */
const askAgainMs = 1_000;

/** Waits until v4's engine has been seen to carry on, or the deadline has passed: what is on its way ends, v4 is asked for the last known head and brought back where it is behind. Never rejects. */
export async function verifyWithin(
  compat: Pick<LighthouseCompat, 'verifyRollback'>,
  {
    clock,
    deadlineMs,
    isEnded,
  }: { readonly clock: Clock; readonly deadlineMs: number; readonly isEnded: () => boolean },
): Promise<RollbackVerification> {
  const beganMs = clock.monotonicMs();
  for (;;) {
    const leftMs = deadlineMs - (clock.monotonicMs() - beganMs);
    const verification = await compat.verifyRollback({ deadlineMs: Math.max(1, leftMs) });
    const durationMs = clock.monotonicMs() - beganMs;
    if (verification.reason !== 'NO_HEAD' || isEnded() || durationMs + askAgainMs >= deadlineMs)
      return Object.freeze({ ...verification, durationMs: Math.max(verification.durationMs, durationMs) });
    await delay(clock, askAgainMs);
  }
}
