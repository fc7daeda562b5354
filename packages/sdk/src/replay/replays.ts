import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { Arms } from '../dispatch/arm.js';
import { inPlace } from '../engine/inPlace.js';
import type { EngineStates } from '../selection/engineStates.js';
import type { LastForkchoices } from '../selection/lastForkchoices.js';
import { type ReplayResult, replayTo } from './engineReplay.js';
import type { ReplayBuffer } from './replayBuffer.js';

/** What replay has done for one engine. */
export type ReplayCounts = {
  readonly attempts: number;
  /** Payloads that it was given, those included by which it was asked what it has. */
  readonly payloads: number;
};

/** Brings engines back that have fallen behind, one attempt an engine at a time. */
export type Replays = {
  /** Takes a place in the engine's lane, in which it is brought to the last forkchoice that was sent to it: what is called before keeps its turn before, and what is called after waits. Joins an attempt that waits or is under way; null where the engine is not fed, has been sent no forkchoice, has no room in its lane, or nothing is kept. */
  bringBack(version: AdapterVersion): Promise<ReplayResult> | null;
  counts(): Readonly<Record<AdapterVersion, ReplayCounts>>;
};

/** Makes it; `onEnd` hears of each attempt. */
export function createReplays(parts: {
  readonly arms: Arms;
  readonly clock: Clock;
  readonly buffer: ReplayBuffer;
  readonly states: EngineStates;
  readonly lastForkchoices: LastForkchoices;
  readonly onEnd: (version: AdapterVersion, result: ReplayResult) => void;
}): Replays {
  const { arms, clock, buffer, states, lastForkchoices, onEnd } = parts;
  const underWay: Partial<Record<AdapterVersion, Promise<ReplayResult>>> = {};
  const counts: Record<AdapterVersion, ReplayCounts> = {
    v4: { attempts: 0, payloads: 0 },
    v5: { attempts: 0, payloads: 0 },
  };

  /** In the lane's place: whatever was sent before has been answered. */
  async function replay(version: AdapterVersion): Promise<ReplayResult> {
    const target = lastForkchoices.sent(version);
    if (target === undefined) return { outcome: 'failed', payloads: 0 };
    const { headBlockHash, finalizedBlockHash } = target;
    const chain = buffer.chainTo(headBlockHash, finalizedBlockHash);
    const plan = { chain, target, newer: buffer.newerThan(headBlockHash) };
    const result = await replayTo(plan, arms[version], clock);
    const { attempts, payloads } = counts[version];
    counts[version] = { attempts: attempts + 1, payloads: payloads + result.payloads };
    lastForkchoices.set(version, target, result.outcome === 'in_step');
    if (result.outcome === 'in_step') states.record(version, 'replayed');
    if (result.outcome === 'lost') states.record(version, 'gap');
    return result;
  }

  return {
    bringBack(version) {
      const joined = underWay[version];
      if (joined !== undefined) return joined;
      if (!states.isFed(version) || !buffer.isKept || lastForkchoices.sent(version) === undefined) return null;
      // Without room for it the next forkchoice tries again.
      const attempt = inPlace(arms[version].lane, async () => {
        const result = await replay(version);
        delete underWay[version];
        onEnd(version, result);
        return result;
      });
      if (attempt !== null) underWay[version] = attempt;
      return attempt;
    },
    counts: () => ({ v4: counts.v4, v5: counts.v5 }),
  };
}
