import type { PayloadId } from '@lighthouse-compat/conversions';
import type { CompatError, LighthouseCompat, MigrationMode, Observation } from '@lighthouse-compat/sdk';
import { compose } from '../../packages/sdk/src/compose.js';
import type { Config } from '../../packages/sdk/src/config.js';
import { silentLogger } from '../../packages/sdk/src/logger.js';
import { forks } from '../support/samples.js';
import type { AnswerOrder } from './answerOrder.js';
import {
  attributesForkOn,
  attributesOf,
  blocks,
  forkchoiceFor,
  forkOfBlock,
  parentBeaconBlockRoot,
  payloadFor,
} from './blocks.js';
import { createVirtualClock } from './clock.js';
import { createMemoryEngine, currentGetPayload, eightBytes } from './engines.js';
import { createModelFlags } from './flags.js';
import type { CallSpec, Ending, Happening, History, HistoryEvent, Setup } from './history.js';
import type { Action, Plan } from './plan.js';

const unknownId = (pick: number): PayloadId => eightBytes(0xff00n * 2n ** 48n + BigInt(pick));

const isFrozenThroughout = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozenThroughout));

const stickinessOf: Readonly<Record<Setup['stickiness'], Config['stickiness']>> = {
  block: 'block',
  node: 'node',
  session: ({ sessionId }) => sessionId ?? '',
};

/** How long v5 has where the mode falls back. */
const fallbackAfterMs = 2_000;

export const nodeId = 'node-1';

/** Plays a plan against the SDK and tells everything that happened; `scheduler` chooses in which order engines and flags answer. */
export async function play(plan: Plan, scheduler: AnswerOrder): Promise<History> {
  const { setup } = plan;
  const events: HistoryEvent[] = [];
  const clock = createVirtualClock();
  const note = (happening: Happening): void => {
    events.push({ ...happening, seq: events.length, atMs: clock.nowMs() });
  };
  const escaped = (how: string) => (error: unknown) => note({ kind: 'escaped', how, error });
  const onRejection = escaped('unhandled rejection');
  const onException = escaped('uncaught exception');
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);

  const flags =
    setup.flags === null
      ? undefined
      : createModelFlags({ settings: setup.flags, scheduler: setup.flagsTakeTime ? scheduler : null, note });

  let sends = 0;
  const nextSend = (): number => {
    sends += 1;
    return sends;
  };
  const isShared = setup.topology === 'shared';
  const common = { scheduler, clock, nextSend, note };
  const engineOf = (name: 'v4' | 'v5' | 'shared') =>
    createMemoryEngine({ ...common, name, scripts: plan.scripts[name === 'v5' ? 'v5' : 'v4'] });
  const first = engineOf(isShared ? 'shared' : 'v4');
  const engines = { v4: first, v5: isShared ? first : engineOf('v5') };

  const url = (name: string) => ({ url: new URL(`http://${isShared ? 'shared' : name}`), secret: new Uint8Array(32) });
  const config: Config = {
    v4: url('v4'),
    v5: url('v5'),
    sharedEngine: isShared,
    forks,
    flags: flags?.client,
    mode: setup.mode,
    stickiness: stickinessOf[setup.stickiness],
    nodeId: setup.stickiness === 'node' ? nodeId : null,
    standby: setup.topology === 'split_cold' ? 'cold' : 'warm',
    latchFile: null,
    registry: undefined,
    logger: silentLogger,
    clock,
    timeoutFactor: 1,
    fallbackAfterMs,
    // Replay has a model of its own, over engines that know of chains.
    replay: { maxPayloads: 0, maxBytes: 1 },
    maxResponseBytes: 1_000_000,
    report: false,
  };
  const compat: LighthouseCompat = compose(config, setup.latched ? { reason: 'kept', sinceMs: 0 } : null, () => ({
    v4: engines.v4.clientOf('v4'),
    v5: engines.v5.clientOf('v5'),
  }));
  compat.on('divergence', (observation) => note({ kind: 'diverged', observation }));
  const throwing = (): void => {
    if (setup.listenerThrows) throw new Error('a listener threw');
  };
  compat.on('standby', throwing);
  compat.on('divergence', throwing);
  compat.on('modeChanged', throwing);
  compat.on('observation', throwing);
  compat.on('observation', (observation: Observation) =>
    note({
      kind: 'observed',
      observation,
      isFrozen: isFrozenThroughout(observation),
      getPayload: observation.operation === 'get_payload' ? (currentGetPayload.getStore() ?? null) : null,
    }),
  );

  const issued: PayloadId[] = [];
  const waiting = new Map<number, AbortController>();
  const seenBlocks = new Set<number>();
  let calls = 0;
  let others = 0;

  const quiet = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    note({ kind: 'quiet', stats: compat.stats(), standby: compat.standby() });
  };

  function begin(spec: CallSpec): void {
    calls += 1;
    const call = calls;
    const controller = new AbortController();
    waiting.set(call, controller);
    note({ kind: 'entered', call, spec, stats: compat.stats() });
    const settle = (ending: Ending): void => {
      waiting.delete(call);
      note({ kind: 'settled', call, ending });
    };
    const options = { signal: controller.signal, ...(spec.session === null ? {} : { sessionId: spec.session }) };
    const make = (): Promise<unknown> => {
      switch (spec.operation) {
        case 'new_payload': {
          seenBlocks.add(spec.block);
          const root = forkOfBlock(spec.block) === 'cancun' ? { parentBeaconBlockRoot } : {};
          return compat.newPayload({ executionPayload: payloadFor(spec.block, call), ...root }, options);
        }
        case 'forkchoice_updated': {
          const attributes = spec.attributesFork === null ? null : attributesOf[spec.attributesFork];
          const built = compat.forkchoiceUpdated(forkchoiceFor(spec.head, call, spec.justified), attributes, options);
          return built.then((result) => {
            if (result.payloadId !== null) issued.push(result.payloadId);
            return result;
          });
        }
        case 'get_payload':
          return currentGetPayload.run(call, () => compat.getPayload(spec.payloadId, options));
      }
    };
    try {
      make().then(
        (value) => settle({ kind: 'value', value }),
        (error: unknown) => settle({ kind: 'error', error }),
      );
    } catch (error) {
      note({ kind: 'escaped', how: `call ${call} threw`, error });
    }
  }

  async function answerOne(): Promise<boolean> {
    if (scheduler.count() === 0) return false;
    await scheduler.waitOne();
    await quiet();
    return true;
  }

  /** What can happen without time happens first, so that durations are exact. */
  async function advanceTo(ms: number): Promise<void> {
    await quiet();
    for (let due = clock.nextDueMs; due !== undefined && due <= ms; due = clock.nextDueMs) {
      clock.fireNext();
      await quiet();
    }
    clock.moveTo(ms);
    await quiet();
  }

  /** Lets everything be answered, and what is not answered expire. */
  async function finish(): Promise<void> {
    for (;;) {
      await quiet();
      while (await answerOne());
      const due = clock.nextDueMs;
      if (due === undefined) return;
      await advanceTo(due);
    }
  }

  const fcu = (
    head: number,
    builds: 'no' | 'next' | 'crossing',
    justified: boolean,
    session: string | null,
  ): CallSpec => {
    // The fork of a head of which no payload was seen is a guess, and a build on a guess is no caller's call.
    const canBuild = head !== blocks.unseen && seenBlocks.has(head);
    const attributesFork = builds === 'no' || !canBuild ? null : attributesForkOn(head, builds === 'crossing');
    return { operation: 'forkchoice_updated', head, attributesFork, justified, session };
  };

  function setMode(mode: MigrationMode): void {
    const isAllowed = setup.topology !== 'split_cold' || mode.kind === 'v4_only' || mode.kind === 'v5_only';
    // Noted first: what waits is decided again before the call returns.
    if (isAllowed) note({ kind: 'mode', mode });
    try {
      compat.setMigrationMode(mode);
      if (!isAllowed) note({ kind: 'escaped', how: 'setMigrationMode', error: 'a cold standby allowed it' });
    } catch (error) {
      const isRefusal = (error as CompatError).code === 'INVALID_MODE' && !isAllowed;
      if (!isRefusal) note({ kind: 'escaped', how: 'setMigrationMode', error });
    }
  }

  async function act(action: Action): Promise<void> {
    switch (action.kind) {
      case 'newPayload':
        return begin({ operation: 'new_payload', block: action.block, session: action.session });
      case 'forkchoiceUpdated':
        return begin(fcu(action.head, action.builds, action.justified, action.session));
      case 'getPayload': {
        const payloadId = action.known ? issued[action.pick % Math.max(issued.length, 1)] : undefined;
        return begin({
          operation: 'get_payload',
          payloadId: payloadId ?? unknownId(action.pick),
          session: action.session,
        });
      }
      case 'import':
        begin({ operation: 'new_payload', block: action.block, session: null });
        return begin(fcu(action.block, action.builds ? 'next' : 'no', false, null));
      case 'burst': {
        const newest = issued.at(-1);
        if (action.of === 'newPayload') {
          for (let n = 0; n < 66; n += 1)
            begin({ operation: 'new_payload', block: blocks.firstOfBurst + n, session: null });
        } else if (newest !== undefined) {
          for (let n = 0; n < 10; n += 1) begin({ operation: 'get_payload', payloadId: newest, session: null });
        }
        return;
      }
      case 'decide': {
        others += 1;
        const ask = others;
        const isPayload = action.of === 'newPayload';
        const spec: CallSpec = isPayload
          ? { operation: 'new_payload', block: action.block, session: null }
          : fcu(action.block, 'no', false, null);
        note({ kind: 'deciding', ask, spec });
        const root = forkOfBlock(action.block) === 'cancun' ? { parentBeaconBlockRoot } : {};
        const decision = isPayload
          ? compat.decide('new_payload', { executionPayload: payloadFor(action.block, 0), ...root })
          : compat.decide('forkchoice_updated', { forkchoiceState: forkchoiceFor(action.block, 0, false) });
        decision.then((value) => note({ kind: 'decided', ask, decision: value }), escaped('decide'));
        return;
      }
      case 'setMode':
        return setMode(action.mode);
      case 'setFlag':
        // Whether a silent change is seen by an evaluation that is under way nobody can tell.
        flags?.set(
          action.flag,
          action.setting,
          action.isSilent && flags.underWay === 0 && events.at(-1)?.kind === 'quiet',
        );
        return;
      case 'rollback':
        note({ kind: 'latched' });
        void compat.rollback('the model said so');
        return;
      case 'clearLatch':
        note({ kind: 'clearing' });
        compat
          .clearLatch({ by: 'ada', reason: 'the model said so' })
          .then(() => note({ kind: 'cleared', isLatched: compat.latch !== null }), escaped('clearLatch'));
        return;
      case 'abort': {
        const call = [...waiting.keys()][action.pick % Math.max(waiting.size, 1)];
        if (call === undefined) return;
        note({ kind: 'aborted', call });
        waiting.get(call)?.abort();
        return;
      }
      case 'answer':
        for (let n = 0; n < action.count && (await answerOne()); n += 1);
        return;
      case 'advance':
        return advanceTo(clock.nowMs() + action.ms);
      case 'drain': {
        others += 1;
        const drain = others;
        note({ kind: 'draining', drain });
        compat
          .drain({ deadlineMs: action.deadlineMs })
          .then((result) => note({ kind: 'drained', drain, result }), escaped('drain'));
        return;
      }
      case 'close':
        note({ kind: 'closing' });
        compat.close().then(() => note({ kind: 'closed' }), escaped('close'));
        return;
    }
  }

  try {
    if (plan.isPrimed) {
      engines.v4.primed = true;
      engines.v5.primed = true;
      await act({ kind: 'import', block: 3, builds: false });
      await finish();
      engines.v4.primed = false;
      engines.v5.primed = false;
    }
    if (setup.frozen !== null) engines[setup.frozen].freeze();
    await quiet();
    for (const { action, turns } of plan.steps) {
      await act(action);
      if (turns === null) await quiet();
      else for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    }
    await quiet();
    do await finish();
    while (engines.v4.thaw() || engines.v5.thaw());
    await quiet();
  } finally {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  }
  return { setup, events };
}
