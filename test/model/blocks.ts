import type {
  ExecutionPayload,
  ForkchoiceState,
  ForkchoiceStateV3,
  Hash32,
  PayloadAttributes,
  ServedFork,
} from '@lighthouse-compat/conversions';
import {
  capellaAttributes,
  capellaPayload,
  denebAttributes,
  denebPayload,
  hash,
  parisAttributes,
  parisPayload,
} from '../support/samples.js';

/** The blocks of a run by number: 1 and 2 are of Paris, 3 to 7 of Shanghai, 8 and 9 of Cancun, 100 and beyond, which come in bursts, of Shanghai again; 20 is a head of which no payload was ever seen. */
export const blocks = {
  first: 1,
  last: 9,
  firstOfShanghai: 3,
  firstOfCancun: 8,
  unseen: 20,
  firstOfBurst: 100,
} as const;

export function forkOfBlock(block: number): ServedFork {
  if (block < blocks.firstOfShanghai) return 'paris';
  return block < blocks.firstOfCancun || block >= blocks.firstOfBurst ? 'shanghai' : 'cancun';
}

const payloads: Readonly<Record<ServedFork, (block: number) => ExecutionPayload>> = {
  paris: parisPayload,
  shanghai: capellaPayload,
  cancun: denebPayload,
};

/** The payload of a block, with the number of the call as its gasUsed, by which it is known again on the wire. */
export const payloadFor = (block: number, call: number): ExecutionPayload => ({
  ...payloads[forkOfBlock(block)](block),
  gasUsed: BigInt(call),
});

export const parentBeaconBlockRoot = hash(77);

const safeBlock = 'ab'.repeat(32);

/** The one safe block of all forkchoices, the number of the call written in the case of its letters: so a forkchoice is known again on the wire, and equals every other of its head. */
function safeBlockOf(call: number): Hash32 {
  const letters = [...safeBlock].map((letter, bit) => (bit < 31 && (call >> bit) & 1 ? letter.toUpperCase() : letter));
  return `0x${letters.join('')}` as const;
}

/** A forkchoice that tells the number of the call; `justified` differs from the finalized block, which v4 cannot express. */
export function forkchoiceFor(
  head: number,
  call: number,
  justified: boolean,
): ForkchoiceState | (ForkchoiceStateV3 & { readonly justifiedBlockHash: Hash32 }) {
  const state = { headBlockHash: hash(head), safeBlockHash: safeBlockOf(call), finalizedBlockHash: hash(0) };
  return justified ? { ...state, justifiedBlockHash: hash(5_000) } : state;
}

/** The number of the call that a safeBlockHash tells. */
export const callOfSafeBlock = (safeBlockHash: string): number =>
  [...safeBlockHash.slice(2)].reduce(
    (call, letter, bit) => (letter === letter.toLowerCase() ? call : call | (1 << bit)),
    0,
  );

export const attributesOf: Readonly<Record<ServedFork, PayloadAttributes>> = {
  paris: parisAttributes,
  shanghai: capellaAttributes,
  cancun: denebAttributes,
};

/** The fork of the block built on a head, or, at the end of a fork, of the first block of the next. */
export function attributesForkOn(head: number, crossing: boolean): ServedFork {
  return forkOfBlock(crossing ? head + 1 : head);
}

export const hashOf: (block: number) => Hash32 = hash;
