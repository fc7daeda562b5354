import type { MigrationMode } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compose } from '../../../packages/sdk/src/compose.js';
import { silentLogger } from '../../../packages/sdk/src/logger.js';
import { forks } from '../../support/samples.js';
import type { AnswerOrder } from '../answerOrder.js';
import { createVirtualClock } from '../clock.js';
import { createChain, finalizedDepth } from './chain.js';
import { type ChainEngine, createChainEngine } from './chainEngine.js';

const runs = Number(process.env['LIGHTHOUSE_COMPAT_MODEL_RUNS'] ?? 2_000);
const seed = Number(process.env['LIGHTHOUSE_COMPAT_MODEL_SEED'] ?? Date.now() % 2 ** 31);

type Version = 'v4' | 'v5';
type Action =
  /** A block is imported by payload and forkchoice; `back`: on an ancestor of the newest block. */
  | { readonly kind: 'import'; readonly back: number }
  | { readonly kind: 'payloadAlone' }
  | { readonly kind: 'restart'; readonly version: Version; readonly lose: number }
  | { readonly kind: 'outage'; readonly version: Version; readonly calls: number }
  | { readonly kind: 'mode'; readonly mode: MigrationMode }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'answer'; readonly count: number }
  | { readonly kind: 'finish' };

const version = fc.constantFrom<Version>('v4', 'v5');
const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
  { weight: 14, arbitrary: fc.record({ kind: fc.constant('import'), back: fc.constantFrom(0, 0, 0, 0, 0, 1, 3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('payloadAlone') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart'), version, lose: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('outage'), version, calls: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('mode'),
      mode: fc.constantFrom('v4_only', 'v5_only', 'parallel', 'v5_primary').map((kind) => ({ kind }) as MigrationMode),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback') }) },
  { weight: 14, arbitrary: fc.record({ kind: fc.constant('answer'), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish') }) },
);

async function play(actions: readonly Action[], scheduler: AnswerOrder) {
  const chain = createChain();
  const engines = {
    v4: createChainEngine({ name: 'v4', chain, scheduler }),
    v5: createChainEngine({ name: 'v5', chain, scheduler }),
  };
  const clock = createVirtualClock();
  const url = (name: string) => ({ url: new URL(`http://${name}`), secret: new Uint8Array(32) });
  const compat = compose(
    {
      v4: url('v4'),
      v5: url('v5'),
      sharedEngine: false,
      forks,
      flags: undefined,
      mode: { kind: 'v4_only' },
      stickiness: 'block',
      nodeId: null,
      standby: 'warm',
      latchFile: null,
      registry: undefined,
      logger: silentLogger,
      clock,
      timeoutFactor: 1,
      fallbackAfterMs: 2_000,
      replay: { maxPayloads: 64, maxBytes: 1_000_000 },
      maxResponseBytes: 1_000_000,
      report: false,
    },
    null,
    () => ({ v4: engines.v4.client, v5: engines.v5.client }),
  );
  let calls = 0;
  let settled = 0;
  const make = (call: Promise<unknown>): void => {
    calls += 1;
    const end = (): void => {
      settled += 1;
    };
    call.then(end, end);
  };
  const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
  async function answer(count: number): Promise<void> {
    for (let n = 0; n < count && scheduler.count() > 0; n += 1) {
      await scheduler.waitOne();
      await turn();
    }
  }
  async function finish(): Promise<void> {
    await turn();
    while (scheduler.count() > 0) await answer(1);
  }
  function importNext(back: number): void {
    const block = chain.grow(back);
    make(compat.newPayload({ executionPayload: chain.payloadOf(block) }));
    make(compat.forkchoiceUpdated(chain.forkchoiceOf(block)));
  }

  for (const step of actions) {
    switch (step.kind) {
      case 'import':
        importNext(step.back);
        break;
      case 'payloadAlone':
        make(compat.newPayload({ executionPayload: chain.payloadOf(chain.grow(0)) }));
        break;
      case 'restart':
        engines[step.version].restart(step.lose);
        break;
      case 'outage':
        engines[step.version].failNext(step.calls);
        break;
      case 'mode':
        compat.setMigrationMode(step.mode);
        break;
      case 'rollback':
        void compat.rollback('the model said so');
        break;
      case 'answer':
        await answer(step.count);
        break;
      case 'finish':
        await finish();
        break;
    }
  }
  // From here on nothing fails any more, and calls go on.
  for (const each of [engines.v4, engines.v5]) each.failNext(0);
  for (let n = 0; n < 4; n += 1) {
    await finish();
    importNext(0);
  }
  await finish();
  return { chain, engines, standby: compat.standby(), stats: compat.stats(), calls, settled };
}

type Played = Awaited<ReturnType<typeof play>>;

/** The order in which an engine first heard of the blocks; what was sent while it was down counts, as its caller's order is kept there too. */
function firstHeard({ received }: ChainEngine): readonly number[] {
  return [...new Set(received.filter(({ kind }) => kind === 'payload').map(({ block }) => block))];
}

/** Blocks that were sent again although they are below what is final by the last forkchoice before them. */
function belowFinalized({ received }: ChainEngine): readonly number[] {
  const heard = new Set<number>();
  let finalized = 0;
  return received.flatMap((call) => {
    if (call.finalized !== null) finalized = call.finalized;
    if (call.kind === 'forkchoice') return [];
    const isAgain = heard.has(call.block);
    heard.add(call.block);
    return isAgain && call.block < finalized ? [call.block] : [];
  });
}

function check({ chain, engines, standby, stats, calls, settled }: Played): void {
  expect(settled, 'every call is answered').toBe(calls);
  for (const version of ['v4', 'v5'] as const) {
    const engine = engines[version];
    expect(engine.mostAtOnce, `${version} gets one call at a time`).toBeLessThanOrEqual(1);
    const heard = firstHeard(engine);
    expect(heard, `${version} hears of the blocks in the caller's order`).toEqual([...heard].sort((a, b) => a - b));
    expect(belowFinalized(engine), `${version} is given nothing below what is final`).toEqual([]);
  }
  const hasMissedTooMuch = (version: Version): boolean =>
    chain.ancestorsOf(chain.newest).filter((block) => !engines[version].has(block)).length >= finalizedDepth;
  for (const version of ['v4', 'v5'] as const) {
    if (hasMissedTooMuch(version)) continue;
    expect(standby[version].state, `${version} has come back`).toBe('in_step');
    expect(engines[version].head, `${version} has the newest head`).toBe(chain.newest);
  }
  expect(stats.lanes, 'nothing is left waiting').toEqual({ v4: { calls: 0, bytes: 0 }, v5: { calls: 0, bytes: 0 } });
  expect(stats.detachedSends).toBe(0);
}

test(
  'whatever an engine misses, it is brought back in order while calls go on',
  async () => {
    process.stdout.write(`replay model: ${runs} runs, seed ${seed}\n`);
    let replayed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(action, { minLength: 5, maxLength: 40, size: 'max' }),
        async (scheduler, actions) => {
          const played = await play(actions, scheduler);
          replayed += played.stats.replays.v4.payloads + played.stats.replays.v5.payloads;
          check(played);
        },
      ),
      { numRuns: runs, seed },
    );
    // A model in which nothing is ever replayed would prove nothing.
    expect(replayed).toBeGreaterThan(runs);
  },
  Math.max(60_000, runs * 200),
);
