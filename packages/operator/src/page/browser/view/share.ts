import type { StatusAnswer } from '../../../control/answers.js';
import { percent, share, time } from './format.js';
import type { Fact } from './parts.js';

/** What the page keeps of a status to draw the share by; counts are `stats().answered`. */
export type ShareSample = {
  readonly atMs: number;
  readonly percentSet: number;
  readonly v4: number;
  readonly v5: number;
};

/** So many samples are kept; when they are too many every other one of the older half goes. */
const mostSamples = 2_000;

/** The share that is to be answered by v5: the migration's, else the configured mode's. */
function percentSetOf({ migration, mode, latch }: StatusAnswer): number {
  if (latch !== null) return 0;
  if (migration !== null) return migration.percent;
  if (mode.kind === 'canary') return mode.percent;
  return mode.kind === 'v5_only' || mode.kind === 'v5_primary' ? 100 : 0;
}

/** Keeps one more status. */
export function addSample(samples: readonly ShareSample[], status: StatusAnswer): readonly ShareSample[] {
  const { atMs, stats } = status;
  const sample = { atMs, percentSet: percentSetOf(status), v4: stats.answered.v4, v5: stats.answered.v5 };
  const last = samples.at(-1);
  // A clock that was set back would draw a line to the left.
  if (last !== undefined && last.atMs >= atMs) return [...samples.slice(0, -1), { ...sample, atMs: last.atMs }];
  const kept = samples.length < mostSamples ? samples : samples.filter((_, at) => at % 2 === 0 || at > mostSamples / 2);
  return [...kept, sample];
}

/** The calls answered since the present share was set, or since the page was opened or the service began if that was later. */
export function measuredNow(
  samples: readonly ShareSample[],
): { readonly sinceMs: number; readonly v5: number; readonly calls: number } | null {
  const last = samples.at(-1);
  if (last === undefined) return null;
  let first = last;
  for (const sample of [...samples].reverse()) {
    if (sample.percentSet !== last.percentSet || sample.v4 > first.v4 || sample.v5 > first.v5) break;
    first = sample;
  }
  const v5 = last.v5 - first.v5;
  return { sinceMs: first.atMs, v5, calls: v5 + last.v4 - first.v4 };
}

/** The share set beside the share measured. */
export function shareFacts(status: StatusAnswer, samples: readonly ShareSample[]): readonly Fact[] {
  const { answered, failed, fallbacks } = status.stats;
  const now = measuredNow(samples);
  const calls = answered.v4 + answered.v5;
  return [
    { name: 'Set', value: percent(percentSetOf(status)) },
    {
      name: 'Measured since it was set',
      value: now === null ? '-' : share(now.v5, now.calls),
      note: now === null ? '' : `${now.v5} of ${now.calls} calls, as seen here since ${time(now.sinceMs)}`,
    },
    {
      name: 'Measured since the service began',
      value: share(answered.v5, calls),
      note: `${answered.v5} of ${calls} calls`,
    },
    {
      name: 'Failed for callers',
      value: `v4 ${failed.v4}, v5 ${failed.v5}`,
      tone: failed.v4 + failed.v5 === 0 ? 'good' : 'bad',
    },
    { name: 'Answered by v4 as v5 failed', value: String(fallbacks), tone: fallbacks === 0 ? 'good' : 'attention' },
  ];
}

/** The chart's lines: seconds, the share set and, between two samples, the share measured; null where no call was answered. */
export function shareLines(
  samples: readonly ShareSample[],
): readonly [readonly number[], readonly number[], readonly (number | null)[]] {
  return [
    samples.map(({ atMs }) => atMs / 1_000),
    samples.map(({ percentSet }) => percentSet),
    samples.map((sample, at) => {
      // Ten samples back or since the share was set, so that a few calls do not make it jump.
      const from = samples.slice(Math.max(0, at - 10), at).find(({ percentSet }) => percentSet === sample.percentSet);
      if (from === undefined) return null;
      const [v4, v5] = [sample.v4 - from.v4, sample.v5 - from.v5];
      return v4 < 0 || v5 < 0 || v4 + v5 === 0 ? null : (100 * v5) / (v4 + v5);
    }),
  ];
}
