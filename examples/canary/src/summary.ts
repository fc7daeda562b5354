import { answeringVersion, type DemoRecord, type Heads, lastHeads, percentile } from './record.js';

type Latency = { readonly count: number; readonly p50Ms: number | null; readonly p99Ms: number | null };

/** The figures of a run, as `--json` prints them. */
export type Summary = {
  readonly ok: boolean;
  readonly failures: readonly string[];
  readonly durationMs: number;
  readonly phases: readonly {
    readonly title: string;
    readonly percent: number;
    readonly fork: string;
    readonly blocks: number;
    readonly answeredByV5: number;
    readonly sharePercent: number;
  }[];
  /** new_payload as the caller waited for it; `builtHere` are blocks that the engine had built itself. */
  readonly newPayload: Readonly<Record<'v4' | 'v5', { readonly imported: Latency; readonly builtHere: Latency }>>;
  readonly calls: Readonly<Record<'v4' | 'v5', number>>;
  readonly errors: number;
  readonly feedErrors: number;
  /** Of the client that was killed and started again. */
  readonly outage: DemoRecord['outage'];
  readonly verdicts: DemoRecord['verdicts'];
  readonly feedEnded: number;
  readonly heads: { readonly beforeFork: Heads | null; readonly atEnd: Heads | null; readonly driver: string | null };
};

const round = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 10) / 10);

const latency = (values: readonly number[]): Latency => ({
  count: values.length,
  p50Ms: round(percentile(values, 0.5)),
  p99Ms: round(percentile(values, 0.99)),
});

/** Sums a record up; `failures` is empty when everything held. */
export function summarize(record: DemoRecord, failures: readonly string[], durationMs: number): Summary {
  const { newPayloadMs } = record;
  const { beforeFork, atEnd, driver } = lastHeads(record);
  return {
    ok: failures.length === 0,
    failures,
    durationMs: Math.round(durationMs),
    phases: record.plan.map(({ title, percent, fork }, index) => {
      const blocks = record.blocks.filter((block) => block.phase === index);
      const answeredByV5 = blocks.filter((block) => answeringVersion(block) === 'v5').length;
      const sharePercent = blocks.length === 0 ? 0 : Math.round((1000 * answeredByV5) / blocks.length) / 10;
      return { title, percent, fork, blocks: blocks.length, answeredByV5, sharePercent };
    }),
    newPayload: {
      v4: { imported: latency(newPayloadMs.v4.imported), builtHere: latency(newPayloadMs.v4.builtHere) },
      v5: { imported: latency(newPayloadMs.v5.imported), builtHere: latency(newPayloadMs.v5.builtHere) },
    },
    calls: record.calls,
    errors: record.errors,
    feedErrors: record.feedErrors,
    outage: { ...record.outage },
    verdicts: record.verdicts,
    feedEnded: record.feedEnded,
    heads: { beforeFork: beforeFork ?? null, atEnd: atEnd ?? null, driver: driver ?? null },
  };
}

const milliseconds = (value: number | null): string => (value === null ? '-' : `${value.toFixed(1)} ms`).padStart(10);

const latencyRow = (version: string, what: string, { count, p50Ms, p99Ms }: Latency): string =>
  `  ${version}  ${what.padEnd(22)}${String(count).padStart(5)}${milliseconds(p50Ms)}${milliseconds(p99Ms)}`;

const outageLine = ({ killed, blocksAway, payloadsReplayed, feedErrors, back }: Summary['outage']): string =>
  `${killed}'s client killed and started again: ${back ? `in step after ${blocksAway} blocks, ${payloadsReplayed} payloads given to it` : 'not in step again'}, ${feedErrors} sends that nobody waited for failed`;

/** The summary as lines for a person. */
export function summaryLines(summary: Summary): readonly string[] {
  const { newPayload, heads } = summary;
  const short = (head: { number: number; hash: string } | undefined): string =>
    head === undefined ? 'unknown' : `block ${head.number} ${head.hash.slice(0, 10)}`;
  return [
    '',
    'share of blocks answered by v5',
    ...summary.phases.map(
      ({ title, blocks, answeredByV5, sharePercent }) =>
        `  ${title.padEnd(24)}${String(answeredByV5).padStart(3)} of ${String(blocks).padStart(3)} blocks ${sharePercent.toFixed(1).padStart(6)} %`,
    ),
    '',
    'new_payload                    count       p50       p99',
    latencyRow('v4', 'imported', newPayload.v4.imported),
    latencyRow('v5', 'imported', newPayload.v5.imported),
    latencyRow('v4', 'built by this client', newPayload.v4.builtHere),
    latencyRow('v5', 'built by this client', newPayload.v5.builtHere),
    '  (a client answers new_payload for a block that it built itself from its cache)',
    '',
    `heads before the fork: v4 ${short(heads.beforeFork?.v4)}, v5 ${short(heads.beforeFork?.v5)}`,
    `heads at the end:      v4 ${short(heads.atEnd?.v4)}, v5 ${short(heads.atEnd?.v5)}`,
    `calls answered: v4 ${summary.calls.v4}, v5 ${summary.calls.v5}; failed: ${summary.errors}; failed sends to the other engine: ${summary.feedErrors}`,
    ...(summary.outage.killed !== null ? [outageLine(summary.outage)] : []),
    `answers of both clients compared: ${
      Object.entries(summary.verdicts)
        .map(([verdict, count]) => `${verdict} ${count}`)
        .join(', ') || 'none'
    }`,
    ...summary.failures.map((failure) => `failed: ${failure}`),
  ];
}
