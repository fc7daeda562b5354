import type { Hash32 } from '@lighthouse-compat/conversions';
import type { Clock } from '../clock.js';
import { type Arms, sendCall } from '../dispatch/arm.js';
import { inPlace } from '../engine/inPlace.js';
import type { Lane } from '../engine/lane.js';
import type { Replays } from '../replay/replays.js';
import type { ChainView } from '../selection/chainView.js';
import type { EngineStates } from '../selection/engineStates.js';
import type { LastForkchoices } from '../selection/lastForkchoices.js';
import { delay } from '../waiting.js';

/** What became of a rollback: whether v4's engine has been seen to have the last known head, and the evidence. */
export type RollbackVerification = {
  readonly verified: boolean;
  /** The head that v4's engine was asked for; null before any was known. */
  readonly head: Hash32 | null;
  /** From the call to the result, in milliseconds. */
  readonly durationMs: number;
  /** Payloads that v4's engine was given to bring it back. */
  readonly payloadsReplayed: number;
  /** Why not; null where it was verified. `NO_HEAD`: no forkchoice has been VALID yet; `PAST_FORK`: v4 cannot serve the chain any more; `DEADLINE`: v4's engine did not come to the head in time; `CLOSED`: the instance was closed meanwhile. */
  readonly reason: 'NO_HEAD' | 'PAST_FORK' | 'DEADLINE' | 'CLOSED' | null;
};

const retryAfterMs = 1_000;

/** Makes the verification of a rollback: lets what is on its way end at both engines, asks v4's engine for the last known head, and brings it back until it answers VALID or the deadline has passed. */
export function createVerifyRollback(parts: {
  readonly arms: Arms;
  readonly clock: Clock;
  readonly chain: ChainView;
  readonly states: EngineStates;
  readonly lastForkchoices: LastForkchoices;
  readonly replays: Replays;
  readonly isClosed: () => boolean;
}): (options?: { readonly deadlineMs?: number }) => Promise<RollbackVerification> {
  const { arms, clock, chain, states, lastForkchoices, replays } = parts;

  /** Asks for what v4's engine was sent last: a forkchoice before that would take it back. */
  async function hasHead(): Promise<boolean> {
    const forkchoiceState = lastForkchoices.sent('v4') ?? lastForkchoices.newest();
    if (forkchoiceState === null) return false;
    const fork = chain.forkOfHead(forkchoiceState.headBlockHash);
    if (fork === 'cancun') return false;
    const { headBlockHash, safeBlockHash, finalizedBlockHash } = forkchoiceState;
    const wire = { headBlockHash, safeBlockHash, finalizedBlockHash };
    const request = { fork, forkchoiceState: wire, payloadAttributes: null };
    const result = await sendCall(arms.v4.adapter.forkchoiceUpdated(request), clock);
    const isValid = result.kind === 'answered' && result.value.payloadStatus.status === 'VALID';
    lastForkchoices.set('v4', wire, isValid);
    states.record('v4', isValid ? 'head_valid' : 'head_not_valid');
    return isValid;
  }

  /** Brings v4's engine back first where it is behind: it must not hear of a head before it has its payload. */
  async function isBack(): Promise<boolean> {
    if (states.snapshot().v4.state === 'in_step') return true;
    const replay = await replays.bringBack('v4');
    return replay === null || replay.outcome === 'in_step';
  }

  /** Whatever was called before has ended, or expired, when this resolves. */
  const pass = async (lane: Lane): Promise<void> => {
    await inPlace(lane, () => Promise.resolve());
  };

  return async ({ deadlineMs = 300_000 } = {}) => {
    const beganMs = clock.monotonicMs();
    const payloadsBefore = replays.counts().v4.payloads;
    const ended = (reason: RollbackVerification['reason']): RollbackVerification =>
      Object.freeze({
        verified: reason === null,
        head: (lastForkchoices.sent('v4') ?? lastForkchoices.newest())?.headBlockHash ?? null,
        durationMs: clock.monotonicMs() - beganMs,
        payloadsReplayed: replays.counts().v4.payloads - payloadsBefore,
        reason,
      });

    let isLate = false;
    let wake = (): void => {};
    // An engine that hangs must not keep the result past the deadline.
    const deadline = new Promise<'DEADLINE'>((resolve) => {
      wake = () => resolve('DEADLINE');
    });
    const cancelDeadline = clock.setTimer(() => {
      isLate = true;
      wake();
    }, deadlineMs);
    const pause = (): Promise<void> => delay(clock, retryAfterMs);

    async function verify(): Promise<RollbackVerification['reason']> {
      await Promise.all([pass(arms.v4.lane), pass(arms.v5.lane)]);
      while (!isLate) {
        if (parts.isClosed()) return 'CLOSED';
        if (chain.cancunHeadWasValid()) return 'PAST_FORK';
        if (lastForkchoices.newest() === null) return 'NO_HEAD';
        if ((await isBack()) && (await inPlace(arms.v4.lane, hasHead)) === true) return null;
        await Promise.race([pause(), deadline]);
      }
      return 'DEADLINE';
    }

    const reason = await Promise.race([verify(), deadline]);
    cancelDeadline();
    return ended(reason);
  };
}
