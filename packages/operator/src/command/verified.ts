import type { StatusAnswer } from '../control/answers.js';
import type { ControlClient } from '../control/controlClient.js';
import { mayPass } from './context.js';
import type { Terminal } from './terminal.js';
import { passed, unlessInterrupted } from './waiting.js';

const lookEveryMs = 100;
/** Longer than any plan lets a verification take. */
const lookForMs = 310_000;

/** What came of looking on while a rollback is verified. */
export type Seen =
  | { readonly kind: 'ended'; readonly status: StatusAnswer }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'lost'; readonly error: Error };

/** Looks until a rollback has been verified, or that has failed: within the plan's deadline the controller says one or the other. A service that does not answer meanwhile is asked again. */
export async function verified(client: ControlClient, terminal: Terminal): Promise<Seen> {
  const { clock } = terminal;
  const untilMs = clock.monotonicMs() + lookForMs;
  for (;;) {
    try {
      const status = await unlessInterrupted(terminal, client.status());
      if (status === null) return { kind: 'interrupted' };
      if (status.migration?.state.kind !== 'rolling_back') return { kind: 'ended', status };
    } catch (error) {
      if (!mayPass(error) || clock.monotonicMs() > untilMs)
        return { kind: 'lost', error: error instanceof Error ? error : new Error(String(error)) };
    }
    if (!(await passed(terminal, lookEveryMs))) return { kind: 'interrupted' };
  }
}
