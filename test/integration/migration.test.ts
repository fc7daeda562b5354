import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlockRecord, createBlockDriver, type Devnet, startDevnet } from '@lighthouse-compat/example-devnet';
import { fileJournal } from '@lighthouse-compat/operator';
import {
  createLighthouseCompat,
  type JournalRecord,
  type LighthouseCompat,
  MigrationController,
  type MigrationPlanOptions,
  type Observation,
} from '@lighthouse-compat/sdk';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createManualClock } from '../sdk/migration/observations.js';
import { type AnswerProxy, startAnswerProxy } from '../support/answerProxy.js';
import { type FaultProxy, startFaultProxy } from '../support/faultProxy.js';
import { localFlags } from '../support/localFlags.js';

const slotMs = 12_000;
const minutes = (count: number): number => count * 60_000;

/** A window of it is 50 blocks: each is a payload and a forkchoice at both engines. */
const plan: MigrationPlanOptions = {
  steps: [50, 100],
  incrementPoints: 50,
  firstStepMs: minutes(10),
  stepMs: minutes(8),
  parallel: { comparisons: 100, expectedMs: minutes(20) },
  checkEveryMs: minutes(600),
  health: { minimumSamples: 100 },
};

/** For what is not about speed: three clients share this machine's processors, and unevenly. */
const noSpeed: MigrationPlanOptions = { ...plan, health: { ...plan.health, latencyRegressionPercent: 1_000 } };

// What an engine needs for a block is a few milliseconds and scatters with the machine's load; a network between it and
// its caller makes a slowdown of a tenth a slowdown of a tenth.
const networkMs = 120;

type Name = 'v4' | 'v5' | 'builder';
let devnet: Devnet<Name>;
let proxies: { readonly v4: FaultProxy; readonly v5: FaultProxy };
let answers: AnswerProxy;
let nextBlock: () => Promise<BlockRecord>;
const parents: BlockRecord[] = [];

// The node of these tests proposes no block: a third client makes them, as the rest of a network would.
beforeAll(async () => {
  devnet = await startDevnet({ names: ['v4', 'v5', 'builder'] });
  const builder = { url: devnet.clients.builder.engineUrl, jwtSecretFile: devnet.clients.builder.jwtSecretFile };
  const network = await createLighthouseCompat({ v4: builder, v5: builder, forks: devnet.forks });
  const driver = createBlockDriver({ engine: network, devnet, transactionsPerBlock: 0 });
  nextBlock = async () => {
    const block = await driver.nextBlock();
    parents.push(block);
    return block;
  };
  proxies = {
    v4: await startFaultProxy(new URL(devnet.clients.v4.engineUrl)),
    v5: await startFaultProxy(new URL(devnet.clients.v5.engineUrl)),
  };
  answers = await startAnswerProxy(new URL(proxies.v5.url));
  return async () => {
    await network.close();
    await answers.close();
    await Promise.all([proxies.v4.close(), proxies.v5.close()]);
    await devnet.stop();
  };
});
const delay = (version: 'v4' | 'v5', delayMs: number): Promise<void> =>
  proxies[version].set({ kind: 'delay', delayMs, direction: 'response' });

/** Gives an engine what it has missed since an earlier test. */
async function heal(version: 'v4' | 'v5'): Promise<void> {
  const client = devnet.clients[version];
  const engine = { url: client.engineUrl, jwtSecretFile: client.jwtSecretFile };
  const own = await createLighthouseCompat({ v4: engine, v5: engine, forks: devnet.forks });
  const { number } = await client.rpc.head();
  for (const [at, { executionPayload, hash }] of [...parents.entries()].slice(Number(number))) {
    const settled = parents[at - 31]?.hash ?? devnet.genesisHash;
    await own.newPayload({ executionPayload });
    await own.forkchoiceUpdated({ headBlockHash: hash, safeBlockHash: settled, finalizedBlockHash: settled });
  }
  await own.close();
}

type Service = {
  readonly compat: LighthouseCompat;
  readonly controller: MigrationController;
  readonly clock: ReturnType<typeof createManualClock>;
  /** So many slots, each with a block and a tenth of a check; calls that fail are counted. */
  slots(count: number): Promise<number>;
  /** Slots until the state is of this kind, at most so many; checks every ten. */
  until(kind: string, mostSlots?: number): Promise<void>;
  journal(): Promise<readonly JournalRecord[]>;
};

/** A service at the head of the chain, with its controller. */
async function openService(planned: MigrationPlanOptions = plan, networkDelayMs = 0): Promise<Service> {
  answers.set({ kind: 'pass' });
  await Promise.all([delay('v4', networkDelayMs), delay('v5', networkDelayMs)]);
  await Promise.all([heal('v4'), heal('v5')]);
  const folder = await mkdtemp(join(tmpdir(), 'migration-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'migration.journal');
  const compat = await createLighthouseCompat({
    v4: { url: proxies.v4.url, jwtSecretFile: devnet.clients.v4.jwtSecretFile },
    v5: { url: answers.url, jwtSecretFile: devnet.clients.v5.jwtSecretFile },
    forks: devnet.forks,
    latchFile: join(folder, 'latch'),
  });
  onTestFinished(() => compat.close());
  const clock = createManualClock(Date.now());
  const controller = new MigrationController({ compat, journal: fileJournal({ path }), plan: planned, clock });
  onTestFinished(() => controller.close());

  async function slot(): Promise<void> {
    const { executionPayload, hash } = await nextBlock();
    const settled = parents.at(-32)?.hash ?? devnet.genesisHash;
    await compat.newPayload({ executionPayload });
    await compat.forkchoiceUpdated({ headBlockHash: hash, safeBlockHash: settled, finalizedBlockHash: settled });
  }
  async function slots(count: number): Promise<number> {
    let failed = 0;
    for (let made = 0; made < count; made += 1) {
      await slot().catch(() => {
        failed += 1;
      });
      clock.advance(slotMs);
    }
    await compat.drain();
    return failed;
  }
  await slots(2);
  return {
    compat,
    controller,
    clock,
    slots,
    async until(kind, mostSlots = 400) {
      for (let made = 0; made < mostSlots; made += 10) {
        if (controller.status.state.kind === kind) return;
        await slots(10);
        await controller.check();
      }
      throw new Error(`it is ${JSON.stringify(controller.status)} after ${mostSlots} slots`);
    },
    async journal() {
      await controller.close();
      const journal = fileJournal({ path });
      const { records } = await journal.open();
      await journal.close();
      return records;
    },
  };
}

/** A service whose plan a person has moved on to the canary, with a window of good blocks behind it. */
async function atCanary(
  planned = noSpeed,
  networkDelayMs = 0,
): Promise<Service & { readonly result: ReturnType<MigrationController['run']> }> {
  const service = await openService(planned, networkDelayMs);
  const result = service.controller.run({ by: 'ada' });
  result.catch(() => {});
  await expect.poll(() => service.controller.status.state.kind).toBe('parallel_testing');
  expect(await service.controller.promote({ by: 'ada' })).toMatchObject({ applied: true, state: { kind: 'canary' } });
  return { ...service, result };
}

/** The check that led to a rollback, as the journal has it. */
function explanation(records: readonly JournalRecord[]) {
  const { event, state } = records.find((record) => record.state.kind === 'rolling_back') ?? {};
  if (event?.type !== 'check' || state?.kind !== 'rolling_back') throw new Error('nothing was rolled back by a check');
  const decided = event.check.criteria.find(({ name }) => name === event.check.decidedBy);
  return { decided, isCritical: event.check.isCritical, reason: state.reason };
}

const heads = (): Promise<readonly string[]> =>
  Promise.all([devnet.clients.v4.rpc.head(), devnet.clients.v5.rpc.head()]).then((all) => all.map(({ hash }) => hash));

test('a whole migration to complete: within 2 h of plan time, v5 less than 5 % slower, nothing rolled back', async () => {
  const { compat, controller, until, journal } = await openService(plan, networkMs);
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  const result = controller.run({ by: 'ada' });
  await until('complete', 600);
  const ended = await result;
  expect(ended).toMatchObject({ success: true, rollbacksExecuted: 0 });
  expect(ended.rollbackReason).toBeUndefined();
  expect(ended.totalDurationMs).toBeLessThanOrEqual(minutes(120));
  expect(ended.performanceImpact).toBeLessThan(0.05);
  process.stdout.write(`whole migration: ${JSON.stringify(ended)}, ${parents.length} blocks\n`);
  expect(await controller.drill({ by: 'ada', live: true })).toMatchObject({ ok: true });
  expect(await controller.finalize({ by: 'ada' })).toMatchObject({ applied: true });
  const kinds = (await journal()).map(({ state }) => state.kind);
  expect([...new Set(kinds)]).toEqual(['parallel_testing', 'canary', 'gradual', 'completing', 'complete', 'finalized']);
  expect(seen.filter(({ answering: { outcome } }) => outcome.kind !== 'answered')).toEqual([]);
  const [v4, v5] = await heads();
  expect(v4).toBe(v5);
}, 600_000);

test('v5 becomes a tenth slower: rolled back, by the latency, with its figures', async () => {
  const { until, result, journal, compat } = await atCanary(plan, networkMs);
  // A tenth of what the network and the engine take together.
  await delay('v5', networkMs + 18);
  await until('rolled_back');
  expect(await result).toMatchObject({ success: false, rollbacksExecuted: 1 });
  expect(compat.latch).not.toBeNull();
  const { decided, reason } = explanation(await journal());
  expect(decided).toMatchObject({ name: 'latency', verdict: 'fail', limitPercent: 5 });
  expect(decided?.valuePercent).toBeGreaterThan(5);
  expect(decided?.lowerPercent).toBeGreaterThan(0);
  expect(reason).toMatch(/^fail: latency \d/);
  process.stdout.write(`a tenth slower: ${reason}\n`);
}, 300_000);

test('v5 answers with errors: no caller sees one, and it is rolled back by the error rate', async () => {
  const { until, slots, result, journal } = await atCanary();
  await slots(30);
  answers.set({ kind: 'fail', method: /^engine_newPayload/ });
  await until('rolled_back');
  expect(await result).toMatchObject({ success: false, rollbackDurationMs: expect.any(Number) });
  const { decided } = explanation(await journal());
  expect(decided).toMatchObject({ name: 'v5_errors', verdict: 'fail', limitPercent: 1, controlPercent: 0 });
  expect(decided?.valuePercent).toBeGreaterThan(1);
}, 300_000);

test('v5 contradicts v4 about one block: rolled back at once', async () => {
  const { slots, result, journal } = await atCanary();
  await slots(3);
  answers.set({ kind: 'invalid' });
  // A block that v4 answers: the caller of one that v5 answers gets its INVALID, as the rules say.
  const contradicted = slots(1);
  expect(await result).toMatchObject({ success: false });
  await contradicted;
  expect(explanation(await journal())).toMatchObject({ isCritical: true, reason: expect.stringContaining('critical') });
}, 120_000);

test("v5's client is killed: the calls go on by v4, and it is rolled back", async () => {
  const { slots, until, result, journal } = await atCanary();
  await slots(30);
  devnet.clients.v5.kill('SIGKILL');
  await devnet.clients.v5.exited;
  onTestFinished(() => devnet.clients.v5.restart());
  expect(await slots(10)).toBe(0);
  await until('rolled_back');
  expect(await result).toMatchObject({ success: false });
  expect(explanation(await journal()).decided?.name).toBe('v5_errors');
}, 300_000);

test("v4's client is killed: the plan is held with an alarm, not rolled back, and goes on when v4 is back", async () => {
  const { compat, slots, controller, until } = await atCanary();
  const alarms: string[] = [];
  controller.on('alarm', ({ code }) => alarms.push(code));
  await slots(10);
  devnet.clients.v4.kill('SIGKILL');
  await devnet.clients.v4.exited;
  // Fewer than are final: what is final is never given to an engine again.
  for (let n = 0; n < 2; n += 1) {
    await slots(10);
    await controller.check();
  }
  expect(controller.status.state).toMatchObject({
    kind: 'canary',
    held: { by: null, why: expect.stringContaining('V4_NOT_IN_STEP') },
  });
  expect(alarms).toContain('HELD');
  expect(await controller.rollback({ by: 'ada', reason: 'test' })).toMatchObject({
    refusal: { code: 'V4_NOT_IN_STEP' },
  });
  await devnet.clients.v4.restart();
  // It is brought back by replay while blocks go on.
  for (let n = 0; n < 20 && compat.standby().v4.state !== 'in_step'; n += 1) await slots(2);
  await controller.check();
  expect(controller.status.facts?.v4InStep).toBe(true);
  expect(controller.status.state).toMatchObject({ kind: 'canary', held: null });
  await until('gradual', 200);
}, 300_000);

test('paused by a person, with v5 failing: rolled back all the same', async () => {
  const { slots, until, controller, result, journal } = await atCanary();
  await slots(30);
  await controller.pause({ by: 'ada', why: 'night' });
  answers.set({ kind: 'fail', method: /^engine_newPayload/ });
  await until('rolled_back');
  expect(await result).toMatchObject({ success: false });
  const records = await journal();
  expect(records.map(({ event }) => event.type)).toContain('pause');
  expect(explanation(records).decided?.name).toBe('v5_errors');
}, 300_000);

test('too close to the fork: the start is refused with that reason, and nothing is written', async () => {
  const { controller, journal, compat } = await openService({
    ...plan,
    cancunTime: Math.floor(Date.now() / 1_000) + 3 * 3_600,
    forkMarginMs: minutes(180),
  });
  await expect(controller.run({ by: 'ada' })).rejects.toMatchObject({
    code: 'NOT_READY',
    problems: [{ path: 'time_before_fork' }],
  });
  expect(compat.migrationMode).toEqual({ kind: 'v4_only' });
  expect(await journal()).toEqual([]);
}, 60_000);

test.each([
  ['lighthouse_v5_primary alone lets v5 answer', { lighthouse_v5_primary: true }, 'v5', 'v5', false],
  ['lighthouse_parallel_mode alone asks both, and v4 answers', { lighthouse_parallel_mode: true }, 'v4', 'v4', true],
  ['new_payload_v5_only moves new_payload alone', { new_payload_v5_only: true }, 'v5', 'v4', false],
  ['with nothing else on v4 answers', {}, 'v4', 'v4', false],
] as const)(
  'with lighthouse_v5 on, %s',
  async (_what, flags, payloadAt, forkchoiceAt, isParallel) => {
    answers.set({ kind: 'pass' });
    await Promise.all([heal('v4'), heal('v5')]);
    const { client } = await localFlags({ lighthouse_v5: true, ...flags });
    const compat = await createLighthouseCompat({
      v4: { url: devnet.clients.v4.engineUrl, jwtSecretFile: devnet.clients.v4.jwtSecretFile },
      v5: { url: devnet.clients.v5.engineUrl, jwtSecretFile: devnet.clients.v5.jwtSecretFile },
      forks: devnet.forks,
      flags: client,
    });
    onTestFinished(() => compat.close());
    const seen: Observation[] = [];
    compat.on('observation', (observation) => seen.push(observation));
    // The first forkchoice of an instance says where each engine is.
    for (let n = 0; n < 3; n += 1) {
      const { executionPayload, hash } = await nextBlock();
      const settled = parents.at(-32)?.hash ?? devnet.genesisHash;
      await compat.newPayload({ executionPayload });
      await compat.forkchoiceUpdated({ headBlockHash: hash, safeBlockHash: settled, finalizedBlockHash: settled });
    }
    await compat.drain();
    const later = seen.slice(2);
    const at = (operation: string) =>
      new Set(later.filter((each) => each.operation === operation).map(({ answering }) => answering.engine));
    expect(at('new_payload')).toEqual(new Set([payloadAt]));
    expect(at('forkchoice_updated')).toEqual(new Set([forkchoiceAt]));
    if (isParallel) for (const { other } of later) expect(other?.outcome.kind).toBe('answered');
  },
  60_000,
);
