import { randomUUID } from 'node:crypto';
import type { ExecutionPayloadCapella, Hash32, PayloadStatus, ServedFork } from '@lighthouse-compat/conversions';
import { LocalFlagProvider, type LocalFlags } from '@lighthouse-compat/flag-provider';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
// The dispatcher is inside the SDK, whose package shows its public surface alone: its built files are taken by path.
import type {
  AdapterVersion,
  EngineCall,
  LighthouseApi,
  NewPayloadRequest,
} from '../../../packages/sdk/dist/adapters/lighthouseApi.js';
import { checkCallOptions } from '../../../packages/sdk/dist/calls/callOptions.js';
import { systemClock } from '../../../packages/sdk/dist/clock.js';
import type { Arm } from '../../../packages/sdk/dist/dispatch/arm.js';
import { createDispatcher } from '../../../packages/sdk/dist/dispatch/dispatcher.js';
import type { EngineName } from '../../../packages/sdk/dist/engine/engineClient.js';
import { createLane, type Lane } from '../../../packages/sdk/dist/engine/lane.js';
import { createListeners } from '../../../packages/sdk/dist/events.js';
import type { Observation } from '../../../packages/sdk/dist/observation.js';
import { publishCall } from '../../../packages/sdk/dist/observer.js';
import type { CallContext } from '../../../packages/sdk/dist/operations/callContext.js';
import { createNewPayloadDispatch } from '../../../packages/sdk/dist/operations/newPayload.js';
import { createReplayBuffer } from '../../../packages/sdk/dist/replay/replayBuffer.js';
import { createChainView } from '../../../packages/sdk/dist/selection/chainView.js';
import { createEngineStates } from '../../../packages/sdk/dist/selection/engineStates.js';
import { createFlagSource } from '../../../packages/sdk/dist/selection/flagSource.js';
import type { MigrationMode } from '../../../packages/sdk/dist/selection/migrationMode.js';
import { createPayloadPins } from '../../../packages/sdk/dist/selection/payloadPins.js';
import { select, whenSelected } from '../../../packages/sdk/dist/selection/select.js';
import { targetingKeyOf } from '../../../packages/sdk/dist/selection/targetingKey.js';
import { createCallCounter } from '../../../packages/sdk/dist/stats.js';
import type { Way } from '../harness.js';

/** How one engine answers. */
export type Answer = (status: PayloadStatus) => Promise<PayloadStatus>;

/** What the SDK is set up as. */
export type SdkSetup = {
  readonly topology: 'split' | 'shared';
  readonly standby: 'warm' | 'cold';
  readonly mode: MigrationMode;
  /** Through an OpenFeature client; without it the mode alone decides. */
  readonly flags?: LocalFlags;
  /** Whether somebody listens to the observations; otherwise calls are counted alone. */
  readonly observed?: boolean;
  /** Default: both at once. */
  readonly answers?: Readonly<Record<AdapterVersion, Answer>>;
};

/** The SDK between two engines in memory. */
export type SdkUnderTest = {
  newPayload(): Promise<PayloadStatus>;
  /** Resolves when both lanes are empty; never while an engine hangs. */
  settled(): Promise<void>;
  /** Makes sure that the decision for the call is in the cache, and fresh. */
  cacheDecision(): Promise<void>;
  /** Calls that have ended, each of them published where that is asked for. */
  ended(): number;
  /** Sets the rollback latch, as the SDK's own rollback does before it returns. */
  rollback(): void;
  clearLatch(): void;
  /** Adds a listener to the observations; the function returned removes it. */
  listen(recorder: (observation: Observation) => void): () => void;
};

const bytes = (byte: string, count: number): Hash32 => `0x${byte.repeat(count)}` as Hash32;
const blockHash = bytes('5a', 32);
const valid: PayloadStatus = { status: 'VALID', latestValidHash: blockHash };
const zeroHash = bytes('00', 32);
const executionPayload: ExecutionPayloadCapella = {
  parentHash: zeroHash,
  feeRecipient: bytes('00', 20),
  stateRoot: zeroHash,
  receiptsRoot: zeroHash,
  logsBloom: bytes('00', 256),
  prevRandao: zeroHash,
  blockNumber: 1n,
  gasLimit: 30_000_000n,
  gasUsed: 0n,
  timestamp: 12n,
  extraData: '0x',
  baseFeePerGas: 7n,
  blockHash,
  transactions: [],
  withdrawals: [],
};
const request: NewPayloadRequest = { fork: 'shanghai', executionPayload };
const atOnce: Answer = async (status) => status;

const notMeasured = (): never => {
  throw new Error('only newPayload is measured');
};

/** An adapter around an engine in memory; what it sends tells the moment of the send, as a real engine's client does. */
function adapterOf(version: AdapterVersion, answer: Answer): LighthouseApi {
  // Made once: the adapter is to cost no more than the function that the peers are given.
  const call: EngineCall<PayloadStatus> = {
    method: 'engine_newPayloadV2',
    send: (options) => {
      options?.onSend?.();
      return answer(valid);
    },
  };
  return {
    version,
    forks: new Set<ServedFork>(['paris', 'shanghai']),
    newPayload: () => call,
    forkchoiceUpdated: notMeasured,
    getPayload: notMeasured,
  };
}

async function clientOf(flags: LocalFlags): Promise<Client> {
  const domain = randomUUID();
  await OpenFeature.setProviderAndWait(domain, new LocalFlagProvider({ flags }));
  return OpenFeature.getClient(domain);
}

/**
 * Puts the SDK's own parts together as its composition root does, around adapters that answer from memory.
 *
 * `newPayload` is what comes after the check of the payload, up to the published observation: the check, the conversion and the serializing cost the same in every mode and are no part of dispatch.
 */
export async function openSdk(setup: SdkSetup): Promise<SdkUnderTest> {
  const { topology, standby, answers = { v4: atOnce, v5: atOnce } } = setup;
  const sharedEngine = topology === 'shared';
  const clock = systemClock;
  const bounds = { maxCalls: 64, maxBytes: 64 * 1024 * 1024 };
  const v4Lane = createLane(bounds);
  const arm = (version: AdapterVersion, lane: Lane): Arm => {
    const engine: EngineName = sharedEngine ? 'shared' : version;
    return { version, adapter: adapterOf(version, answers[version]), engine, lane };
  };
  const arms = { v4: arm('v4', v4Lane), v5: arm('v5', sharedEngine ? v4Lane : createLane(bounds)) };
  const chain = createChainView({ shanghaiTime: 0n });
  const states = createEngineStates({
    engines: { v4: arms.v4.engine, v5: arms.v5.engine },
    sharedEngine,
    standby,
    isPastV4: chain.cancunHeadWasValid,
    onChange: () => {},
  });
  const flags = setup.flags === undefined ? undefined : createFlagSource(await clientOf(setup.flags), clock);
  let latched = false;
  const sources = {
    chain,
    pins: createPayloadPins(),
    flags,
    nodeId: null,
    standby,
    isLatched: () => latched,
    mode: () => setup.mode,
  };
  const dispatcher = createDispatcher({
    arms,
    clock,
    fallbackAfterMs: 2_000,
    guard: {
      mustNotAnswer: states.mustNotAnswer,
      mayTakeOver: states.mayTakeOver,
      overflowed: (version) => states.record(version, 'overflow'),
    },
  });
  const listeners = createListeners(() => {});
  const counter = createCallCounter();
  let published = 0;
  if (setup.observed === true) {
    listeners.on('observation', () => {
      published += 1;
    });
  }

  const context: CallContext = {
    assertOpen: () => {},
    inputOf(facts) {
      const { operation, fork, payloadId, sessionId } = facts;
      return { operation, fork, payloadId, targetingKey: targetingKeyOf(facts, 'block', null), sessionId };
    },
    select: (input) => select(input, sources),
    whenSelected: (input, selected) => whenSelected(input, sources, selected),
    publish: (settled, view) => publishCall(settled, view, { listeners, counter }),
  };
  const isKept = !sharedEngine && standby === 'warm';
  const replayBuffer = createReplayBuffer({ maxPayloads: isKept ? 128 : 0, maxBytes: 128 * 1024 * 1024 });
  const dispatch = createNewPayloadDispatch({
    context,
    chain,
    states,
    dispatcher,
    sharedEngine,
    replayBuffer,
    timeoutMs: 8_000,
  });
  const newPayload = (): Promise<PayloadStatus> => dispatch(request, checkCallOptions(undefined));
  const settled = async (): Promise<void> => {
    await Promise.all([arms.v4.lane.settled(), arms.v5.lane.settled()]);
  };

  return {
    newPayload,
    settled,
    rollback() {
      latched = true;
      dispatcher.decideAgain();
    },
    clearLatch() {
      latched = false;
    },
    listen: (recorder) => listeners.on('observation', recorder),
    async cacheDecision() {
      flags?.invalidate();
      await newPayload();
      await settled();
    },
    ended() {
      const { answered, failed } = counter.counts();
      const calls = answered.v4 + answered.v5 + failed.v4 + failed.v5;
      if (setup.observed === true && published !== calls) throw new Error(`${published} of ${calls} calls published`);
      return calls;
    },
  };
}

/** Makes calls, each awaited, and lets all that they caused end. */
export async function makeCalls(sdk: SdkUnderTest, name: string, calls: number): Promise<void> {
  const before = sdk.ended();
  for (let call = 0; call < calls; call += 1) await sdk.newPayload();
  await sdk.settled();
  if (sdk.ended() !== before + calls) throw new Error(`${name}: ${sdk.ended() - before} of ${calls} calls ended`);
}

/** The SDK as a way. */
export async function sdkWay(name: string, setup: SdkSetup): Promise<Way> {
  const sdk = await openSdk(setup);
  return { name, prepare: sdk.cacheDecision, run: (calls) => makeCalls(sdk, name, calls) };
}
