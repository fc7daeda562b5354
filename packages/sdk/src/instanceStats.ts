import type { Arms } from './dispatch/arm.js';
import type { DetachedSends } from './dispatch/detachedSends.js';
import type { Stats } from './lighthouseCompat.js';
import type { ReplayBuffer } from './replay/replayBuffer.js';
import type { Replays } from './replay/replays.js';
import type { FlagSource } from './selection/flagSource.js';
import type { PayloadPins } from './selection/payloadPins.js';
import type { CallCounter } from './stats.js';

/** Makes a reader of what has happened, what waits and what is remembered. */
export function createStats(parts: {
  readonly counter: CallCounter;
  readonly arms: Arms;
  readonly detached: DetachedSends;
  readonly pins: PayloadPins;
  readonly buffer: ReplayBuffer;
  readonly replays: Replays;
  readonly flags: FlagSource | undefined;
}): () => Stats {
  const { counter, arms, detached, pins, buffer, replays, flags } = parts;
  return () => ({
    ...counter.counts(),
    lanes: {
      v4: { calls: arms.v4.lane.calls(), bytes: arms.v4.lane.bytes() },
      v5: { calls: arms.v5.lane.calls(), bytes: arms.v5.lane.bytes() },
    },
    detachedSends: detached.underWay(),
    payloadPins: pins.size(),
    replayBuffer: { payloads: buffer.payloads(), bytes: buffer.bytes() },
    replays: replays.counts(),
    cachedDecisions: flags?.cached() ?? 0,
  });
}
