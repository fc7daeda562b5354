import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FlagKey, flagKeys } from '@lighthouse-compat/flag-provider';
import { UnleashAdmin, type UnleashAdminOptions, UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { type PeerLatch, unleashActuator } from '@lighthouse-compat/operator';
import { type MigrationPlanOptions, percentOf, targetOf } from '@lighthouse-compat/sdk';
import { OpenFeature } from '@openfeature/server-sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openMigration, shortPlan } from '../sdk/migration/migration.js';
import { followed } from '../support/unleashDecisions.js';
import { leaseUnleashFlags, type UnleashFlags } from '../support/unleashFlags.js';

/** With one increment between its two steps. */
const plan: MigrationPlanOptions = { ...shortPlan, incrementPoints: 45 };

const { lighthouseV5: master, lighthouseV5Primary: primary } = flagKeys;
const { lighthouseParallelMode: parallel, lighthouseMigrationMode: mode } = flagKeys;

const inTime = { timeout: 30_000, interval: 50 };
const anyKey = { targetingKey: 'any' };

let unleash: UnleashFlags['unleash'];
let person: UnleashFlags['person'];
let where: UnleashFlags['where'];
leaseUnleashFlags((flags) => {
  ({ unleash, person, where } = flags);
});

async function flag(flagKey: FlagKey) {
  const found = await person.readFlag({ ...where, flagKey });
  const [strategy] = found?.strategies ?? [];
  if (found === undefined || strategy === undefined) throw new Error(`${flagKey} has no strategy`);
  return { ...found, strategy };
}

/** The flags of a migration as Unleash has them, in a few words. */
async function seen(): Promise<string> {
  const of = async (flagKey: FlagKey): Promise<string> => {
    const { enabled, strategy, strategies } = await flag(flagKey);
    const [weighty] = strategy.variants.filter(({ weight }) => weight === 1_000);
    const detail =
      flagKey === primary ? ` ${strategy.parameters['rollout']}` : flagKey === mode ? ` ${weighty?.name}` : '';
    return `${enabled ? 'on' : 'off'}${detail}${strategies.length > 1 ? ` and ${strategies.length - 1} more` : ''}`;
  };
  const [one, two, three, four] = await Promise.all([master, parallel, primary, mode].map(of));
  return `master ${one}, parallel ${two}, primary ${three}, mode ${four}`;
}

const strategies = (flagKey: FlagKey): string =>
  `/projects/${where.project}/features/${flagKey}/environments/${where.environment}/strategies`;
const move = async (percent: number): Promise<void> => {
  await person.setRollout({ ...where, flagKey: primary }, (await flag(primary)).strategy, percent);
};

/** A service that asks the run's Unleash, and whose controller acts through it. */
async function openService(
  options: {
    readonly admin?: Partial<UnleashAdminOptions>;
    readonly plan?: MigrationPlanOptions;
    readonly peers?: readonly PeerLatch[];
  } = {},
) {
  const provider = new UnleashProvider({
    url: unleash.apiUrl,
    appName: 'test',
    token: unleash.clientToken,
    refreshIntervalMs: 200,
  });
  const domain = randomUUID();
  await OpenFeature.setProviderAndWait(domain, provider);
  onTestFinished(() => provider.onClose());
  const flags = OpenFeature.getClient(domain);
  const admin = new UnleashAdmin({
    url: unleash.apiUrl,
    token: unleash.adminToken,
    timeoutMs: 1_000,
    retries: 1,
    ...options.admin,
  });
  const { peers = [] } = options;
  const migration = await openMigration({
    compat: { flags },
    controller: { flags, plan: options.plan ?? plan },
    actuator: (compat) => unleashActuator({ admin, ...where, compat, peers, tellWithinMs: 1_500 }),
  });
  const { controller } = migration;
  return Object.assign(migration, {
    flags,
    held: () => controller.status.state.held?.why ?? null,
    percent: () => percentOf(targetOf(controller.status.state)),
  });
}

/** A service at a canary of 10 %. */
async function atCanary(options: Parameters<typeof openService>[0] = {}) {
  const service = await openService(options);
  await service.blocks(1);
  const result = service.controller.run({ by: 'ada' });
  result.catch(() => {});
  await expect.poll(() => service.kind, inTime).toBe('parallel_testing');
  await service.step();
  expect(service.kind).toBe('canary');
  expect(await seen()).toBe('master on, parallel off, primary on 10, mode off v4_only');
  return Object.assign(service, { result });
}

/** Checks until nothing is held any more: the provider may need a moment to see that Unleash is back. */
const goesOn = (service: Awaited<ReturnType<typeof openService>>): Promise<void> =>
  vi.waitFor(
    async () => {
      await service.controller.check();
      if (service.held() !== null) throw new Error(`held: ${service.held()}`);
    },
    { timeout: 30_000, interval: 200 },
  );

test('a whole migration: every change of what calls go by is seen in Unleash, and calls go by it', async () => {
  const service = await openService();
  const { controller, compat, blocks, step, flags } = service;
  const told: string[] = [];
  const tell = async (): Promise<void> => void told.push(`${service.kind}: ${await seen()}`);
  await blocks(1);
  await tell();
  const result = controller.run({ by: 'ada' });
  result.catch(() => {});
  await expect.poll(() => service.kind, inTime).toBe('parallel_testing');
  await expect.poll(() => flags.getBooleanValue(parallel, false, anyKey), inTime).toBe(true);
  await tell();
  for (let steps = 0; steps < 12 && service.kind !== 'complete'; steps += 1) {
    await step();
    await tell();
    if (service.percent() > 0 && service.percent() < 100) await followed(compat, service.percent());
  }
  expect(await result).toMatchObject({ success: true, rollbacksExecuted: 0 });
  expect(await controller.finalize({ by: 'ada' })).toMatchObject({ applied: true });
  await tell();
  await expect.poll(() => flags.getStringValue(mode, '', anyKey), inTime).toBe('v5_only');
  expect([...new Set(told)]).toEqual([
    'pre_migration: master on, parallel off, primary off 0, mode off v4_only',
    'parallel_testing: master on, parallel on, primary off 0, mode off v4_only',
    'canary: master on, parallel off, primary on 10, mode off v4_only',
    'gradual: master on, parallel off, primary on 55, mode off v4_only',
    'gradual: master on, parallel off, primary on 100, mode off v4_only',
    'completing: master on, parallel off, primary on 100, mode off v4_only',
    'complete: master on, parallel off, primary on 100, mode off v4_only',
    'finalized: master on, parallel off, primary off 100, mode on v5_only',
  ]);
}, 240_000);

test("a rollback switches the master off and takes the share back; cleared, the master is the person's to switch on again", async () => {
  const peer = { name: 'b', told: [] as string[] };
  const latched = async (what: string): Promise<void> => void peer.told.push(what);
  const service = await atCanary({
    peers: [{ name: 'b', latch: (reason) => latched(reason), unlatch: ({ by }) => latched(`unlatched by ${by}`) }],
  });
  const { controller, compat, result } = service;
  await controller.rollback({ by: 'ada', reason: 'test' });
  expect(compat.latch).not.toBeNull();
  expect(await result).toMatchObject({ success: false, rollbackReason: 'test' });
  await expect.poll(seen, inTime).toBe('master off, parallel off, primary off 0, mode off v4_only');
  expect(peer.told).toEqual(['test']);

  await controller.clear({ by: 'ada', reason: 'mended' });
  expect(compat.latch).toBeNull();
  expect(peer.told).toEqual(['test', 'unlatched by ada']);
  await expect(controller.run({ by: 'ada' })).rejects.toMatchObject({
    code: 'NOT_READY',
    problems: [{ path: 'flags', message: 'lighthouse_v5 is off, so that v4 answers everything' }],
  });
  await person.switchFlag({ ...where, flagKey: master }, 'on');
  void controller.run({ by: 'ada' }).catch(() => {});
  await expect.poll(() => service.kind, inTime).toBe('parallel_testing');
}, 240_000);

test('a person moves the slider: held, shown, not written over; adopted, the plan goes on from there', async () => {
  const service = await atCanary();
  const { controller, compat, step, told } = service;
  await move(42);
  await step();
  expect(service.held()).toBe('DRIFT: lighthouse_v5_primary is at 42 % in place of at 10 %');
  expect(told).toContain('alarm HELD');
  expect(await controller.promote({ by: 'ada' })).toMatchObject({ applied: false, refusal: { code: 'BLOCKED' } });
  expect(await seen()).toBe('master on, parallel off, primary on 42, mode off v4_only');
  expect(await controller.adopt({ by: 'ada' })).toMatchObject({
    applied: true,
    state: { kind: 'gradual', current: 42, target: 100, held: null },
  });
  await followed(compat, 42);
  expect(service.journal.records.map(({ event }) => event).filter(({ type }) => type === 'adopt')).toEqual([
    { type: 'adopt', by: 'ada', found: { target: { kind: 'canary', percent: 42 } } },
  ]);
  await step();
  expect(await seen()).toBe('master on, parallel off, primary on 87, mode off v4_only');
}, 240_000);

test('a person moves the slider between the decision and the write: nothing is written; reset, the plan goes on as it was', async () => {
  const service = await atCanary();
  const { controller, step } = service;
  // Between the check's reading and its act there is the journal.
  const { append } = service.journal;
  service.journal.append = async (record) => {
    await append(record);
    if (record.state.kind === 'gradual' && record.event.type === 'check') await move(42);
  };
  await step();
  expect(service.percent()).toBe(55);
  expect(await seen()).toBe('master on, parallel off, primary on 42, mode off v4_only');
  await step();
  expect(service.held()).toContain('NOT_APPLIED: to set canary: lighthouse_v5_primary is at 42 % in place of at 10 %');
  expect(await controller.reset({ by: 'bea' })).toMatchObject({ applied: true, state: { current: 55, held: null } });
  expect(await seen()).toBe('master on, parallel off, primary on 55, mode off v4_only');
  await step();
  expect(service.held()).toBeNull();
}, 240_000);

const put = async (flagKey: FlagKey, change: object): Promise<void> => {
  const { id, name, parameters, constraints, segments, variants } = (await flag(flagKey)).strategy;
  await unleash.ask('PUT', `${strategies(flagKey)}/${id}`, {
    ...{ name, parameters, constraints, segments, variants },
    ...change,
  });
};
const rollout = (change: object) => ({
  parameters: { rollout: '10', stickiness: 'userId', groupId: 'lighthouse-compat', ...change },
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    'a second strategy',
    () => unleash.ask('POST', strategies(primary), { name: 'default', parameters: {}, constraints: [] }),
    'strategies is 2 in place of one gradual rollout',
  ],
  [
    'another groupId',
    () => put(primary, rollout({ groupId: 'mine' })),
    'groupId is mine in place of lighthouse-compat',
  ],
  ['another stickiness', () => put(primary, rollout({ stickiness: 'random' })), 'stickiness is random'],
  [
    'a constraint',
    () => put(primary, { constraints: [{ contextName: 'appName', operator: 'IN', values: ['a'] }] }),
    'constraints is 1 in place of 0',
  ],
  ['a disabled strategy', () => put(primary, { disabled: true }), 'disabled is true in place of false'],
  [
    'another weight of a mode',
    async () => {
      const { strategy } = await flag(mode);
      const variants = strategy.variants.map((each) => ({
        ...each,
        ...(each.name === 'v5_only' ? { weight: 100 } : {}),
        ...(each.name === 'v4_only' ? { weight: 900 } : {}),
      }));
      await person.setVariants({ ...where, flagKey: mode }, strategy, variants);
    },
    'v4_only 90 %',
  ],
  [
    'no strategy at all',
    async () => unleash.ask('DELETE', `${strategies(primary)}/${(await flag(primary)).strategy.id}`),
    'strategies is none',
  ],
  ['a switch that is off', () => person.switchFlag({ ...where, flagKey: primary }, 'off'), 'is off in place of on'],
])(
  '%s is drift: held, not adopted, and reset',
  async (_what, change, told) => {
    const service = await atCanary();
    await change();
    const before = await person.readFlag({ ...where, flagKey: primary });
    await service.step();
    expect(service.held()).toContain(told);
    expect(service.kind).toBe('canary');
    expect(await service.controller.adopt({ by: 'ada' })).toMatchObject({ refusal: { code: 'NOT_ADOPTABLE' } });
    expect(await person.readFlag({ ...where, flagKey: primary })).toEqual(before);
    expect(await service.controller.reset({ by: 'ada' })).toMatchObject({ applied: true });
    expect(await seen()).toBe('master on, parallel off, primary on 10, mode off v4_only');
    await goesOn(service);
  },
  60_000,
);

test('Unleash goes down and comes back: held, and then the plan goes on', async () => {
  const service = await atCanary();
  await unleash.kill();
  await service.step();
  expect(service.kind).toBe('canary');
  expect(service.held()).toContain('FLAGS_UNKNOWN');
  await unleash.restart();
  await goesOn(service);
  await service.step();
  expect(service.percent()).toBeGreaterThan(10);
  expect(await seen()).toBe(`master on, parallel off, primary on ${service.percent()}, mode off v4_only`);
}, 240_000);

test('a rollback while Unleash is down latches at once, says who was not told, and tells Unleash when it is back', async () => {
  const service = await atCanary();
  const { controller, compat, told, result } = service;
  await unleash.kill();
  const back = controller.rollback({ by: 'ada', reason: 'test' });
  expect(compat.latch?.reason).toBe('test');
  await back;
  expect(await result).toMatchObject({ success: false });
  await vi.waitFor(() => expect(told).toContain('alarm LATCH_NOT_TOLD'), { timeout: 10_000 });
  await unleash.restart();
  await vi.waitFor(
    async () => {
      await controller.check();
      expect(await seen()).toBe('master off, parallel off, primary off 0, mode off v4_only');
    },
    { timeout: 30_000, interval: 200 },
  );
}, 240_000);

/** PostgreSQL's server process and its backends. */
async function databaseProcesses(): Promise<readonly number[]> {
  const { databasePid } = unleash;
  if (databasePid === undefined) throw new Error('the process of PostgreSQL is not known');
  const children = await readFile(`/proc/${databasePid}/task/${databasePid}/children`, 'utf8');
  return [databasePid, ...children.split(' ').filter(Boolean).map(Number)];
}

test("Unleash's PostgreSQL does not answer any more, and then does: held, and then the plan goes on", async () => {
  const service = await atCanary();
  const stopped = await databaseProcesses();
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of stopped) process.kill(pid, name);
  };
  onTestFinished(() => signal('SIGCONT'));
  signal('SIGSTOP');
  await service.step();
  expect(service.kind).toBe('canary');
  expect(service.held()).toMatch(/FLAGS_UNKNOWN: .*(TIMEOUT|no answer after|SERVER_ERROR|status 5)/);
  signal('SIGCONT');
  await goesOn(service);
  await service.step();
  expect(service.percent()).toBeGreaterThan(10);
  expect(await seen()).toBe(`master on, parallel off, primary on ${service.percent()}, mode off v4_only`);
}, 240_000);

test('with a wrong token nothing starts, and neither the reason nor an error holds the token', async () => {
  const token = '*:*.not-this-one';
  const { controller, blocks, told } = await openService({ admin: { token } });
  await blocks(1);
  const error: unknown = await controller.run({ by: 'ada' }).catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'NOT_READY', problems: [{ path: 'flags' }] });
  expect(String((error as Error).message)).toContain('status 401');
  expect(`${(error as Error).message} ${JSON.stringify(controller.status)}`).not.toContain('not-this-one');
  expect(told).toContain('alarm NOT_APPLIED');
  expect(await seen()).toBe('master on, parallel off, primary off 0, mode off v4_only');
}, 240_000);

/** A proxy in front of Unleash that answers a request of its own accord where it is told to. */
async function startRefusingProxy(
  answer: (request: IncomingMessage) => { status: number; retryAfter?: string } | null,
) {
  const server = createServer((incoming, outgoing) => {
    const refusal = answer(incoming);
    if (refusal !== null) {
      incoming.resume();
      outgoing.writeHead(refusal.status, refusal.retryAfter === undefined ? {} : { 'retry-after': refusal.retryAfter });
      outgoing.end('{}');
      return;
    }
    const { method = 'GET', headers, url = '/' } = incoming;
    const passed = request(`${unleash.url}${url}`, { method, headers }, (received) => {
      outgoing.writeHead(received.statusCode ?? 502, received.headers);
      received.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
}

test.each([
  ['HTTP 503', 503, undefined],
  ['HTTP 429 with Retry-After', 429, '1'],
])(
  'every second request is answered by %s: it is made again, not before it may be, and the plan goes on',
  async (_what, status, retryAfter) => {
    let requests = 0;
    const refusedAt = new Map<string, number>();
    const tooSoon: string[] = [];
    const url = await startRefusingProxy(({ method, url: path }) => {
      const what = `${method} ${path}`;
      const sinceMs = performance.now() - (refusedAt.get(what) ?? Number.NEGATIVE_INFINITY);
      requests += 1;
      if (refusedAt.delete(what)) {
        if (sinceMs < (retryAfter === undefined ? 190 : 990)) tooSoon.push(`${what} after ${sinceMs} ms`);
        return null;
      }
      if (requests % 2 === 0) return null;
      refusedAt.set(what, performance.now());
      return { status, ...(retryAfter === undefined ? {} : { retryAfter }) };
    });
    const service = await atCanary({ admin: { url, retries: 3 } });
    expect(requests).toBeGreaterThan(20);
    expect(tooSoon).toEqual([]);
    await service.controller.rollback({ by: 'ada', reason: 'test' });
    await expect.poll(seen, inTime).toBe('master off, parallel off, primary off 0, mode off v4_only');
  },
  120_000,
);
