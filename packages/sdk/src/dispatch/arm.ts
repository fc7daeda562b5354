import type { AdapterVersion, EngineCall, LighthouseApi } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { EngineName } from '../engine/engineClient.js';
import type { Lane } from '../engine/lane.js';

/** One adapter with the engine that it speaks to. With a shared engine both arms have the same lane. */
export type Arm = {
  readonly version: AdapterVersion;
  readonly adapter: LighthouseApi;
  readonly engine: EngineName;
  readonly lane: Lane;
};

/** Both arms. */
export type Arms = Readonly<Record<AdapterVersion, Arm>>;

/** The other of two arms. */
export const otherVersion: Readonly<Record<AdapterVersion, AdapterVersion>> = { v4: 'v5', v5: 'v4' };

/** How a send ended. */
export type Spoken<T> =
  | { readonly kind: 'answered'; readonly value: T; readonly durationMs: number | null }
  | { readonly kind: 'failed'; readonly error: unknown; readonly durationMs: number | null };

/** How one engine's part in a call ended, value and all. Where nothing was sent: `unneeded`, the engine answered the very same last, and `value` is what it said; `unsupported`, its adapter cannot express the call, or the engine is not fed. */
export type ArmResult<T> =
  | Spoken<T>
  | { readonly kind: 'dropped'; readonly reason: 'LANE_FULL' | 'ABORTED' | 'BOUNDS_FULL' }
  | { readonly kind: 'unneeded'; readonly value: T }
  | { readonly kind: 'unsupported' };

/** Sends a prepared call, with a shorter deadline than its method's where one is given, and times it from the send; `ended` hears once how it went, and nothing is thrown. A callback, since every call comes through here and a promise between engine and caller costs more than the timing. */
export function startSend<T>(
  call: EngineCall<T>,
  clock: Clock,
  ended: (result: Spoken<T>) => void,
  timeoutMs?: number,
): void {
  // Until the engine's capabilities are known the call has not been sent.
  let sentAtMs: number | null = null;
  const onSend = (): void => {
    sentAtMs = clock.monotonicMs();
  };
  call.send(timeoutMs === undefined ? { onSend } : { onSend, timeoutMs }).then(
    (value) => ended({ kind: 'answered', value, durationMs: since(sentAtMs, clock) }),
    (error: unknown) => ended({ kind: 'failed', error, durationMs: since(sentAtMs, clock) }),
  );
}

const since = (momentMs: number | null, clock: Clock): number | null =>
  momentMs === null ? null : clock.monotonicMs() - momentMs;

/** The same as a promise, which never rejects. */
export const sendCall = <T>(call: EngineCall<T>, clock: Clock, timeoutMs?: number): Promise<Spoken<T>> =>
  new Promise((resolve) => startSend(call, clock, resolve, timeoutMs));
