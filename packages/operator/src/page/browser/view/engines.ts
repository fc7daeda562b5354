import type { EngineState } from '@lighthouse-compat/sdk';
import type { StatusAnswer } from '../../../control/answers.js';
import { bytes, number, words } from './format.js';
import type { Fact, Table, Tone } from './parts.js';

const tones: Readonly<Record<EngineState['state'], Tone>> = {
  in_step: 'good',
  unproven: 'attention',
  out_of_step: 'bad',
  lost: 'bad',
  unfed: 'plain',
};

/** Each engine: whether it is in step, what waits in its lane, and what bringing it back took. */
export const enginesTable = ({ standby, stats }: StatusAnswer): Table => ({
  caption: 'Standby and queues',
  columns: ['adapter', 'engine', 'standby', 'because', 'waiting', 'bytes waiting', 'brought back', 'payloads for it'],
  rows: (['v4', 'v5'] as const).map((version) => {
    const { engine, state, because } = standby[version];
    return [
      { text: version, version },
      { text: engine },
      { text: words(state), tone: tones[state] },
      { text: because === null ? '-' : words(because) },
      { text: number(stats.lanes[version].calls) },
      { text: bytes(stats.lanes[version].bytes) },
      { text: number(stats.replays[version].attempts) },
      { text: number(stats.replays[version].payloads) },
    ];
  }),
});

/** What waits and what is remembered beside the lanes. */
export const queueFacts = ({ stats }: StatusAnswer): readonly Fact[] => [
  { name: 'Sends that nobody waits for', value: number(stats.detachedSends) },
  {
    name: 'Replay buffer',
    value: `${number(stats.replayBuffer.payloads)} payloads`,
    note: bytes(stats.replayBuffer.bytes),
  },
  { name: 'Payload ids pinned', value: number(stats.payloadPins) },
  { name: 'Decisions kept', value: number(stats.cachedDecisions) },
];
