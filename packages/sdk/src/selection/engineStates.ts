import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { EngineName } from '../engine/engineClient.js';
import { nextReadiness, type Readiness, type ReadinessEvent } from './readiness.js';

/** One engine as a person sees it; `unfed`: the chain is past what its adapter can express. */
export type EngineState = {
  readonly engine: EngineName;
  readonly state: Readiness | 'unfed';
  /** What brought it there; null before anything has. */
  readonly because: ReadinessEvent | 'fork' | null;
};

/** The state of both engines; with one shared engine, what each adapter's own calls have told of it. */
export type Standby = Readonly<Record<AdapterVersion, EngineState>>;

/** What is known of the engines' states, and whether each is fed what the other answers. */
export type EngineStates = {
  record(version: AdapterVersion, event: ReadinessEvent): void;
  /** Whether an engine is out of step, or unproven, while the other is in step. Never with one shared engine or a cold standby. */
  mustNotAnswer(version: AdapterVersion): boolean;
  /** Whether an engine may be heard in place of the other that has failed: not while it is known to be behind. */
  mayTakeOver(version: AdapterVersion): boolean;
  isFed(version: AdapterVersion): boolean;
  /** The first call of Cancun has been sent: v4's engine gets none of them, and of Shanghai what still comes until a head of Cancun is VALID, so that a block that was no part of the chain does not cut it off. */
  endFeedOfV4(): void;
  snapshot(): Standby;
};

/** Starts with both engines unproven; `onChange` hears each change of a state. */
export function createEngineStates(options: {
  readonly engines: Readonly<Record<AdapterVersion, EngineName>>;
  readonly sharedEngine: boolean;
  readonly standby: 'warm' | 'cold';
  /** Whether the chain is past what v4's structures can express for good. */
  readonly isPastV4: () => boolean;
  readonly onChange: (state: EngineState) => void;
}): EngineStates {
  const { engines, sharedEngine, standby, isPastV4, onChange } = options;
  const start = (version: AdapterVersion): EngineState =>
    Object.freeze({ engine: engines[version], state: 'unproven', because: null });
  const states: Record<AdapterVersion, EngineState> = { v4: start('v4'), v5: start('v5') };
  const readinessCounts = !sharedEngine && standby === 'warm';
  let cancunBegan = !readinessCounts;

  function move(version: AdapterVersion, state: EngineState['state'], because: EngineState['because']): void {
    if (states[version].state === state) return;
    states[version] = Object.freeze({ engine: engines[version], state, because });
    onChange(states[version]);
  }

  return {
    record(version, event) {
      const { state } = states[version];
      if (state !== 'unfed') move(version, nextReadiness(state, event), event);
    },
    mustNotAnswer(version) {
      if (!readinessCounts) return false;
      return states[version].state !== 'in_step' && states[version === 'v4' ? 'v5' : 'v4'].state === 'in_step';
    },
    mayTakeOver: (version) => states[version].state === 'in_step' || states[version].state === 'unproven',
    isFed: (version) => readinessCounts && (version === 'v5' || !isPastV4()),
    endFeedOfV4() {
      if (cancunBegan) return;
      cancunBegan = true;
      move('v4', 'unfed', 'fork');
    },
    snapshot: () => Object.freeze({ v4: states.v4, v5: states.v5 }),
  };
}
