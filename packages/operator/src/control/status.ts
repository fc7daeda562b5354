import type { Clock, LighthouseCompat, MigrationController } from '@lighthouse-compat/sdk';
import { controlVersion, type Json, type StatusAnswer } from './answers.js';

/** What is watched. */
export type Watched = {
  readonly compat: LighthouseCompat;
  readonly controller: MigrationController | null;
  readonly flags: { readonly providerStatus: string } | null;
  readonly clock: Clock;
  readonly takesActions: boolean;
};

/** Reads where everything is, now. */
export function readStatus({ compat, controller, flags, clock, takesActions }: Watched): StatusAnswer {
  return {
    version: controlVersion,
    atMs: clock.nowMs(),
    migration: controller?.status ?? null,
    mode: compat.migrationMode,
    latch: compat.latch,
    standby: compat.standby(),
    // What bigints there are become texts when it is written.
    stats: compat.stats() as Json<ReturnType<LighthouseCompat['stats']>>,
    flagProvider: flags?.providerStatus ?? null,
    journal: { lastSeq: controller?.records.length ?? 0 },
    takesActions,
  };
}
