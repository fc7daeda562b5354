import type { BlockSeen, Heads } from './world.js';

/** A stretch of blocks under one setting of the flags. */
export type Stretch = {
  readonly title: string;
  readonly blocks: BlockSeen[];
  /** From the Admin API's change to the decision that it changed, in milliseconds; null where nobody waited for it. */
  readonly changedAfterMs: number | null;
};

/** What the demo saw. */
export type DemoRecord = {
  readonly stretches: Stretch[];
  /** What did not hold. */
  readonly failures: string[];
  heads: Heads | null;
};

export const createRecord = (): DemoRecord => ({ stretches: [], failures: [], heads: null });

/** How many blocks of a list v5 imported. */
export const byV5 = (blocks: readonly BlockSeen[]): number =>
  blocks.filter(({ imported }) => imported?.answeredBy === 'v5').length;

/** Why calls about a list of blocks fell back on v4, once for each. */
const fallbacksIn = (blocks: readonly BlockSeen[]): readonly string[] =>
  blocks.flatMap(({ imported, madeHead }) => [imported?.fallback ?? [], madeHead?.fallback ?? []].flat());

/** A share as a person reads it. */
export const percentOf = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

/** Adds what the end of a demo has to show: blocks were made, and both clients have them. */
export function judgeEnd(record: DemoRecord): void {
  const { stretches, heads, failures } = record;
  const last = stretches.flatMap(({ blocks }) => blocks).at(-1);
  if (last === undefined) failures.push('no block was made');
  for (const version of ['v4', 'v5'] as const) {
    const head = heads?.[version];
    if (last !== undefined && head?.hash !== last.hash) {
      failures.push(
        `${version}'s client has head ${head?.hash ?? 'unknown'} in place of block ${last.number} ${last.hash}`,
      );
    }
  }
}

/** The figures of a run, as `--json` prints them. */
type Summary = Pick<DemoRecord, 'failures' | 'heads'> & {
  readonly ok: boolean;
  readonly stretches: readonly {
    readonly title: string;
    readonly blocks: number;
    readonly decidedForV5: number;
    readonly answeredByV5: number;
    readonly fallbacks: number;
    readonly changedAfterMs: number | null;
  }[];
};

/** Sums a record up. */
export function summarize({ stretches, failures, heads }: DemoRecord): Summary {
  return {
    ok: failures.length === 0,
    failures,
    heads,
    stretches: stretches.map(({ title, blocks, changedAfterMs }) => ({
      title,
      blocks: blocks.length,
      decidedForV5: blocks.filter(({ imported }) => imported?.decidedFor === 'v5').length,
      answeredByV5: byV5(blocks),
      fallbacks: fallbacksIn(blocks).length,
      changedAfterMs: changedAfterMs === null ? null : Math.round(changedAfterMs),
    })),
  };
}

/** The summary as lines for a person. */
export function summaryLines(record: DemoRecord): readonly string[] {
  const { stretches, failures, heads } = record;
  const headOf = (version: 'v4' | 'v5'): string =>
    heads === null ? 'unknown' : `block ${heads[version].number} ${heads[version].hash.slice(0, 18)}`;
  const fallbacks = fallbacksIn(stretches.flatMap(({ blocks }) => blocks));
  return [
    '',
    'share of blocks answered by v5',
    ...stretches.map(({ title, blocks, changedAfterMs }) => {
      const part = byV5(blocks);
      const delay = changedAfterMs === null ? '' : `   in force after ${(changedAfterMs / 1000).toFixed(1)} s`;
      const counts = `${String(part).padStart(4)} of ${String(blocks.length).padStart(4)} blocks`;
      return `  ${title.padEnd(44)}${counts} ${percentOf(part, blocks.length).padStart(8)}${delay}`;
    }),
    `heads: v4 ${headOf('v4')}, v5 ${headOf('v5')}`,
    ...(fallbacks.length === 0 ? [] : [`calls that fell back on v4: ${fallbacks.length} (${[...new Set(fallbacks)]})`]),
    ...failures.map((failure) => `failed: ${failure}`),
  ];
}
