/** What a worker process with several instances is told when it is started. */
export type WorkerOrder = {
  /** One instance each, whose nodeId it is. */
  readonly names: readonly string[];
  readonly flags: { readonly url: string; readonly token: string; readonly refreshIntervalMs: number };
  /** What the control API of every instance takes. */
  readonly tokenFile: string;
  /** How often each instance makes a call. */
  readonly callEveryMs: number;
};

/** What the parent asks afterwards, and is answered with Seen. */
export type WorkerAsk = 'seen';

/** One instance: when it last sent something to v5 for its answer ({@link monotonicMs}, null for never), and who answered its newest call. */
export type InstanceSeen = { readonly lastV5SendMs: number | null; readonly newest: 'v4' | 'v5' | null };

/** What a worker says. */
export type WorkerSaid =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'seen'; readonly instances: readonly InstanceSeen[] };

/** The machine's monotonic clock, which is one for all of its processes, in milliseconds. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
