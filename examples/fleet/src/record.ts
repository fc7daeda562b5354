import type { NodeName, NodeView } from './fleet.js';

/** A stretch of blocks under one share. */
export type Stretch = {
  readonly title: string;
  /** Set in Unleash, in percent. */
  readonly share: number;
  readonly blocks: number;
  /** Calls of each node in it that v4 and v5 have answered; `fallbacks`: those of v4's that were meant for v5, which was too slow. */
  readonly answered: Readonly<
    Record<NodeName, { readonly v4: number; readonly v5: number; readonly fallbacks: number }>
  >;
};

/** What the demo saw. */
export type DemoRecord = {
  readonly stretches: Stretch[];
  /** Attempts at each version's engines by which a check has passed. */
  passedBy: Readonly<Record<'v4' | 'v5', number | null>> | null;
  /** How long until every process was latched, by what its control API said, in milliseconds; null where there was no rollback. */
  latchedAfterMs: number | null;
  /** What did not hold. */
  readonly failures: string[];
};

export const createRecord = (): DemoRecord => ({ stretches: [], passedBy: null, latchedAfterMs: null, failures: [] });

/** The calls that were answered between two looks at the fleet. */
export const answeredBetween = (before: readonly NodeView[], after: readonly NodeView[]): Stretch['answered'] =>
  Object.fromEntries(
    after.map(({ name, answered, fallbacks }, at) => {
      const { v4 = 0, v5 = 0 } = before[at]?.answered ?? {};
      const since = before[at]?.fallbacks ?? 0;
      return [name, { v4: answered.v4 - v4, v5: answered.v5 - v5, fallbacks: fallbacks - since }];
    }),
  ) as Stretch['answered'];

const percentOf = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

/** The share of the fleet's calls that v5 answered, and on which nodes. */
export function measured({ answered }: Stretch): { readonly share: string; readonly nodes: readonly string[] } {
  const counts = Object.entries(answered);
  const v5 = counts.reduce((sum, [, count]) => sum + count.v5, 0);
  const all = counts.reduce((sum, [, count]) => sum + count.v4 + count.v5, 0);
  return { share: percentOf(v5, all), nodes: counts.flatMap(([name, count]) => (count.v5 > 0 ? [name] : [])) };
}

/** A stretch as a line for a person. */
export function stretchLine(stretch: Stretch): string {
  const { share, nodes } = measured(stretch);
  const on = nodes.length === 0 ? 'no node' : nodes.join(', ');
  return `[${stretch.title}] set ${stretch.share} %, ${stretch.blocks} blocks: v5 answered ${share} of the fleet's calls, on ${on}`;
}

/** Notes what was not as it was set: with stickiness by node, a node whose bucket is within the share has v5 for every call, and the others have it for none. */
export function judgeStretch(record: DemoRecord, stretch: Stretch, onV5: ReadonlySet<string>): void {
  for (const [name, { v4, v5, fallbacks }] of Object.entries(stretch.answered)) {
    const [wanted, other] = onV5.has(name) ? ['v5', v4 - fallbacks] : ['v4', v5];
    if (v4 + v5 === 0) record.failures.push(`${stretch.title}: ${name} was asked nothing`);
    if (other > 0) record.failures.push(`${stretch.title}: ${name} is on ${wanted}, but ${other} calls were not`);
  }
}
