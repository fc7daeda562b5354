import type { EngineCall, LighthouseApi } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import type { EngineName } from '../engine/engineClient.js';
import type { Lane } from '../engine/lane.js';

/** One adapter with the engine that it speaks to. With a shared engine both arms have the same lane. */
export type Arm = {
  readonly adapter: LighthouseApi;
  readonly engine: EngineName;
  readonly lane: Lane;
};

/** How a send ended, value and all. */
export type ArmResult<T> = { readonly durationMs: number | null } & (
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'dropped'; readonly reason: 'LANE_FULL' | 'ABORTED' }
);

/** Sends a prepared call and times it from the send; a failure is a result, not a throw. */
export async function sendCall<T>(call: EngineCall<T>, clock: Clock): Promise<ArmResult<T>> {
  let sentAtMs: number | null = null;
  const durationMs = (): number | null => (sentAtMs === null ? null : clock.monotonicMs() - sentAtMs);
  try {
    const value = await call.send({
      onSend: () => {
        sentAtMs = clock.monotonicMs();
      },
    });
    return { kind: 'answered', value, durationMs: durationMs() };
  } catch (error) {
    return { kind: 'failed', error, durationMs: durationMs() };
  }
}
