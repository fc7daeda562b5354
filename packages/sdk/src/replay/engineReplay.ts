import type { ForkchoiceUpdatedResult, Hash32, PayloadStatus } from '@lighthouse-compat/conversions';
import type { EngineCall, ForkchoiceUpdatedRequest, NewPayloadRequest } from '../adapters/lighthouseApi.js';
import type { Clock } from '../clock.js';
import { type Arm, type Spoken, sendCall } from '../dispatch/arm.js';

/** How an attempt ended: `in_step`, the engine has everything; `lost`, it has none of the blocks that are kept; `failed`, it could not be reached or did not take what it was given. */
export type ReplayOutcome = 'in_step' | 'lost' | 'failed';

/** What an attempt came to. */
export type ReplayResult = {
  readonly outcome: ReplayOutcome;
  /** Payloads that the engine was given, those included by which it was asked what it has. */
  readonly payloads: number;
};

/** What an engine is brought to. */
export type ReplayPlan = {
  /** The kept blocks up to the head, oldest first, none below the finalized one; empty when the head is not kept. */
  readonly chain: readonly NewPayloadRequest[];
  readonly target: ForkchoiceUpdatedRequest['forkchoiceState'];
  /** Payloads that came after the head, in the caller's order. */
  readonly newer: readonly NewPayloadRequest[];
};

const sameHash = (one: Hash32, other: Hash32): boolean => one.toLowerCase() === other.toLowerCase();

const isValidPayload = (result: Spoken<PayloadStatus>): boolean =>
  result.kind === 'answered' && result.value.status === 'VALID';

const isValidHead = (result: Spoken<ForkchoiceUpdatedResult>): boolean =>
  result.kind === 'answered' && result.value.payloadStatus.status === 'VALID';

/** The forkchoice on the way to the target whose head is a block of the chain: what is not yet part of it is not yet safe. */
function forkchoiceAt({ chain, target }: ReplayPlan, index: number, { fork, executionPayload }: NewPayloadRequest) {
  const { safeBlockHash, finalizedBlockHash } = target;
  const isAhead = chain.slice(index + 1).some((later) => sameHash(later.executionPayload.blockHash, safeBlockHash));
  const forkchoiceState = {
    headBlockHash: executionPayload.blockHash,
    safeBlockHash: isAhead ? finalizedBlockHash : safeBlockHash,
    finalizedBlockHash,
  };
  return { fork, forkchoiceState, payloadAttributes: null } satisfies ForkchoiceUpdatedRequest;
}

/** Brings an engine, whose lane has been reached, from the newest block of the chain that it has to the target: payload and forkchoice block by block, since there are clients that judge a block wrongly whose parent was never a head. Never rejects. */
export async function replayTo(plan: ReplayPlan, arm: Arm, clock: Clock): Promise<ReplayResult> {
  const { chain, newer } = plan;
  let payloads = 0;

  const send = <T>(call: EngineCall<T>): Promise<Spoken<T>> => sendCall(call, clock);
  const ask = (request: NewPayloadRequest): Promise<Spoken<PayloadStatus>> => {
    payloads += 1;
    return send(arm.adapter.newPayload(request));
  };

  /** Finds the newest block that the engine answers VALID. Often that is the head: then by one question, else by halving, since an engine that has a block has those below it. */
  async function newestKnown(): Promise<number | ReplayOutcome> {
    let known = -1;
    let unknown = chain.length;
    for (let next = unknown - 1; unknown - known > 1; next = known === -1 ? 0 : (known + unknown) >> 1) {
      const request = chain[next];
      if (request === undefined) break;
      const result = await ask(request);
      if (result.kind === 'failed') return 'failed';
      if (isValidPayload(result)) known = next;
      else if (next === 0) return 'lost';
      else unknown = next;
    }
    return known === -1 ? 'lost' : known;
  }

  async function catchUp(): Promise<ReplayOutcome> {
    const from = await newestKnown();
    if (typeof from === 'string') return from;
    for (const [step, request] of chain.slice(from).entries()) {
      if (step > 0 && !isValidPayload(await ask(request))) return 'failed';
      const forkchoice = forkchoiceAt(plan, from + step, request);
      if (!isValidHead(await send(arm.adapter.forkchoiceUpdated(forkchoice)))) return 'failed';
    }
    for (const request of newer) {
      // Whatever the engine says of a block that is not on the way to its head, it was given it; a forkchoice will tell.
      if ((await ask(request)).kind === 'failed') return 'failed';
    }
    return 'in_step';
  }

  try {
    return { outcome: await catchUp(), payloads };
  } catch {
    // What the adapter cannot express cannot be replayed.
    return { outcome: 'failed', payloads };
  }
}
