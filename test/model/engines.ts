import { AsyncLocalStorage } from 'node:async_hooks';
import type { PayloadEnvelope, PayloadId, PayloadStatus } from '@lighthouse-compat/conversions';
import { type AdapterVersion, CompatError, type EngineName, type Operation } from '@lighthouse-compat/sdk';
import type { EngineClient, EngineRequest, SendOptions } from '../../packages/sdk/src/engine/engineClient.js';
import { type EngineMethod, type EngineMethods, engineMethods } from '../../packages/sdk/src/engine/methods.js';
import { capellaPayload, denebPayload, hash, parisPayload } from '../support/samples.js';
import type { AnswerOrder } from './answerOrder.js';
import { callOfSafeBlock } from './blocks.js';
import type { VirtualClock } from './clock.js';
import type { Ending, Happening } from './history.js';

export const errorCodes = [
  'CONNECTION_LOST',
  'TIMEOUT',
  'SERVER_ERROR',
  'INVALID_PARAMS',
  'UNKNOWN_PAYLOAD',
  'INVALID_FORKCHOICE_STATE',
  'ENGINE_UNSUPPORTED_FORK',
] as const;

/** What an engine is to answer to one call. */
export type Script = {
  readonly says:
    | 'VALID'
    | 'INVALID'
    | 'SYNCING'
    | 'ACCEPTED'
    | 'foreign'
    | 'bug'
    | 'never'
    | (typeof errorCodes)[number];
  /** The id of a build: one of its own, the one that any engine would give for this head, or none. */
  readonly builds: 'own' | 'common' | 'none';
};

const valid: Script = { says: 'VALID', builds: 'own' };

/** Which get_payload is being sent: it keeps no order, so that the call is known by the flow that it is sent in. */
export const currentGetPayload: AsyncLocalStorage<number> = new AsyncLocalStorage();

type Wire = {
  readonly operation: Operation;
  readonly call: number;
  readonly asked: string;
  readonly hasAttributes: boolean;
  readonly payloadId: PayloadId | null;
};

/** Reads off the wire which call this is; a send that cannot be told from its parameters is none of the model's. */
function readWire(method: string, params: readonly unknown[]): Wire {
  const [first, second] = params;
  if (method.startsWith('engine_getPayload')) {
    const payloadId = first as PayloadId;
    const call = currentGetPayload.getStore() ?? -1;
    return { operation: 'get_payload', call, asked: payloadId, hasAttributes: false, payloadId };
  }
  const fields = first as Readonly<Record<string, string>>;
  if (method.startsWith('engine_newPayload')) {
    const call = Number(BigInt(fields['gasUsed'] ?? '0x0'));
    return { operation: 'new_payload', call, asked: fields['blockHash'] ?? '', hasAttributes: false, payloadId: null };
  }
  return {
    operation: 'forkchoice_updated',
    call: callOfSafeBlock(fields['safeBlockHash'] ?? '0x0'),
    asked: fields['headBlockHash'] ?? '',
    hasAttributes: second !== null,
    payloadId: null,
  };
}

function statusFor(says: Script['says'], asked: string, send: number): PayloadStatus {
  switch (says) {
    case 'INVALID':
      return { status: 'INVALID', latestValidHash: hash(1), validationError: `send ${send}` };
    case 'SYNCING':
    case 'ACCEPTED':
      return { status: says, latestValidHash: null };
    case 'foreign':
      return { status: 'VALID', latestValidHash: hash(666) };
    default:
      return { status: 'VALID', latestValidHash: asked as `0x${string}` };
  }
}

/** The id that a number stands for. */
export const eightBytes = (n: bigint): PayloadId => `0x${n.toString(16).padStart(16, '0')}` as const;

function envelopeFor(method: string, block: number, send: number): PayloadEnvelope {
  const built = { blockHash: hash(0x2000000 + send) };
  if (method === 'engine_getPayloadV1') {
    return { executionPayload: { ...parisPayload(block), ...built }, blockValueWei: null };
  }
  const blockValueWei = BigInt(send);
  if (method === 'engine_getPayloadV2')
    return { executionPayload: { ...capellaPayload(block), ...built }, blockValueWei };
  const blobsBundle = { commitments: [], proofs: [], blobs: [] };
  const executionPayload = { ...denebPayload(block), ...built };
  return { executionPayload, blockValueWei, blobsBundle, shouldOverrideBuilder: false };
}

type Pending = { readonly settle: (ending: Ending) => void };

/** An execution client in memory: it takes note of what it receives and answers when the scheduler says so, or never. */
export type MemoryEngine = {
  /** The client by which one adapter speaks to it. */
  clientOf(adapter: AdapterVersion): EngineClient;
  /** The next sends are answered VALID, whatever the scripts say. */
  primed: boolean;
  /** From now on nothing is answered and nothing times out. */
  freeze(): void;
  /** Ends the frost: fails the oldest call that is pending; false when none is. */
  thaw(): boolean;
};

export function createMemoryEngine(options: {
  readonly name: EngineName;
  readonly scripts: readonly Script[];
  readonly scheduler: AnswerOrder;
  readonly clock: VirtualClock;
  readonly nextSend: () => number;
  readonly note: (happening: Happening) => void;
}): MemoryEngine {
  const { name, scripts, scheduler, clock, nextSend, note } = options;
  const pending = new Map<number, Pending>();
  const issued = new Set<PayloadId>();
  let received = 0;
  let frozen = false;
  let closed = false;

  const failure = (code: ConstructorParameters<typeof CompatError>[0], method: string, send: number): CompatError =>
    new CompatError(code, `send ${send}`, { engine: name, method });

  function answerTo(script: Script, method: string, wire: Wire, send: number): Ending {
    const { says } = script;
    if (says === 'bug') return { kind: 'error', error: new TypeError(`send ${send}`) };
    if (errorCodes.some((code) => code === says)) {
      return { kind: 'error', error: failure(says as (typeof errorCodes)[number], method, send) };
    }
    switch (wire.operation) {
      case 'new_payload':
        return { kind: 'value', value: statusFor(says, wire.asked, send) };
      case 'forkchoice_updated': {
        const payloadStatus = statusFor(says, wire.asked, send);
        const builds = wire.hasAttributes && says === 'VALID' && script.builds !== 'none';
        const payloadId = !builds
          ? null
          : eightBytes(
              script.builds === 'own' ? 0xa0n * 2n ** 56n + BigInt(send) : 0xc0n * 2n ** 56n + BigInt(wire.asked),
            );
        if (payloadId !== null) issued.add(payloadId);
        return { kind: 'value', value: { payloadStatus, payloadId } };
      }
      case 'get_payload':
        if (!issued.has(wire.asked as PayloadId))
          return { kind: 'error', error: failure('UNKNOWN_PAYLOAD', method, send) };
        return { kind: 'value', value: envelopeFor(method, says === 'INVALID' ? 6 : 5, send) };
    }
  }

  function receive(
    adapter: AdapterVersion,
    request: { readonly method: EngineMethod; readonly params: readonly unknown[] },
    timeoutMs = Number.POSITIVE_INFINITY,
  ): Promise<unknown> {
    const { method } = request;
    const wire = readWire(method, request.params);
    const send = nextSend();
    const { operation, call, hasAttributes, payloadId } = wire;
    note({ kind: 'received', send, call, adapter, engine: name, operation, method, hasAttributes, payloadId });
    const script = engine.primed ? valid : (scripts[received % scripts.length] ?? valid);
    if (!engine.primed) received += 1;
    return new Promise((resolve, reject) => {
      let cancelTimer = (): void => {};
      const settle = (ending: Ending): void => {
        if (!pending.delete(send)) return;
        cancelTimer();
        note({ kind: 'answered', send, ending });
        if (ending.kind === 'value') resolve(ending.value);
        else reject(ending.error);
      };
      pending.set(send, { settle });
      if (closed) {
        settle({ kind: 'error', error: failure('CONNECTION_LOST', method, send) });
        return;
      }
      if (frozen) return;
      cancelTimer = clock.setTimer(
        () => settle({ kind: 'error', error: failure('TIMEOUT', method, send) }),
        Math.min(engineMethods[method].timeoutMs, timeoutMs),
      );
      if (script.says === 'never') return;
      // The answer is made when it is given: only then has the engine built anything.
      void scheduler
        .schedule(Promise.resolve(), `${name} answers send ${send} with ${script.says}`)
        .then(() => pending.has(send) && settle(answerTo(script, method, wire, send)));
    });
  }

  const engine: MemoryEngine = {
    primed: false,
    clientOf: (adapter) => ({
      name,
      call<M extends EngineMethod>(
        choices: readonly EngineRequest<M>[],
        { onSend, timeoutMs }: SendOptions = {},
      ): Promise<EngineMethods[M]['result']> {
        const [request] = choices;
        if (request === undefined) return Promise.reject(new TypeError('no method'));
        onSend?.();
        return receive(adapter, request, timeoutMs) as Promise<EngineMethods[M]['result']>;
      },
      close() {
        closed = true;
        for (const { settle } of [...pending.values()]) {
          settle({ kind: 'error', error: new CompatError('CONNECTION_LOST', 'closed', { engine: name }) });
        }
        return Promise.resolve();
      },
    }),
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      for (const { settle } of pending.values()) {
        settle({ kind: 'error', error: new CompatError('CONNECTION_LOST', 'thawed', { engine: name }) });
        return true;
      }
      return false;
    },
  };
  return engine;
}
