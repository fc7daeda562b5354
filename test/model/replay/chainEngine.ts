import { CompatError, type EngineName } from '@lighthouse-compat/sdk';
import type { EngineClient, EngineRequest } from '../../../packages/sdk/src/engine/engineClient.js';
import type { EngineMethod, EngineMethods } from '../../../packages/sdk/src/engine/methods.js';
import type { AnswerOrder } from '../answerOrder.js';
import type { Chain } from './chain.js';

/** One state-changing call that an engine received. */
type Received = {
  readonly kind: 'payload' | 'forkchoice';
  /** The block, or the head. */
  readonly block: number;
  /** Of a forkchoice. */
  readonly finalized: number | null;
  says: 'VALID' | 'SYNCING' | 'down' | undefined;
};

/** An execution client in memory that knows which block stands on which: VALID for what stands on a block that it has, SYNCING for everything else. */
export type ChainEngine = {
  readonly client: EngineClient;
  readonly received: readonly Received[];
  readonly head: number;
  /** The most calls that change its state that it ever had at once. */
  readonly mostAtOnce: number;
  has(block: number): boolean;
  /** Loses the newest blocks of its chain, as a client does that is killed. */
  restart(lose: number): void;
  /** The next calls fail. */
  failNext(calls: number): void;
};

export function createChainEngine(options: {
  readonly name: EngineName;
  readonly chain: Chain;
  readonly scheduler: AnswerOrder;
}): ChainEngine {
  const { name, chain, scheduler } = options;
  const blocks = new Set([chain.genesis]);
  const received: Received[] = [];
  let head = chain.genesis;
  let failures = 0;
  let underWay = 0;
  let mostAtOnce = 0;

  function judge(call: Received): 'VALID' | 'SYNCING' {
    if (call.kind === 'payload') {
      if (!blocks.has(chain.parentOf(call.block))) return 'SYNCING';
      blocks.add(call.block);
      return 'VALID';
    }
    if (!blocks.has(call.block)) return 'SYNCING';
    head = call.block;
    return 'VALID';
  }

  async function answer(method: EngineMethod, params: readonly unknown[]): Promise<unknown> {
    const fields = params[0] as Readonly<Record<string, string>>;
    const isPayload = method.startsWith('engine_newPayload');
    const call: Received = {
      kind: isPayload ? 'payload' : 'forkchoice',
      block: chain.numberOf(fields[isPayload ? 'blockHash' : 'headBlockHash'] ?? ''),
      finalized: isPayload ? null : chain.numberOf(fields['finalizedBlockHash'] ?? ''),
      says: undefined,
    };
    received.push(call);
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    await scheduler.schedule(Promise.resolve(), `${name} answers`);
    underWay -= 1;
    if (failures > 0) {
      failures -= 1;
      call.says = 'down';
      throw new CompatError('CONNECTION_LOST', 'down', { engine: name, method });
    }
    const status = judge(call);
    call.says = status;
    const payloadStatus = { status, latestValidHash: status === 'VALID' ? chain.hashOf(call.block) : null };
    return isPayload ? payloadStatus : { payloadStatus, payloadId: null };
  }

  return {
    client: {
      name,
      call<M extends EngineMethod>(
        [request]: readonly EngineRequest<M>[],
        { onSend }: { onSend?(): void } = {},
      ): Promise<EngineMethods[M]['result']> {
        if (request === undefined) return Promise.reject(new TypeError('no method'));
        onSend?.();
        return answer(request.method, request.params) as Promise<EngineMethods[M]['result']>;
      },
      close: () => Promise.resolve(),
    },
    received,
    get head() {
      return head;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    has: (block) => blocks.has(block),
    restart(lose) {
      for (let lost = 0; lost < lose && head !== chain.genesis; lost += 1) head = chain.parentOf(head);
      // What stands on what was lost is lost with it.
      const kept = new Set(chain.ancestorsOf(head));
      for (const block of blocks) if (!kept.has(block)) blocks.delete(block);
    },
    failNext(calls) {
      failures = calls;
    },
  };
}
