import type { ControlEvents } from '../../../control/answers.js';
import { stateText } from './state.js';

/** What is said aloud of an event: changes of the state, refusals, alarms and drills, never figures. Null: nothing. */
export function saidOf<E extends keyof ControlEvents>(event: E, detail: ControlEvents[E]): string | null {
  switch (event) {
    case 'transition': {
      const { state, from } = detail as ControlEvents['transition'];
      const [now, before] = [stateText(state), stateText(from)];
      // Progress within a state is for the eye.
      if (state.kind === from.kind && state.kind === 'parallel_testing' && state.held?.kind === from.held?.kind)
        return null;
      const held = state.held === null ? '' : `, ${state.held.kind === 'hold' ? 'held' : 'paused'}: ${state.held.why}`;
      const wasHeld = from.held !== null && state.held === null;
      if (now === before && held === '' && !wasHeld) return null;
      return `Now: ${now}${held}`;
    }
    case 'alarm': {
      const { code, message } = detail as ControlEvents['alarm'];
      return `Alarm ${code}: ${message}`;
    }
    case 'refused': {
      const { code, message } = detail as ControlEvents['refused'];
      return `Refused, ${code}: ${message}`;
    }
    case 'drill': {
      const { ok, problems } = detail as ControlEvents['drill'];
      return ok
        ? 'The rollback was rehearsed, and is well'
        : `The rehearsal of the rollback failed: ${problems.join('; ')}`;
    }
    case 'check':
    case 'status':
    case 'opened':
      return null;
    default:
      return null;
  }
}
