import { isDeepStrictEqual } from 'node:util';
import {
  type Actuator,
  type Adoption,
  CompatError,
  compatActuator,
  type Journal,
  memoryJournal,
  percentOf,
  type SettableTarget,
} from '@lighthouse-compat/sdk';
import { ProviderEvents } from '@openfeature/server-sdk';
import { expect, test } from 'vitest';
import { gate } from '../../support/gate.js';
import { localFlags } from '../../support/localFlags.js';
import { openMigration, serveChain, shortPlan } from './migration.js';

/** From nothing to the state in which v5 answers 10 %. */
async function atCanary(options: Parameters<typeof openMigration>[0] = {}) {
  const migration = await openMigration(options);
  await migration.blocks(1);
  const result = migration.controller.run({ by: 'ada' });
  result.catch(() => {});
  await expect.poll(() => migration.kind).toBe('parallel_testing');
  await migration.step();
  expect(migration.kind).toBe('canary');
  return Object.assign(migration, { result });
}

test('a run goes through its phases, every one in the journal before it takes effect, and ends with its result', async () => {
  const records = memoryJournal();
  const order: string[] = [];
  const journal: Journal = {
    ...records,
    async append(record) {
      await records.append(record);
      order.push(`written ${record.state.kind}`);
    },
  };
  const migration = await openMigration({ journal });
  const { compat, controller, blocks, step } = migration;
  compat.on('modeChanged', ({ to }) => order.push(to.kind === 'canary' ? `canary ${to.percent}` : to.kind));
  await blocks(1);
  const result = controller.run({ by: 'ada' });
  await expect.poll(() => migration.kind).toBe('parallel_testing');
  for (let n = 0; n < 6 && migration.kind !== 'complete'; n += 1) await step();
  expect(await result).toMatchObject({
    success: true,
    totalDurationMs: 240_000,
    rollbacksExecuted: 0,
    performanceImpact: expect.any(Number),
  });
  expect(order).toEqual([
    'v4_only',
    'written parallel_testing',
    'parallel',
    'written canary',
    'canary 10',
    'written gradual',
    'canary 100',
    'written completing',
    'written complete',
  ]);
  expect(await controller.finalize({ by: 'ada' })).toMatchObject({ applied: true, state: { kind: 'finalized' } });
  expect(compat.migrationMode).toEqual({ kind: 'v5_only' });
  expect(records.records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(records.records[1]?.event).toMatchObject({
    type: 'check',
    check: { verdict: 'pass', criteria: expect.any(Array) },
  });
});

test('the performance impact of a run is none of an earlier one, also where the controller was made anew in between', async () => {
  const migration = await openMigration();
  const { controller, journal, blocks, step } = migration;
  const begin = async (): Promise<void> => {
    controller.run({ by: 'ada' }).catch(() => {});
    await expect.poll(() => migration.kind).toBe('parallel_testing');
  };
  const rollBack = async () => {
    const ended = controller.ended();
    await controller.rollback({ by: 'ada', reason: 'a wish' });
    return ended;
  };
  await blocks(1);
  await begin();
  await step();
  expect((await rollBack()).performanceImpact).toEqual(expect.any(Number));
  await controller.clear({ by: 'ada', reason: 'again' });
  await begin();
  expect((await rollBack()).performanceImpact).toBeNull();
  await controller.close();

  const again = await openMigration({ journal });
  await again.controller.open();
  expect((await again.controller.ended()).performanceImpact).toBeNull();
});

test('a start that is not ready is refused with everything that is in its way, and nothing has changed', async () => {
  const migration = await openMigration();
  const { compat, controller, v5 } = migration;
  serveChain(v5, { genesis: 7, head: 8 });
  v5.offer(['engine_newPayloadV2']);
  const error = await controller.run().catch((refused: unknown) => refused);
  if (!(error instanceof CompatError)) throw error;
  expect(error.code).toBe('NOT_READY');
  expect(error.problems?.map(({ path }) => path)).toEqual(['v5_methods', 'same_chain', 'same_head', 'standby']);
  expect(migration.kind).toBe('pre_migration');
  expect(compat.migrationMode).toEqual({ kind: 'v4_only' });
  expect(migration.journal.records).toEqual([]);
});

test('an engine that is away, or refuses the token, is told apart', async () => {
  const { controller, v4, v5 } = await openMigration();
  v4.onRaw('engine_exchangeCapabilities', (response) => void response.writeHead(401).end());
  await v5.stop();
  const { ready, checks } = await controller.readiness();
  expect(ready).toBe(false);
  const detail = (name: string) => checks.find((check) => check.name === name)?.detail;
  expect(detail('v4_engine')).toMatch(/^UNAUTHORIZED/);
  expect(detail('v5_engine')).toMatch(/^CONNECTION_FAILED/);
});

test('a clock that is over 30 s away, a latch, and too little time before Cancun are reasons not to start', async () => {
  const { controller, compat, v4 } = await openMigration({
    controller: { plan: { ...shortPlan, cancunTime: 1_000 } },
  });
  v4.onRaw('engine_exchangeCapabilities', (response, { id }) => {
    const date = new Date(Date.now() - 45_000).toUTCString();
    response.writeHead(200, { 'content-type': 'application/json', date });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: [] }));
  });
  await compat.rollback('an earlier one');
  const { checks } = await controller.readiness();
  const failing = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  expect(failing).toEqual(['v4_methods', 'clocks', 'standby', 'latch', 'time_before_fork']);
  expect(checks.find(({ name }) => name === 'clocks')?.detail).toMatch(/v4 is -4[45]\d{3} ms ahead/);
});

test('with flags the master switch must be on, and none of them may stand before the configured mode', async () => {
  const { client, provider } = await localFlags({ lighthouse_v5: false });
  const { controller } = await openMigration({ compat: { flags: client }, controller: { flags: client } });
  const flags = async () => (await controller.readiness()).checks.find(({ name }) => name === 'flags');
  expect(await flags()).toMatchObject({ ok: false, detail: expect.stringContaining('lighthouse_v5 is off') });
  provider.set({ lighthouse_v5: true, lighthouse_v5_primary: true });
  expect(await flags()).toMatchObject({ ok: false, detail: 'lighthouse_v5_primary is on' });
  provider.set({ lighthouse_v5: true, lighthouse_v5_primary: false, lighthouse_migration_mode: 'parallel' });
  expect(await flags()).toMatchObject({ ok: false, detail: 'lighthouse_migration_mode is parallel' });
  provider.set({ lighthouse_v5: true, lighthouse_migration_mode: '' });
  expect(await flags()).toMatchObject({ ok: true });
});

test('three failing checks in a row roll back, and the result says why and how long it took', async () => {
  const migration = await atCanary();
  const { compat, controller, v5, step, result, journal } = migration;
  v5.trouble('engine_newPayload', { kind: 'error', code: -32603 } as never);
  for (let n = 0; n < 3; n += 1) await step(30_000);
  expect(await result).toMatchObject({
    success: false,
    rollbacksExecuted: 1,
    rollbackReason: expect.stringContaining('v5_errors'),
    rollbackDurationMs: expect.any(Number),
  });
  expect(compat.latch?.reason).toContain('fail: v5_errors 50 %');
  expect(compat.migrationMode).toEqual({ kind: 'v4_only' });
  expect(journal.records.slice(2).map(({ event, state }) => `${event.type} ${state.kind}`)).toEqual([
    'check canary',
    'check canary',
    'check rolling_back',
    'verified rolled_back',
  ]);
  expect(controller.status.state).toMatchObject({ kind: 'rolled_back', evidence: { verified: true } });

  expect(await controller.promote({ by: 'ada' })).toMatchObject({ applied: false });
  v5.calm();
  expect(await controller.clear({ by: 'ada', reason: 'v5 was mended' })).toMatchObject({ applied: true });
  expect(compat.latch).toBeNull();
  expect(migration.kind).toBe('pre_migration');
});

test('a contradiction rolls back at once, by the first check that it causes itself', async () => {
  const { v5, blocks, result } = await atCanary();
  v5.on('engine_newPayloadV2', ([payload]) => ({
    status: 'INVALID',
    latestValidHash: (payload as { parentHash: string }).parentHash,
    validationError: 'no',
  }));
  await blocks(1);
  expect(await result).toMatchObject({ success: false, rollbackReason: expect.stringContaining('critical') });
});

test('a rollback latches before it returns, while a journal hangs and an actuator does not answer', async () => {
  const never = new Promise<never>(() => {});
  const records = memoryJournal();
  let hangs = false;
  const journal: Journal = { ...records, append: (record) => (hangs ? never : records.append(record)) };
  const { compat, controller, result } = await atCanary({ journal });
  hangs = true;
  void controller.promote({ by: 'ada' });
  const back = controller.rollback({ by: 'ada', reason: 'now' });
  expect(compat.latch).toMatchObject({ reason: 'now' });
  expect(await back).toMatchObject({ applied: true });
  expect(await result).toMatchObject({ success: false, rollbackReason: 'now' });
  // What hangs for good is not waited for by the test.
  controller.close = () => Promise.resolve();
});

test('a rollback that cannot be written is in force, alarmed, and written as soon as it can be', async () => {
  const records = memoryJournal();
  let isBroken = false;
  const journal: Journal = {
    ...records,
    append: (record) => (isBroken ? Promise.reject(new Error('the disk is full')) : records.append(record)),
  };
  const { controller, compat, result, told } = await atCanary({ journal });
  isBroken = true;
  expect(await controller.promote({ by: 'ada' })).toMatchObject({
    applied: false,
    refusal: { code: 'JOURNAL_FAILED' },
  });
  expect(compat.migrationMode).toEqual({ kind: 'canary', percent: 10 });
  await controller.abort({ by: 'ada' });
  expect(await result).toMatchObject({ success: false, rollbackReason: 'aborted' });
  expect(told).toContain('alarm JOURNAL_FAILED');
  isBroken = false;
  await controller.check();
  expect(records.records.slice(-2).map(({ seq, state }) => [seq, state.kind])).toEqual([
    [3, 'rolling_back'],
    [4, 'rolled_back'],
  ]);
});

test('what an actuator cannot apply holds the plan, is alarmed, and is tried again with every check', async () => {
  let isBroken = false;
  const applied: string[] = [];
  const actuator: Actuator = {
    async apply(target) {
      if (isBroken) throw new Error('HTTP 503');
      applied.push(target.kind === 'canary' ? `canary ${target.percent}` : target.kind);
    },
    latch: async () => {},
    unlatch: async () => {},
    inspect: async () => ({ unknown: null, drift: null }),
  };
  const migration = await atCanary({ controller: { actuator } });
  const { step, told, controller } = migration;
  isBroken = true;
  await step();
  expect(migration.kind).toBe('gradual');
  expect(told).toContain('alarm NOT_APPLIED');
  await step();
  await step();
  expect(controller.status.state).toMatchObject({
    kind: 'gradual',
    held: { why: 'NOT_APPLIED: to set canary: HTTP 503' },
  });
  // Said once, as long as it does not change.
  expect(told.filter((each) => each === 'alarm NOT_APPLIED')).toHaveLength(1);
  isBroken = false;
  await step();
  expect(applied.at(-1)).toBe('canary 100');
  expect(migration.kind).toBe('completing');
});

test.each([
  ['drift', { unknown: null, drift: 'a second strategy' }, 'DRIFT: a second strategy'],
  ['a flag server that does not answer', new Error('503'), 'FLAGS_UNKNOWN'],
] as const)('%s holds the plan for as long as it lasts', async (_what, found, why) => {
  let isAway = false;
  const actuator: Actuator = {
    apply: async () => {},
    latch: async () => {},
    unlatch: async () => {},
    inspect: async () => {
      if (!isAway) return { unknown: null, drift: null };
      if (found instanceof Error) throw found;
      return found;
    },
  };
  const { step, controller } = await atCanary({ controller: { actuator } });
  isAway = true;
  await step();
  expect(controller.status.state).toMatchObject({
    kind: 'canary',
    held: { by: null, why: expect.stringContaining(why) },
  });
  isAway = false;
  await step();
  expect(controller.status.state).toMatchObject({ kind: 'gradual', held: null });
});

test("v4's failure holds the plan with an alarm and never rolls back", async () => {
  const migration = await atCanary();
  const { v4, v5, step, controller, told } = migration;
  for (const method of ['engine_newPayload', 'engine_forkchoiceUpdated'])
    v4.trouble(method, { kind: 'error', code: -32603 } as never);
  v5.trouble('engine_newPayload', { kind: 'error', code: -32603 } as never);
  await controller.check();
  for (let n = 0; n < 4; n += 1) {
    await migration.blocks(0);
    await step(30_000).catch(() => {});
    migration.clock.advance(30_000);
    await controller.check();
  }
  expect(migration.kind).toBe('canary');
  expect(controller.status.state.held).toMatchObject({ by: null });
  expect(told).toContain('alarm HELD');
  expect(await controller.rollback({ by: 'ada', reason: 'v5' })).toMatchObject({
    applied: false,
    refusal: { code: 'V4_NOT_IN_STEP' },
  });
});

test('persons hold, release, pause, resume and promote; health goes on being looked at', async () => {
  const migration = await atCanary();
  const { controller, step } = migration;
  await controller.hold({ by: 'ada', why: 'lunch' });
  await step();
  expect(controller.status.state).toMatchObject({ kind: 'canary', held: { by: 'ada' } });
  expect(controller.status.check?.verdict).toBe('pass');
  await controller.release({ by: 'ada' });
  await controller.pause({ by: 'ada', why: 'night' });
  await step();
  expect(migration.kind).toBe('canary');
  await controller.resume({ by: 'ada' });
  expect(await controller.promote({ by: 'ada' })).toMatchObject({ applied: true, state: { kind: 'gradual' } });
  await expect(controller.hold({ by: ' ', why: 'x' })).rejects.toMatchObject({ code: 'INVALID_OPTION', path: 'by' });
  await expect(controller.rollback({ by: 'ada', reason: '' })).rejects.toMatchObject({ path: 'reason' });
});

test('while paused a failing v5 is rolled back all the same', async () => {
  const { controller, v5, step, result } = await atCanary();
  await controller.pause({ by: 'ada', why: 'night' });
  v5.trouble('engine_newPayload', { kind: 'error', code: -32603 } as never);
  for (let n = 0; n < 3; n += 1) await step(30_000);
  expect(await result).toMatchObject({ success: false });
});

test('no data never moves a plan up, and pauses it after two step lengths', async () => {
  const migration = await atCanary();
  const { controller, clock } = migration;
  for (let n = 0; n < 5; n += 1) {
    clock.advance(30_000);
    await controller.check();
  }
  expect(controller.status.state).toMatchObject({ kind: 'canary', held: { kind: 'pause', by: null } });
});

test.each([
  ['rejects', () => Promise.reject(new Error('it broke')), undefined, 'the health source does not answer: it broke'],
  ['knows nothing', () => Promise.resolve(null), undefined, 'the health source has no sample'],
  ['says why it knows nothing', () => Promise.resolve(null), new Error('Prometheus is away'), 'Prometheus is away'],
])('a health source that %s is no data, and the check says why', async (_what, sample, problem, why) => {
  const health = { reset: () => {}, sample, close: () => {}, ...(problem === undefined ? {} : { problem }) };
  const migration = await openMigration({ controller: { health } });
  await migration.controller.open();
  await migration.controller.check();
  expect(migration.controller.status.check).toEqual({
    verdict: 'no_data',
    isCritical: false,
    decidedBy: null,
    criteria: [],
    why,
  });
});

test('checks are made in time by themselves, and none after the end', async () => {
  const migration = await openMigration();
  const { controller, clock } = migration;
  let checks = 0;
  controller.on('check', () => {
    checks += 1;
  });
  await controller.open();
  for (let n = 1; n <= 3; n += 1) {
    clock.advance(30_000);
    await expect.poll(() => checks).toBe(n);
  }
  await controller.close();
  expect(clock.timers).toBe(0);
});

test('a process that is latched by somebody else is a rollback like any other', async () => {
  const { compat, result } = await atCanary();
  await compat.rollback('by hand');
  expect(await result).toMatchObject({ success: false, rollbackReason: 'by hand', rollbacksExecuted: 1 });
});

test('a rollback that cannot be verified has failed, keeps the latch, and may be tried again', async () => {
  const migration = await atCanary({ controller: { plan: { ...shortPlan, rollbackDeadlineMs: 100 } } });
  const { controller, compat, v4, result, told } = migration;
  const hung = gate();
  v4.on('engine_forkchoiceUpdatedV2', async ([state]) => {
    await hung.opened;
    const { headBlockHash } = state as { headBlockHash: string };
    return {
      payloadStatus: { status: 'VALID', latestValidHash: headBlockHash, validationError: null },
      payloadId: null,
    };
  });
  await controller.rollback({ by: 'ada', reason: 'test' });
  expect(await result).toMatchObject({ success: false, rollbackReason: 'test' });
  expect(controller.status.state).toMatchObject({ kind: 'rollback_failed', why: 'DEADLINE' });
  expect(told).toContain('alarm ROLLBACK_FAILED');
  expect(compat.latch).not.toBeNull();
  hung.open();
  expect(await controller.retry({ by: 'ada' })).toMatchObject({ applied: true });
  // A busy machine may take longer than so short a deadline: then it is asked for again.
  const kindAskedAgain = async () => {
    if (migration.kind === 'rollback_failed') await controller.retry({ by: 'ada' });
    return migration.kind;
  };
  await expect.poll(kindAskedAgain).toBe('rolled_back');
});

test.each([false, true])(
  'a drill (live: %s) verifies v4 for real and leaves the latch and the state as they were',
  async (live) => {
    const { controller, compat, journal, v4 } = await atCanary();
    const latched: string[] = [];
    compat.on('latched', ({ reason }) => latched.push(reason));
    const heard: boolean[] = [];
    controller.on('drill', ({ ok }) => heard.push(ok));
    const before = v4.calls.length;
    const drill = await controller.drill({ by: 'ada', live });
    expect(drill).toMatchObject({ ok: true, live, decided: 'v4', problems: [], verification: { verified: true } });
    expect(v4.calls.length).toBeGreaterThan(before);
    expect(latched).toEqual(live ? ['drill by ada'] : []);
    expect(compat.latch).toBeNull();
    expect(controller.status.state.kind).toBe('canary');
    await expect.poll(() => journal.records.at(-1)?.event.type).toBe('drilled');
    expect(heard).toEqual([true]);
  },
);

test('a live drill is not made while v4 is out of step', async () => {
  const { controller, compat, v4, blocks } = await atCanary();
  v4.trouble('engine_', { kind: 'error', code: -32603 } as never);
  await blocks(1).catch(() => {});
  const latched: string[] = [];
  compat.on('latched', ({ reason }) => latched.push(reason));
  const drill = controller.drill({ by: 'ada', live: true });
  await v4.received(
    'engine_forkchoiceUpdatedV2',
    v4.calls.filter(({ method }) => method === 'engine_forkchoiceUpdatedV2').length,
  );
  v4.calm();
  expect(await drill).toMatchObject({ ok: false, problems: [expect.stringContaining('not in step')] });
  expect(latched).toEqual([]);
});

test('a run by another plan than the one in the journal is refused', async () => {
  const { journal, controller } = await atCanary();
  await controller.close();
  const changed = await openMigration({ journal, controller: { plan: { ...shortPlan, steps: [100] } } });
  await expect(changed.controller.run()).rejects.toMatchObject({ code: 'PLAN_CHANGED', path: 'plan' });
});

test('a controller that a listener closes at the latch leaves everything as it is', async () => {
  const closing: Promise<void>[] = [];
  const migration = await openMigration({
    // Before the controller listens itself.
    actuator: (compat) => {
      compat.on('latched', () => closing.push(migration.controller.close()));
      return compatActuator(compat);
    },
  });
  const { controller, compat, journal } = migration;
  await compat.rollback('by hand');
  await Promise.all(closing);
  expect(closing).toHaveLength(1);
  expect(controller.status.state.kind).toBe('pre_migration');
  expect(journal.records).toEqual([]);
});

test('a controller that is closed in the middle says so to whoever waits for the end', async () => {
  const { controller, result } = await atCanary();
  await controller.close();
  await expect(result).rejects.toMatchObject({ code: 'CLOSED' });
});

/** An actuator over something that a person may change, and that a process leaves behind when it ends. */
function sharedActuator(world: { set: string; byPerson?: Adoption; isAway?: boolean }) {
  const told: string[] = [];
  const nameOf = (target: SettableTarget): string =>
    target.kind === 'canary' ? `canary ${target.percent}` : target.kind;
  const actuator: Actuator = {
    async apply(target) {
      if (world.isAway === true) throw new Error('HTTP 503');
      if (world.byPerson !== undefined && !isDeepStrictEqual(world.byPerson.target, target)) throw new Error('drift');
      delete world.byPerson;
      world.set = nameOf(target);
    },
    async latch(reason) {
      told.push(`latch ${reason}`);
    },
    async unlatch({ by }) {
      told.push(`unlatch by ${by}`);
    },
    inspect: async () => ({ unknown: null, drift: world.byPerson === undefined ? null : 'a person changed it' }),
    restore: (targets) => void told.push(`restore ${targets.map(nameOf).join(', ')}`),
    adopt: async () => world.byPerson ?? { target: { kind: 'canary', percent: 10 } },
    async reset(target) {
      delete world.byPerson;
      world.set = `reset to ${nameOf(target)}`;
    },
  };
  return { actuator, told };
}

test('what a person has set elsewhere is adopted or reset in the name of a person, written down first, and what is applied is noted', async () => {
  const world: Parameters<typeof sharedActuator>[0] = { set: '' };
  const { actuator, told } = sharedActuator(world);
  const { controller, step, journal } = await atCanary({ controller: { actuator } });
  expect(told).toEqual(['restore v4_only']);
  expect(await controller.adopt({ by: 'ada' })).toMatchObject({ applied: false, refusal: { code: 'NO_DRIFT' } });

  world.byPerson = { target: { kind: 'canary', percent: 40 } };
  await step();
  expect(controller.status.state).toMatchObject({ kind: 'canary', held: { why: 'DRIFT: a person changed it' } });
  expect(await controller.adopt({ by: 'ada' })).toMatchObject({
    applied: true,
    state: { kind: 'gradual', current: 40, target: 100, reachedMs: null, held: null },
  });
  expect(world).toEqual({ set: 'canary 40' });

  world.byPerson = { target: null, why: 'a second strategy' };
  expect(await controller.adopt({ by: 'ada' })).toMatchObject({
    refusal: { code: 'NOT_ADOPTABLE', message: 'a second strategy' },
  });
  expect(await controller.reset({ by: 'bea' })).toMatchObject({ applied: true, state: { current: 40 } });
  expect(world).toEqual({ set: 'reset to canary 40' });
  const happened = journal.records.map(({ event }) =>
    event.type === 'applied'
      ? `applied ${percentOf(event.target)}`
      : 'by' in event
        ? `${event.type} ${event.by}`
        : event.type,
  );
  expect(happened).toEqual([
    'applied 0',
    'start ada',
    'applied 0',
    'check',
    'applied 10',
    'check',
    'adopt ada',
    'applied 40',
    'reset bea',
  ]);
  await expect(controller.adopt({ by: '' })).rejects.toMatchObject({ code: 'INVALID_OPTION', path: 'by' });
});

test('an actuator is told after a restart what may be in force: what was surely applied, and what was wanted since', async () => {
  const world: Parameters<typeof sharedActuator>[0] = { set: '' };
  const first = await atCanary({ controller: { actuator: sharedActuator(world).actuator } });
  // The record is there, and its effect is not.
  world.isAway = true;
  await first.controller.promote({ by: 'ada' });
  await first.controller.close();
  const { actuator, told } = sharedActuator({ set: '' });
  const second = await openMigration({ journal: first.journal, controller: { actuator } });
  await second.controller.open();
  expect(told).toEqual(['restore canary 10, canary 100']);
});

test('what could not be applied is not tried again after what has been asked for since', async () => {
  const world: Parameters<typeof sharedActuator>[0] = { set: '' };
  const { actuator } = sharedActuator(world);
  let slow = Promise.resolve();
  const { controller } = await atCanary({
    controller: { actuator: { ...actuator, apply: (target) => slow.then(() => actuator.apply(target)) } },
  });
  world.isAway = true;
  await controller.promote({ by: 'ada' });
  world.isAway = false;
  world.byPerson = { target: { kind: 'canary', percent: 40 } };
  const opening = gate();
  slow = opening.opened;
  const adopting = controller.adopt({ by: 'ada' });
  await expect.poll(() => controller.status.percent).toBe(40);
  const checking = controller.check();
  opening.open();
  await Promise.all([adopting, checking]);
  expect(world.set).toBe('canary 40');
});

test('an act that a rollback has overtaken is no failure', async () => {
  const world: Parameters<typeof sharedActuator>[0] = { set: '' };
  const { actuator } = sharedActuator(world);
  const opening = gate();
  const apply: Actuator['apply'] = async (target) => {
    if (target.kind !== 'canary' || target.percent < 100) return actuator.apply(target);
    await opening.opened;
    throw new Error('it is not wanted any more');
  };
  const { controller, told, result } = await atCanary({ controller: { actuator: { ...actuator, apply } } });
  const promoting = controller.promote({ by: 'ada' });
  await expect.poll(() => controller.status.percent).toBe(100);
  await controller.rollback({ by: 'ada', reason: 'test' });
  opening.open();
  await promoting;
  expect(await result).toMatchObject({ success: false });
  await expect.poll(() => world.set).toBe('v4_only');
  expect(told).not.toContain('alarm NOT_APPLIED');
});

test('without an actuator that can read or reset, nothing is adopted, and a reset applies once more', async () => {
  const { controller, compat } = await atCanary();
  expect(await controller.adopt({ by: 'ada' })).toMatchObject({ refusal: { code: 'NOT_ADOPTABLE' } });
  compat.setMigrationMode({ kind: 'v5_only' });
  expect(await controller.reset({ by: 'ada' })).toMatchObject({ applied: true });
  expect(compat.migrationMode).toEqual({ kind: 'canary', percent: 10 });
});

test('what is set elsewhere and cannot be read is not adopted', async () => {
  const { actuator } = sharedActuator({ set: '' });
  const { controller } = await atCanary({
    controller: { actuator: { ...actuator, adopt: () => Promise.reject(new Error('HTTP 503')) } },
  });
  expect(await controller.adopt({ by: 'ada' })).toMatchObject({
    refusal: { code: 'NOT_ADOPTABLE', message: expect.stringContaining('HTTP 503') },
  });
});

test('a rollback that an earlier process may not have told everybody is told again, and so is a cleared one until everybody knows', async () => {
  const first = sharedActuator({ set: '' });
  const before = await atCanary({ controller: { actuator: first.actuator } });
  await before.controller.rollback({ by: 'ada', reason: 'test' });
  await before.result;
  await before.controller.close();
  /** What the next process does at its start. */
  const next = async (rest: Partial<Actuator> = {}) => {
    const { actuator, told } = sharedActuator({ set: '' });
    const { controller } = await openMigration({
      journal: before.journal,
      controller: { actuator: { ...actuator, ...rest } },
    });
    await controller.open();
    return { controller, told };
  };

  const during = await next({ unlatch: () => Promise.reject(new Error('a peer is away')) });
  expect(during.told).toEqual(['restore v4_only', 'latch test']);
  expect(await during.controller.clear({ by: 'ada', reason: 'mended' })).toMatchObject({ applied: true });
  await during.controller.close();

  const after = await next();
  expect(after.told).toEqual(['restore v4_only', 'unlatch by ada']);
  await after.controller.close();
  // What a person latches from here on is not lifted by a restart.
  const later = await next();
  expect(later.told).toEqual(['restore v4_only']);
});

test('a failing v5 is rolled back, and a contradiction at once, while the flag server answers nothing', async () => {
  for (const trouble of ['errors', 'contradiction']) {
    const { actuator } = sharedActuator({ set: '' });
    let isHung = false;
    const hung = gate();
    const inspect = async () => {
      if (isHung) await hung.opened;
      return { unknown: null, drift: null };
    };
    const migration = await atCanary({ controller: { actuator: { ...actuator, inspect } } });
    const { v5, blocks, clock, controller, result } = migration;
    await controller.check();
    isHung = true;
    // This one waits for the flag server.
    void controller.check();
    if (trouble === 'errors') {
      v5.trouble('engine_newPayload', { kind: 'error', code: -32603 } as never);
      await blocks(110);
      // The one under way has found nothing wrong yet, and is given up in its time.
      clock.advance(10_000);
      for (let n = 0; n < 3; n += 1) await controller.check();
    } else {
      v5.on('engine_newPayloadV2', ([payload]) => ({
        status: 'INVALID',
        latestValidHash: (payload as { parentHash: string }).parentHash,
        validationError: 'no',
      }));
      await blocks(1);
    }
    expect(await result, trouble).toMatchObject({ success: false });
    hung.open();
  }
});

test('flags that are stale hold the plan with any actuator', async () => {
  const { client, provider } = await localFlags({ lighthouse_v5: true });
  const { actuator } = sharedActuator({ set: '' });
  const { controller, step } = await atCanary({ controller: { actuator, flags: client } });
  provider.events.emit(ProviderEvents.Stale);
  await step();
  expect(controller.status.state).toMatchObject({
    kind: 'canary',
    held: { by: null, why: 'FLAGS_UNKNOWN: the flag provider is STALE' },
  });
  provider.events.emit(ProviderEvents.Ready);
  await step();
  expect(controller.status.state).toMatchObject({ kind: 'gradual', held: null });
});
