import {
  ConversionError,
  checkPayloadId,
  type ForkchoiceState,
  type ForkchoiceStateV3,
  type ForkchoiceUpdatedResult,
  type Hash32,
  type PayloadAttributes,
  type PayloadEnvelope,
  type PayloadId,
  type PayloadStatus,
  type ServedFork,
} from '@lighthouse-compat/conversions';
import type { AdapterVersion } from './adapters/lighthouseApi.js';
import { createV4Adapter } from './adapters/v4Adapter.js';
import { createV5Adapter } from './adapters/v5Adapter.js';
import { type CallOptions, checkCallOptions } from './calls/callOptions.js';
import { checkForkchoiceUpdatedRequest } from './calls/forkchoiceUpdatedRequest.js';
import { checkNewPayloadRequest, type NewPayloadArguments } from './calls/newPayloadRequest.js';
import { type Config, type LighthouseCompatOptions, parseConfig } from './config.js';
import { type Arm, type ArmResult, sendCall } from './dispatch/arm.js';
import { answerOf, createDispatcher, untilAborted } from './dispatch/dispatcher.js';
import { createEngineClient, type EngineClient, type EngineName } from './engine/engineClient.js';
import { createHttpTransport } from './engine/httpTransport.js';
import { createLane } from './engine/lane.js';
import { CompatError } from './errors.js';
import { type CompatEvents, createListeners } from './events.js';
import { createMetrics } from './metrics.js';
import type { ArmObservation, Outcome } from './observation.js';
import type { Operation } from './operation.js';
import { createChainView } from './selection/chainView.js';
import { type MigrationMode, parseMigrationMode } from './selection/migrationMode.js';
import { createPayloadPins } from './selection/payloadPins.js';
import { type Decision, select } from './selection/select.js';
import { targetingKeyOf } from './selection/targetingKey.js';

/** The Engine API of one node, each call answered through v4's or v5's structures as flags and mode say. */
export type LighthouseCompat = {
  /** Has a payload judged (engine_newPayload); throws a ConversionError for a malformed field and a CompatError for everything else. */
  newPayload(request: NewPayloadArguments, options?: CallOptions): Promise<PayloadStatus>;
  /** Sets the head, and with attributes starts a build (engine_forkchoiceUpdated); throws as newPayload does. */
  forkchoiceUpdated(
    forkchoiceState: ForkchoiceState | ForkchoiceStateV3,
    payloadAttributes?: PayloadAttributes | null,
    options?: CallOptions,
  ): Promise<ForkchoiceUpdatedResult>;
  /** Fetches what was built from the engine that issued the id (engine_getPayload); throws as newPayload does. */
  getPayload(payloadId: PayloadId, options?: CallOptions): Promise<PayloadEnvelope>;
  /** Takes effect with the next decision; throws INVALID_MODE or INVALID_PERCENT. */
  setMigrationMode(mode: MigrationMode): void;
  readonly migrationMode: MigrationMode;
  /** Adds a listener; the function returned removes it. A listener that throws is counted and harms nobody. */
  on<E extends keyof CompatEvents>(event: E, listener: (detail: CompatEvents[E]) => void): () => void;
  /** Resolves when every call so far, the feed included, has ended. */
  drain(): Promise<void>;
  /** Refuses new calls, ends what is on its way and closes every connection; again does nothing. */
  close(): Promise<void>;
};

const laneBounds = { maxCalls: 64, maxBytes: 64 * 1024 * 1024 };
const smallCallBytes = 2_048;

/** A wrong value of a flag, or an unknown field of an answer, is told once; past this many the log has had its warning. */
const maxSaidOnce = 256;

function failureCode(error: unknown): string {
  return error instanceof CompatError || error instanceof ConversionError ? error.code : 'INTERNAL';
}

/** Builds the SDK from its options; throws a CompatError, or a ConversionError INVALID_FORK_SCHEDULE, with the option's path. No engine is contacted before the first call. */
export async function createLighthouseCompat(options: LighthouseCompatOptions): Promise<LighthouseCompat> {
  return compose(await parseConfig(options));
}

function compose(config: Config): LighthouseCompat {
  const { clock, logger, forks } = config;
  const metrics = config.registry === undefined ? undefined : createMetrics(config.registry);
  const listeners = createListeners((event, error) => {
    metrics?.listenerError(event);
    logger.error(`a listener of ${event} threw: ${error instanceof Error ? error.message : String(error)}`);
  });

  const said = new Set<string>();
  const warnOnce = (message: string): boolean => {
    if (said.has(message) || said.size >= maxSaidOnce) return false;
    said.add(message);
    logger.warn(message);
    return true;
  };

  const openEngine = (name: EngineName, { url, secret }: Config['v4']): EngineClient =>
    createEngineClient({
      name,
      transport: createHttpTransport({ engine: name, url, secret, maxResponseBytes: config.maxResponseBytes, clock }),
      clock,
      timeoutFactor: config.timeoutFactor,
      onUnknownField: (method, path) => {
        if (warnOnce(`${method} at engine ${name}: unknown field ${path} ignored`)) metrics?.unknownField(method);
      },
    });
  const engines: Readonly<Record<AdapterVersion, EngineClient>> = config.sharedEngine
    ? ((engine) => ({ v4: engine, v5: engine }))(openEngine('shared', config.v4))
    : { v4: openEngine('v4', config.v4), v5: openEngine('v5', config.v5) };
  const v4Lane = createLane(laneBounds);
  const arms: Readonly<Record<AdapterVersion, Arm>> = {
    v4: { adapter: createV4Adapter(engines.v4), engine: engines.v4.name, lane: v4Lane },
    v5: {
      adapter: createV5Adapter(engines.v5),
      engine: engines.v5.name,
      lane: config.sharedEngine ? v4Lane : createLane(laneBounds),
    },
  };

  const chain = createChainView(forks);
  const pins = createPayloadPins();
  const dispatcher = createDispatcher(arms, clock);
  let mode = config.mode;
  let v4IsFed = !config.sharedEngine;
  let closing: Promise<void> | undefined;

  if (metrics !== undefined) listeners.on('observation', metrics.observe);
  listeners.on('observation', ({ decision }) => {
    for (const { flagKey, problem } of decision.unusableFlags)
      warnOnce(`flag ${flagKey} cannot be used and counts as off: ${problem}`);
  });

  function endFeedOfV4(): void {
    if (!v4IsFed) return;
    v4IsFed = false;
    logger.warn(
      "the chain has reached Cancun, which v4's structures cannot express: v4's engine is no longer fed and cannot take over",
    );
    listeners.emit('standby', { engine: arms.v4.engine, state: 'unfed', reason: 'FORK' });
  }

  function assertOpen(): void {
    if (closing !== undefined) throw new CompatError('CLOSED', 'this instance has been closed');
  }

  function decide(
    call: { operation: Operation; fork: ServedFork; blockHash: Hash32 | null; payloadId: PayloadId | null },
    sessionId: string | null,
  ): Promise<Decision> {
    const { operation, fork, payloadId } = call;
    const blockHash = call.blockHash === null ? null : (call.blockHash.toLowerCase() as Hash32);
    const sticky = { operation, blockHash, payloadId, sessionId };
    return select(
      {
        operation,
        fork,
        pin: payloadId === null ? undefined : pins.find(payloadId),
        targetingKey: targetingKeyOf(sticky, config.stickiness, config.nodeId),
        sessionId,
      },
      { chain, flags: config.flags, nodeId: config.nodeId, mode: () => mode },
    );
  }

  function describe<T>(
    part: { arm: Arm; result: ArmResult<T> },
    tell: (value: T) => { status: PayloadStatus['status'] | null; builtHere: boolean },
  ): ArmObservation {
    const { arm, result } = part;
    const outcome = (): Outcome => {
      switch (result.kind) {
        case 'answered':
          return { kind: 'answered', ...tell(result.value) };
        case 'failed':
          return { kind: 'failed', code: failureCode(result.error) };
        case 'dropped':
          return { kind: 'dropped', reason: result.reason };
      }
    };
    return Object.freeze({
      adapter: arm.adapter.version,
      engine: arm.engine,
      durationMs: result.durationMs,
      outcome: Object.freeze(outcome()),
    });
  }

  function publish(
    operation: Operation,
    fork: ServedFork,
    decision: Decision,
    answering: ArmObservation,
    feed: ArmObservation | null,
  ): void {
    listeners.emit(
      'observation',
      Object.freeze({ operation, fork, decision: Object.freeze(decision), answering, feed }),
    );
  }

  async function newPayload(request: NewPayloadArguments, options: CallOptions = {}): Promise<PayloadStatus> {
    assertOpen();
    const { sessionId, signal } = checkCallOptions(options);
    const checked = checkNewPayloadRequest(request, forks);
    const { fork } = checked;
    const { blockHash, transactions } = checked.executionPayload;
    chain.seePayload(blockHash, fork);
    if (fork === 'cancun') endFeedOfV4();
    const tell = (arm: Arm) => (value: PayloadStatus) => ({
      status: value.status,
      builtHere: chain.builtBy(blockHash) === arm.engine,
    });
    return dispatcher.ordered<PayloadStatus>({
      bytes: transactions.reduce((sum, transaction) => sum + transaction.length, smallCallBytes),
      signal,
      select: () => decide({ operation: 'new_payload', fork, blockHash, payloadId: null }, sessionId),
      answer: (adapter) => adapter.newPayload(checked),
      feed: (adapter) => (adapter.version === 'v4' && !v4IsFed ? undefined : adapter.newPayload(checked)),
      onAnswer: () => {},
      onSettled: (decision, answering, feed) =>
        publish(
          'new_payload',
          fork,
          decision,
          describe(answering, tell(answering.arm)),
          feed && describe(feed, tell(feed.arm)),
        ),
    });
  }

  async function forkchoiceUpdated(
    forkchoiceState: ForkchoiceState | ForkchoiceStateV3,
    payloadAttributes?: PayloadAttributes | null,
    options: CallOptions = {},
  ): Promise<ForkchoiceUpdatedResult> {
    assertOpen();
    const { sessionId, signal } = checkCallOptions(options);
    const checked = checkForkchoiceUpdatedRequest(forkchoiceState, payloadAttributes, { schedule: forks, chain });
    const { fork } = checked.request;
    const blockHash = checked.request.forkchoiceState.headBlockHash;
    const tell = (value: ForkchoiceUpdatedResult) => ({ status: value.payloadStatus.status, builtHere: false });
    return dispatcher.ordered<ForkchoiceUpdatedResult>({
      bytes: smallCallBytes,
      signal,
      select: () => decide({ operation: 'forkchoice_updated', fork, blockHash, payloadId: null }, sessionId),
      answer: (adapter) => adapter.forkchoiceUpdated(checked.request),
      feed: (adapter) => (adapter.version === 'v4' && !v4IsFed ? undefined : adapter.forkchoiceUpdated(checked.feed)),
      onAnswer: ({ payloadStatus, payloadId }, arm, decision) => {
        if (payloadStatus.status === 'VALID') chain.seeValidHead(blockHash);
        if (payloadId !== null)
          pins.issue({ payloadId, engine: arm.engine, adapter: arm.adapter.version, fork, mode: decision.mode });
      },
      onSettled: (decision, answering, feed) =>
        publish('forkchoice_updated', fork, decision, describe(answering, tell), feed && describe(feed, tell)),
    });
  }

  async function getPayload(payloadId: PayloadId, options: CallOptions = {}): Promise<PayloadEnvelope> {
    assertOpen();
    const { sessionId, signal } = checkCallOptions(options);
    const id = checkPayloadId(payloadId, 'payloadId');
    const pin = pins.find(id);
    const fork = pin?.fork ?? chain.newestFork;

    const fetch = async (): Promise<PayloadEnvelope> => {
      const decision = await decide({ operation: 'get_payload', fork, blockHash: null, payloadId: id }, sessionId);
      const ask = async (arm: Arm): Promise<ArmResult<PayloadEnvelope>> => {
        const result = await sendCall(arm.adapter.getPayload({ fork, payloadId: id }), clock);
        if (result.kind === 'answered') chain.seeBuilt(result.value.executionPayload.blockHash, arm.engine);
        return result;
      };
      let arm = arms[decision.adapter];
      let result = await ask(arm);
      const other = arms[decision.adapter === 'v4' ? 'v5' : 'v4'];
      if (
        pin === undefined &&
        result.kind === 'failed' &&
        failureCode(result.error) === 'UNKNOWN_PAYLOAD' &&
        other.adapter.forks.has(fork)
      ) {
        arm = other;
        result = await ask(arm);
      }
      publish(
        'get_payload',
        fork,
        decision,
        describe({ arm, result }, () => ({ status: null, builtHere: false })),
        null,
      );
      return answerOf(result, arm);
    };
    return untilAborted(fetch(), signal);
  }

  return {
    newPayload,
    forkchoiceUpdated,
    getPayload,
    setMigrationMode(next) {
      const from = mode;
      mode = parseMigrationMode(next);
      listeners.emit('modeChanged', Object.freeze({ from, to: mode }));
    },
    get migrationMode() {
      return mode;
    },
    on: listeners.on,
    drain: () => dispatcher.settled(),
    close() {
      closing ??= (async () => {
        await Promise.all([...new Set(Object.values(engines))].map((engine) => engine.close()));
        await dispatcher.settled();
      })();
      return closing;
    },
  };
}
