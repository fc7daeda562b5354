/** A stretch of blocks under one setting of the flag. */
export type Phase = {
  readonly title: string;
  /** The rollout of lighthouse_v5_primary. */
  readonly percent: number;
  readonly blocks: number;
  readonly fork: 'shanghai' | 'cancun';
};

const phase = (percent: number, blocks: number): Phase => ({
  title: `${percent} %`,
  percent,
  blocks,
  fork: 'shanghai',
});

const afterFork = (blocks: number): Phase => ({ title: 'after the fork, at 0 %', percent: 0, blocks, fork: 'cancun' });

/** The whole demo: up, back down, and across the fork with every flag bound for v4. */
export const fullPlan: readonly Phase[] = [
  phase(0, 10),
  phase(10, 60),
  phase(50, 40),
  phase(100, 10),
  phase(0, 10),
  afterFork(10),
];

/** The same with fewer blocks. */
export const quickPlan: readonly Phase[] = [
  phase(0, 2),
  phase(10, 12),
  phase(50, 8),
  phase(100, 2),
  phase(0, 2),
  afterFork(2),
];
