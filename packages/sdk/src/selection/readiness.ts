/** Whether an engine is known to have what the other has: `unproven` until its first word on a head; `lost`, out of step by more than is kept for it. */
export type Readiness = 'unproven' | 'in_step' | 'out_of_step' | 'lost';

/** What tells of an engine's state. */
export type ReadinessEvent =
  /** A payload got no usable answer, or SYNCING: the engine cannot have executed it. */
  | 'payload_failed'
  /** A forkchoice head was answered VALID: the engine has it and every block below it. */
  | 'head_valid'
  /** A forkchoice update got no usable answer, or another status. */
  | 'head_not_valid'
  /** A call found no room in the engine's lane and never reached it. */
  | 'overflow'
  /** Everything that it had missed was given to it again, and its head is VALID. */
  | 'replayed'
  /** It has none of the blocks that are kept for it. */
  | 'gap';

/** The next state. In step means that the last head was answered VALID and that no payload since has failed, so each event decides alone; what is lost stays so until it is proven in step. */
export function nextReadiness(state: Readiness, event: ReadinessEvent): Readiness {
  switch (event) {
    case 'head_valid':
    case 'replayed':
      return 'in_step';
    case 'gap':
      return 'lost';
    case 'payload_failed':
    case 'head_not_valid':
    case 'overflow':
      return state === 'lost' ? 'lost' : 'out_of_step';
  }
}
