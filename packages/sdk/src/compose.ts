import { createV4Adapter } from './adapters/v4Adapter.js';
import { createV5Adapter } from './adapters/v5Adapter.js';
import type { Config } from './config.js';
import type { Arms } from './dispatch/arm.js';
import { createDetachedSends } from './dispatch/detachedSends.js';
import { createDispatcher } from './dispatch/dispatcher.js';
import { inspectEngine } from './engine/inspectEngine.js';
import { createLane } from './engine/lane.js';
import { type EngineMethod, engineMethods } from './engine/methods.js';
import type { OpenEngines } from './engine/openEngines.js';
import { CompatError } from './errors.js';
import { createListeners } from './events.js';
import { createStats } from './instanceStats.js';
import type { LighthouseCompat } from './lighthouseCompat.js';
import { createMetrics } from './metrics/metrics.js';
import { publishCall } from './observer.js';
import type { CallContext } from './operations/callContext.js';
import { createDecide } from './operations/decide.js';
import { createForkchoiceUpdated } from './operations/forkchoiceUpdated.js';
import { createGetPayload } from './operations/getPayload.js';
import { createNewPayload } from './operations/newPayload.js';
import { createReplayBuffer } from './replay/replayBuffer.js';
import { createReplays } from './replay/replays.js';
import { createLiveReport } from './report/liveReport.js';
import { createRollbackCommands } from './rollback/rollbackCommands.js';
import { createVerifyRollback } from './rollback/verifyRollback.js';
import { createSayOnce } from './sayOnce.js';
import { createChainView } from './selection/chainView.js';
import { createEngineStates } from './selection/engineStates.js';
import { createFlagSource } from './selection/flagSource.js';
import { createLastForkchoices } from './selection/lastForkchoices.js';
import { createLatch, type Latch } from './selection/latch.js';
import { parseMigrationMode, requireAllowed } from './selection/migrationMode.js';
import { createPayloadPins } from './selection/payloadPins.js';
import { type Decision, select, whenSelected } from './selection/select.js';
import { targetingKeyOf } from './selection/targetingKey.js';
import { createCallCounter } from './stats.js';

const laneBounds = { maxCalls: 64, maxBytes: 64 * 1024 * 1024 };
const nothingKept = { maxPayloads: 0, maxBytes: 0 };
const drainDeadlineMs = 10_000;

/** Puts the parts together over the engines that `open` opens: the composition root. */
export function compose(config: Config, initialLatch: Latch | null, open: OpenEngines): LighthouseCompat {
  const { clock, logger, forks, sharedEngine, standby } = config;

  const metrics = config.registry === undefined ? undefined : createMetrics(config.registry);
  const listeners = createListeners((event, error) => {
    metrics?.listenerError(event);
    logger.error(`a listener of ${event} threw: ${error instanceof Error ? error.message : String(error)}`);
  });
  const sayOnce = createSayOnce(logger);

  const engines = open(config, (engine, method, path) => {
    if (sayOnce(`${method} at engine ${engine}: unknown field ${path} ignored`)) metrics?.unknownField(method);
  });
  const laneClock = config.registry === undefined ? null : clock;
  const v4Lane = createLane(laneBounds, laneClock);
  const arms: Arms = {
    v4: { version: 'v4', adapter: createV4Adapter(engines.v4), engine: engines.v4.name, lane: v4Lane },
    v5: {
      version: 'v5',
      adapter: createV5Adapter(engines.v5),
      engine: engines.v5.name,
      lane: sharedEngine ? v4Lane : createLane(laneBounds, laneClock),
    },
  };

  const chain = createChainView(forks);
  const pins = createPayloadPins();
  const latch = createLatch(initialLatch, config.latchFile);
  const states = createEngineStates({
    engines: { v4: engines.v4.name, v5: engines.v5.name },
    sharedEngine,
    standby,
    isPastV4: chain.cancunHeadWasValid,
    onChange: (state) => {
      if (state.because === 'fork') {
        logger.warn(
          "the chain has reached Cancun, which v4's structures cannot express: v4's engine is no longer fed and cannot take over",
        );
      }
      if (state.state === 'lost') {
        logger.error(
          `engine ${state.engine} is lost: it has missed more than is kept for it, and cannot take over until it has found its own way back`,
        );
      }
      listeners.emit('standby', state);
    },
  });
  const dispatcher = createDispatcher({
    arms,
    clock,
    fallbackAfterMs: config.fallbackAfterMs,
    guard: {
      mayTakeOver: states.mayTakeOver,
      mustNotAnswer: states.mustNotAnswer,
      overflowed: (version) => states.record(version, 'overflow'),
    },
  });
  const flags = config.flags === undefined ? undefined : createFlagSource(config.flags, clock);
  const detached = createDetachedSends(clock);
  const lastForkchoices = createLastForkchoices();
  // An engine that is not fed is never brought back either.
  const buffer = createReplayBuffer(sharedEngine || standby === 'cold' ? nothingKept : config.replay);
  const replays = createReplays({
    arms,
    clock,
    buffer,
    states,
    lastForkchoices,
    onEnd: (version, { outcome, payloads }) => {
      const engine = arms[version].engine;
      metrics?.replayed(engine, outcome, payloads);
      if (outcome === 'in_step') logger.info(`engine ${engine} is in step again: ${payloads} payloads replayed`);
    },
  });
  const counter = createCallCounter();
  let mode = config.mode;
  let closing: Promise<void> | undefined;

  if (metrics !== undefined) {
    listeners.on('observation', metrics.observe);
    listeners.on('standby', metrics.standbyChanged);
  }
  if (initialLatch !== null)
    logger.warn(`the rollback latch is set (${initialLatch.reason}): v4 answers until it is cleared`);

  const observers = { listeners, counter };
  const tellUnusable = ({ unusableFlags }: Decision): void => {
    for (const { flagKey, problem, value } of unusableFlags)
      sayOnce(`flag ${flagKey} cannot be used and counts as off: ${problem}${value === null ? '' : ` (${value})`}`);
  };
  const sources = {
    chain,
    pins,
    flags,
    nodeId: config.nodeId,
    standby,
    isLatched: () => latch.state() !== null,
    mode: () => mode,
  };
  const context: CallContext = {
    assertOpen() {
      if (closing !== undefined) throw new CompatError('CLOSED', 'this instance has been closed');
    },
    inputOf(facts) {
      const { operation, fork, payloadId, sessionId } = facts;
      const targetingKey = targetingKeyOf(facts, config.stickiness, config.nodeId);
      return { operation, fork, payloadId, targetingKey, sessionId };
    },
    select: (input) => select(input, sources),
    whenSelected: (input, selected) => whenSelected(input, sources, selected),
    publish(settled, view) {
      tellUnusable(settled.decision);
      // A cold standby has no part in any call.
      publishCall(standby === 'cold' ? { ...settled, other: null, parts: null } : settled, view, observers);
    },
  };

  const timeoutOf = (method: EngineMethod): number => engineMethods[method].timeoutMs * config.timeoutFactor;

  /** What ends at one engine may begin something at the other: until both are idle at once. */
  async function settleAll(): Promise<void> {
    while (arms.v4.lane.calls() + arms.v5.lane.calls() + detached.underWay() > 0) {
      await Promise.all([arms.v4.lane.settled(), arms.v5.lane.settled(), detached.settled()]);
    }
  }

  const stats = createStats({ counter, arms, detached, pins, buffer, replays, flags });
  metrics?.watch(
    {
      clock,
      arms: sharedEngine ? [arms.v4] : [arms.v4, arms.v5],
      stats,
      standby: () => (sharedEngine ? [] : Object.values(states.snapshot())),
      latch: latch.state,
      mode: () => mode,
    },
    config.flags,
  );

  return {
    newPayload: createNewPayload({
      context,
      forks,
      chain,
      states,
      dispatcher,
      sharedEngine,
      replayBuffer: buffer,
      timeoutMs: timeoutOf('engine_newPayloadV2'),
    }),
    forkchoiceUpdated: createForkchoiceUpdated({
      context,
      forks,
      chain,
      pins,
      states,
      dispatcher,
      replays,
      lastForkchoices,
      timeoutMs: timeoutOf('engine_forkchoiceUpdatedV2'),
    }),
    getPayload: createGetPayload({
      context,
      chain,
      pins,
      states,
      arms,
      detached,
      clock,
      timeoutMs: timeoutOf('engine_getPayloadV2'),
    }),
    decide: createDecide({ context, forks, chain, pins, states }),
    setMigrationMode(next) {
      const parsed = parseMigrationMode(next);
      requireAllowed(parsed, standby, 'mode');
      const from = mode;
      mode = parsed;
      flags?.invalidate();
      listeners.emit('modeChanged', Object.freeze({ from, to: parsed }));
    },
    get migrationMode() {
      return mode;
    },
    ...createRollbackCommands({
      latch,
      clock,
      logger,
      listeners,
      dispatcher,
      chain,
      lastForkchoices,
      context,
      sources,
    }),
    verifyRollback: createVerifyRollback({
      arms,
      clock,
      chain,
      states,
      lastForkchoices,
      replays,
      isClosed: () => closing !== undefined,
    }),
    get latch() {
      return latch.state();
    },
    standby: states.snapshot,
    async inspectEngines() {
      const ask = (version: 'v4' | 'v5') => inspectEngine({ engine: engines[version].name, ...config[version], clock });
      const [v4, v5] = await Promise.all([ask('v4'), ask('v5')]);
      return { v4, v5 };
    },
    stats,
    report: createLiveReport(config.report, listeners, clock),
    on: listeners.on,
    async drain({ deadlineMs = drainDeadlineMs } = {}) {
      const drained = await new Promise<boolean>((resolve) => {
        const cancel = clock.setTimer(() => resolve(false), deadlineMs);
        void settleAll().then(() => {
          cancel();
          resolve(true);
        });
      });
      return { drained, left: { v4: arms.v4.lane.calls(), v5: arms.v5.lane.calls(), detached: detached.underWay() } };
    },
    close() {
      closing ??= (async () => {
        flags?.close();
        await Promise.all([...new Set(Object.values(engines))].map((engine) => engine.close()));
        await settleAll();
        metrics?.close();
      })();
      return closing;
    },
  };
}
