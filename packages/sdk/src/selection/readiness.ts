/** Whether an engine is known to have what the other has: `unproven` until its first word on a head. */
export type Readiness = 'unproven' | 'in_step' | 'out_of_step';

/** What tells of an engine's state. */
export type ReadinessEvent =
  /** A payload got no usable answer, or SYNCING: the engine cannot have executed it. */
  | 'payload_failed'
  /** A forkchoice head was answered VALID: the engine has it and every block below it. */
  | 'head_valid'
  /** A forkchoice update got no usable answer, or another status. */
  | 'head_not_valid'
  /** A call found no room in the engine's lane and never reached it. */
  | 'overflow';

/** The next state. In step means that the last head was answered VALID and that no payload since has failed, so each event decides alone. */
export function nextReadiness(event: ReadinessEvent): Readiness {
  switch (event) {
    case 'head_valid':
      return 'in_step';
    case 'payload_failed':
    case 'head_not_valid':
    case 'overflow':
      return 'out_of_step';
  }
}
