/** When, in blocks of a phase, the client that does not answer is killed, and started again. */
export type OutagePlan = {
  readonly afterBlocks: number;
  /** At least so many blocks are made without it. */
  readonly awayBlocks: number;
  /** So many blocks are left for its way back when it has been started again. */
  readonly backBlocks: number;
};

/** A stretch of blocks under one setting of the flag. */
export type Phase = {
  readonly title: string;
  /** The rollout of lighthouse_v5_primary. */
  readonly percent: number;
  readonly blocks: number;
  readonly fork: 'shanghai' | 'cancun';
  readonly outage?: OutagePlan;
};

const phase = (percent: number, blocks: number, outage?: OutagePlan): Phase => ({
  title: `${percent} %`,
  percent,
  blocks,
  fork: 'shanghai',
  ...(outage === undefined ? {} : { outage }),
});

const afterFork = (blocks: number): Phase => ({ title: 'after the fork, at 0 %', percent: 0, blocks, fork: 'cancun' });

/** The whole demo: up, with a client killed and started again on the way, back down, and across the fork with every flag bound for v4. */
export const fullPlan: readonly Phase[] = [
  phase(0, 10),
  phase(10, 60),
  phase(50, 40, { afterBlocks: 8, awayBlocks: 5, backBlocks: 8 }),
  phase(100, 10),
  phase(0, 10),
  afterFork(10),
];

/** The same with fewer blocks. */
export const quickPlan: readonly Phase[] = [
  phase(0, 2),
  phase(10, 12),
  phase(50, 8, { afterBlocks: 1, awayBlocks: 1, backBlocks: 2 }),
  phase(100, 2),
  phase(0, 2),
  afterFork(2),
];
