import type { Facts } from '../facts.js';

/** The engines' states are what their answers say. */
export function checkReadiness({ history, moments, closedSeq, breaks }: Facts): void {
  if (history.setup.topology !== 'split_warm') return;
  for (const event of history.events) {
    if (event.kind !== 'quiet' || event.seq > closedSeq) continue;
    for (const adapter of ['v4', 'v5'] as const) {
      const expected = moments[event.seq]?.seen.readiness[adapter];
      const { state } = event.standby[adapter];
      if (state !== expected) breaks('answering', `at ${event.seq} ${adapter} is ${state}, by its answers ${expected}`);
    }
  }
}
