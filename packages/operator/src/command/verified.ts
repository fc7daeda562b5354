import type { StatusAnswer } from '../control/answers.js';
import type { ControlClient } from '../control/controlClient.js';
import { passed } from './passed.js';
import type { Terminal } from './terminal.js';

const lookEveryMs = 100;

/** Looks until a rollback has been verified, or that has failed: within the plan's deadline the controller says one or the other. Ctrl-C ends the looking alone. */
export async function verified(client: ControlClient, terminal: Terminal): Promise<StatusAnswer> {
  for (;;) {
    const status = await client.status();
    if (status.migration?.state.kind !== 'rolling_back') return status;
    if (!(await passed(terminal, lookEveryMs))) return status;
  }
}
