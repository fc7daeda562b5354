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
  | { readonly kind: 'answered'; readonly value: T; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly error: unknown; readonly durationMs: number | null };

/** How one engine's part in a call ended, value and all. Where nothing was sent: `unneeded`, the engine answered the very same VALID last; `unsupported`, its adapter cannot express the call, or the engine is not fed. */
export type ArmResult<T> =
  | Spoken<T>
  | { readonly kind: 'dropped'; readonly reason: 'LANE_FULL' | 'ABORTED' | 'BOUNDS_FULL' }
  | { readonly kind: 'unneeded' }
  | { readonly kind: 'unsupported' };

/** Sends a prepared call and times it from the send; whatever happens is a result, and nothing is thrown. */
export async function sendCall<T>(call: EngineCall<T>, clock: Clock): Promise<Spoken<T>> {
  // Until the engine's capabilities are known the call has not been sent.
  let sentAtMs = clock.monotonicMs();
  let sent = false;
  try {
    const value = await call.send({
      onSend: () => {
        sent = true;
        sentAtMs = clock.monotonicMs();
      },
    });
    return { kind: 'answered', value, durationMs: clock.monotonicMs() - sentAtMs };
  } catch (error) {
    return { kind: 'failed', error, durationMs: sent ? clock.monotonicMs() - sentAtMs : null };
  }
}
