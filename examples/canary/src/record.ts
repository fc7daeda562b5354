import type { AdapterVersion, DecisionReason, Observation, Operation, Verdict } from '@lighthouse-compat/sdk';
import type { Phase } from './plan.js';

/** One block as the demo saw it made. */
export type BlockSeen = {
  readonly number: number;
  readonly hash: string;
  readonly phase: number;
  /** Which version answered each call about this block, in order. */
  readonly answers: {
    readonly operation: Operation;
    readonly adapter: AdapterVersion;
    readonly reason: DecisionReason;
  }[];
};

/** What two clients say their head is. */
export type Heads = Readonly<Record<AdapterVersion, { readonly number: number; readonly hash: string }>>;

/** What was seen of the client that was killed on purpose. */
export type OutageSeen = {
  /** Whose client it was; null before it was killed. */
  killed: AdapterVersion | null;
  restarted: boolean;
  /** In step again. */
  back: boolean;
  /** Blocks made between its end and its being in step again. */
  blocksAway: number;
  payloadsReplayed: number;
  /** Sends to it that failed, for which nobody waited. */
  feedErrors: number;
};

/** Everything that the verdict and the summary stand on, filled in while the demo runs. */
export type DemoRecord = {
  readonly plan: readonly Phase[];
  readonly blocks: BlockSeen[];
  /** Durations in milliseconds of new_payload answers that callers got; a block that the engine built itself is answered from its cache and kept apart. */
  readonly newPayloadMs: Readonly<Record<AdapterVersion, { imported: number[]; builtHere: number[] }>>;
  readonly calls: Record<AdapterVersion, number>;
  errors: number;
  feedErrors: number;
  /** What comparing both clients' answers told, by verdict. */
  readonly verdicts: Partial<Record<Verdict, number>>;
  readonly outage: OutageSeen;
  /** How often the SDK said that v4's engine is no longer fed. */
  feedEnded: number;
  /** At the end of each phase, when everything sent had been answered. */
  readonly phaseEnds: { readonly heads: Heads; readonly driverHead: string }[];
};

export function createRecord(plan: readonly Phase[]): DemoRecord {
  return {
    plan,
    blocks: [],
    newPayloadMs: { v4: { imported: [], builtHere: [] }, v5: { imported: [], builtHere: [] } },
    calls: { v4: 0, v5: 0 },
    errors: 0,
    feedErrors: 0,
    verdicts: {},
    outage: { killed: null, restarted: false, back: false, blocksAway: 0, payloadsReplayed: 0, feedErrors: 0 },
    feedEnded: 0,
    phaseEnds: [],
  };
}

/** Takes in one observation; `answersOf` are the answers kept for the block that the call is about. */
export function observe(
  record: DemoRecord,
  observation: Observation,
  answersOf: (blockHash: string) => BlockSeen['answers'],
): void {
  const { operation, decision, answering, other } = observation;
  record.calls[answering.adapter] += 1;
  if (answering.outcome.kind !== 'answered') record.errors += 1;
  const isFeedError = other !== null && (other.outcome.kind === 'failed' || other.outcome.kind === 'dropped');
  // A client that was killed, or is on its way back, has nothing to be compared with.
  const isAway = record.outage.killed === other?.engine && !record.outage.back;
  if (isAway) {
    if (isFeedError) record.outage.feedErrors += 1;
  } else {
    if (isFeedError) record.feedErrors += 1;
    const verdict = observation.comparison?.verdict;
    if (verdict !== undefined) record.verdicts[verdict] = (record.verdicts[verdict] ?? 0) + 1;
  }
  if (operation === 'get_payload' || decision.targetingKey === null) return;
  answersOf(decision.targetingKey).push({ operation, adapter: answering.adapter, reason: decision.reason });
  if (operation !== 'new_payload' || answering.outcome.kind !== 'answered' || answering.durationMs === null) return;
  const durations = record.newPayloadMs[answering.adapter];
  (answering.outcome.builtHere ? durations.builtHere : durations.imported).push(answering.durationMs);
}

/** The version that answered a block's import, or undefined before it was imported. */
export function answeringVersion(block: BlockSeen): AdapterVersion | undefined {
  return block.answers.find(({ operation }) => operation === 'new_payload')?.adapter;
}

/** The value below which a share of the values lies, by nearest rank; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** The heads where the chain left what v4 can express, and at the end; undefined before the demo got there. */
export function lastHeads({ plan, phaseEnds }: DemoRecord): {
  beforeFork: Heads | undefined;
  atEnd: Heads | undefined;
  driver: string | undefined;
} {
  const lastOfV4 = plan.findLastIndex(({ fork }) => fork === 'shanghai');
  const end = phaseEnds[plan.length - 1];
  return { beforeFork: phaseEnds[lastOfV4]?.heads, atEnd: end?.heads, driver: end?.driverHead };
}
