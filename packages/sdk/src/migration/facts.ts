import type { Standby } from '../selection/engineStates.js';
import type { ActuatorReport } from './contracts.js';
import type { Blocker, MigrationFacts } from './event.js';

/** What is the case around the migration, from what was found: pure. */
export function factsOf(found: {
  readonly standby: Standby;
  /** A head of Cancun has been seen. */
  readonly isPastFork: boolean;
  readonly actuator: ActuatorReport;
  /** What was to be done and could not be yet. */
  readonly undone: string | null;
}): MigrationFacts {
  const { standby, isPastFork, actuator, undone } = found;
  const { v4, v5 } = standby;
  // With one engine there is nobody to take over from: it has what it has.
  const isShared = v4.engine === 'shared';
  const blockers: Blocker[] = [];
  if (undone !== null) blockers.push({ code: 'NOT_APPLIED', why: undone });
  if (actuator.unknown !== null) blockers.push({ code: 'FLAGS_UNKNOWN', why: actuator.unknown });
  else if (actuator.drift !== null) blockers.push({ code: 'DRIFT', why: actuator.drift });
  if (!isShared && v5.state !== 'in_step') blockers.push({ code: 'V5_NOT_IN_STEP', why: `v5's engine is ${v5.state}` });
  return {
    v4InStep: isShared || v4.state === 'in_step',
    // From the first call of Cancun on v4's engine is fed no more.
    isPastFork: isPastFork || v4.state === 'unfed',
    blockers,
  };
}
