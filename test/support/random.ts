/** Numbers from 0 up to but not 1, the same for the same seed (mulberry32). */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to `max`, both included. */
export function upTo(random: Random, max: number): number {
  return Math.floor(random() * (max + 1));
}

export function oneFrom<T>(random: Random, items: readonly T[]): T {
  return items[upTo(random, items.length - 1)] as T;
}

/** DATA of random bytes. */
export function hexOf(random: Random, bytes: number): `0x${string}` {
  let hex = '';
  for (let i = 0; i < bytes; i++) hex += upTo(random, 255).toString(16).padStart(2, '0');
  return `0x${hex}`;
}
