import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { type Fleet, type FleetNode, type NodeName, startFleet, steering } from '@lighthouse-compat/example-fleet';
import { flagKeys } from '@lighthouse-compat/flag-provider';
import { setUpFlags, UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash';
import type { ActionBody, ActionName, StatusAnswer } from '@lighthouse-compat/operator';
import type { MigrationPlanOptions } from '@lighthouse-compat/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openDesk } from '../operator/command/desk.js';
import { hasPrometheus } from '../support/prometheus.js';
import { leaseTimeoutMs, leaseUnleash, type UnleashLease } from '../support/unleashServer.js';

/** A person promotes it: no step ends by itself while the tests run. */
const plan: MigrationPlanOptions = {
  fleet: true,
  stickiness: 'node',
  steps: [10, 50, 100],
  incrementPoints: 100,
  firstStepMs: 600_000,
  stepMs: 600_000,
  // As often as Prometheus scrapes.
  checkEveryMs: 500,
  parallel: { comparisons: 100 },
  // Twelve processes share the machine, so that a difference in speed says nothing of the engines.
  health: { minimumSamples: 100, latencyRegressionPercent: 1_000 },
};

const inTime = { timeout: 60_000, interval: 100 };
const { lighthouseV5: master, lighthouseV5Primary: primary } = flagKeys;

// One world, and each test goes on where the one before has ended.
let unleash: UnleashLease;
let person: UnleashAdmin;
let where: { readonly project: string; readonly environment: string };
let fleet: Fleet;

beforeAll(async () => {
  unleash = await leaseUnleash();
  person = new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken });
  where = { project: unleash.project, environment: unleash.environment };
  await setUpFlags({ admin: person, ...where });
  await person.switchFlag({ ...where, flagKey: master }, 'on');
  fleet = await startFleet({ unleash, plan, tellWithinMs: 2_000, transactionsPerBlock: 0 });
}, leaseTimeoutMs);
afterAll(async () => {
  await fleet?.stop();
  unleash?.release();
}, 60_000);

const act = (name: ActionName, body: Partial<ActionBody> = {}) => fleet.control.act(name, { by: 'ada', ...body });
const status = (): Promise<StatusAnswer> => fleet.control.status();
const held = async (): Promise<string | null> => (await status()).migration?.state.held?.why ?? null;
const isMasterOn = async () => (await person.readFlag({ ...where, flagKey: master }))?.enabled;

/** Where the migration is, in a word and its share. */
async function place(): Promise<string> {
  const { migration } = await status();
  return `${migration?.state.kind} ${migration?.percent}`;
}

/** The nodes that would ask v5 next; no call is made. */
async function onV5(): Promise<readonly NodeName[]> {
  return (await fleet.look()).flatMap(({ name, decision }) => (decision?.adapter === 'v5' ? [name] : []));
}
const latched = async (): Promise<readonly NodeName[]> =>
  (await fleet.look()).flatMap(({ name, isLatched }) => (isLatched ? [name] : []));

/** The share that is set in Unleash, in percent. */
async function shareSet(): Promise<string> {
  const flag = await person.readFlag({ ...where, flagKey: primary });
  return flag?.enabled === true ? `${flag.strategies[0]?.parameters['rollout']}` : 'off';
}
async function move(percent: number): Promise<void> {
  const place = { ...where, flagKey: primary };
  const [strategy] = (await person.readFlag(place))?.strategies ?? [];
  if (strategy === undefined) throw new Error(`${primary} has no strategy`);
  await person.setRollout(place, strategy, percent);
}

/** Makes one block and asks about it again and again, which costs little. */
async function blockAsked(times: number): Promise<void> {
  await fleet.nextBlock();
  for (let asked = 0; asked < times; asked += 1) await fleet.askAgain();
}

/** More calls than a check of any one service by itself would need: of two blocks, since how long a node takes for one that it has built says nothing. */
async function plentyOfCalls(): Promise<void> {
  for (let made = 0; made < 2; made += 1) await blockAsked(110);
}
const isSaid = (what: RegExp, { since }: { readonly since: number }): boolean =>
  fleet.logged.slice(since).some(({ message }) => what.test(message));

/** How the checks have ended that were made since then. */
const verdictsSince = (since: number): readonly string[] =>
  fleet.logged.slice(since).flatMap(({ message }) => /^migration check in \w+: (\w+)/.exec(message)?.[1] ?? []);

const verdict = async () => (await status()).migration?.check?.verdict;

/** Makes blocks and asks about them again, until a check of the present window has passed, or the migration has moved on by itself. */
async function callsUntilPass(): Promise<void> {
  await expect.poll(verdict, inTime).toBe('no_data');
  const from = await place();
  const untilMs = performance.now() + 2 * inTime.timeout;
  while ((await verdict()) !== 'pass' && (await place()) === from) {
    await blockAsked(30);
    if (performance.now() > untilMs) throw new Error(`still ${from}: ${JSON.stringify((await status()).migration)}`);
  }
}

/** Who is asked for the answers meanwhile: the version of each node, or both. A fallback is v5's, which was asked first. */
async function askedIn(calls: () => Promise<unknown>): Promise<Readonly<Record<string, string>>> {
  const before = await fleet.look();
  await calls();
  const after = await fleet.look();
  return Object.fromEntries(
    after.map(({ name, answered: { v4, v5 }, fallbacks }, at) => {
      const { answered, fallbacks: since } = before[at] as (typeof before)[number];
      const fellBack = fallbacks - since;
      const asked = { v4: v4 - answered.v4 - fellBack, v5: v5 - answered.v5 + fellBack };
      return [name, (['v4', 'v5'] as const).filter((version) => asked[version] > 0).join(' ')];
    }),
  );
}

/** Begins again, and is promoted to the first share. */
async function toCanary(): Promise<void> {
  await person.switchFlag({ ...where, flagKey: master }, 'on');
  await vi.waitFor(() => act('start'), inTime);
  await vi.waitFor(() => act('promote'), inTime);
  await expect.poll(place, inTime).toBe('canary 10');
  await expect.poll(onV5, inTime).toEqual(['fra']);
}

test('before the start the command check finds nothing to mend in the whole fleet', async () => {
  await fleet.nextBlock();
  const { run, write } = await openDesk();
  const service = ({ name, service: { port }, tokenFile }: FleetNode) => ({
    name,
    url: `http://127.0.0.1:${port}/control`,
    tokenFile,
  });
  const { fra, tyo, lon } = fleet.nodes;
  await write('admin.token', unleash.adminToken);
  const config = {
    service: service(fra),
    peers: [tyo, lon].map(service),
    unleash: { url: unleash.apiUrl, tokenFile: 'admin.token', ...where },
    plan,
    ...(fleet.prometheus === null
      ? {}
      : { prometheus: { url: fleet.prometheus.url, instances: ['fra', 'tyo', 'lon'], staleAfterMs: 5_000 } }),
  };
  await write('lighthouse-compat.json', JSON.stringify(config));
  type Checked = { readonly ok: boolean; readonly items: readonly { group: string; name: string; level: string }[] };
  const check = async (): Promise<Checked> => JSON.parse((await run(['check', '--json'])).out);
  const problems = async () => (await check()).items.filter(({ level }) => level === 'problem');
  // Prometheus has to have scraped each of them.
  await expect.poll(problems, inTime).toEqual([]);
  const { items } = await check();
  expect(new Set(items.map(({ group }) => group))).toEqual(
    new Set(['configuration', 'fra', 'tyo', 'lon', 'Unleash', ...(fleet.prometheus === null ? [] : ['Prometheus'])]),
  );
  await person.switchFlag({ ...where, flagKey: master }, 'off');
  await expect.poll(problems, inTime).toMatchObject([{ group: 'fra', name: 'flags' }]);
  await person.switchFlag({ ...where, flagKey: master }, 'on');
  await expect.poll(problems, inTime).toEqual([]);
});

test('a whole migration: each share is set in Unleash, reaches the nodes whose buckets are within it, and passes its check there', async () => {
  await fleet.nextBlock();
  await act('start');
  expect(await place()).toBe('parallel_testing 0');
  await callsUntilPass();
  for (const [where, share, nodes] of [
    ['canary 10', '10', ['fra']],
    ['gradual 50', '50', ['fra', 'tyo']],
    ['gradual 100', '100', ['fra', 'tyo', 'lon']],
  ] as const) {
    await expect.poll(place, inTime).toBe(where);
    await expect.poll(onV5, inTime).toEqual(nodes);
    expect(await shareSet()).toBe(share);
    await callsUntilPass();
    const version = (name: NodeName) => ((nodes as readonly NodeName[]).includes(name) ? 'v5' : 'v4');
    expect(await askedIn(() => fleet.nextBlock())).toEqual({
      fra: version('fra'),
      tyo: version('tyo'),
      lon: version('lon'),
    });
    // Its time is the one thing that is not waited for.
    await act('promote');
  }
  expect(await place()).toBe('completing 100');
  await callsUntilPass();
  await expect.poll(place, inTime).toBe('complete 100');
  expect(await shareSet()).toBe('100');
}, 600_000);

test('a rollback latches every process and switches lighthouse_v5 off; cleared, none is latched any more', async () => {
  await act('rollback', { reason: 'a test' });
  await expect.poll(latched, inTime).toEqual(['fra', 'tyo', 'lon']);
  expect((await fleet.look()).map(({ decision }) => decision?.reason)).toEqual(Array(3).fill('ROLLBACK_LATCH'));
  await expect.poll(place, inTime).toBe('rolled_back 0');
  await expect.poll(isMasterOn, inTime).toBe(false);
  expect(await askedIn(() => fleet.nextBlock())).toEqual({ fra: 'v4', tyo: 'v4', lon: 'v4' });

  await act('clear', { reason: 'it was a test' });
  await expect.poll(latched, inTime).toEqual([]);
  expect(await isMasterOn()).toBe(false);
  // A process goes by the flags that it fetched last, until it fetches the master switch that is off.
  await expect.poll(onV5, inTime).toEqual([]);
}, 300_000);

test('a person moves the slider: the nodes follow, the plan is held and shows why; adopted it goes on from there, reset it takes it back', async () => {
  await toCanary();
  await move(45);
  await expect.poll(held, inTime).toBe('DRIFT: lighthouse_v5_primary is at 45 % in place of at 10 %');
  await expect.poll(onV5, inTime).toEqual(['fra', 'tyo']);
  expect(await shareSet()).toBe('45');
  await act('adopt');
  expect((await status()).migration?.state).toMatchObject({ kind: 'gradual', current: 45, target: 50, held: null });

  await move(80);
  await expect.poll(held, inTime).toContain('is at 80 % in place of at 45 %');
  await expect.poll(onV5, inTime).toEqual(['fra', 'tyo', 'lon']);
  await act('reset');
  expect(await shareSet()).toBe('45');
  await expect.poll(onV5, inTime).toEqual(['fra', 'tyo']);
  await expect.poll(held, inTime).toBeNull();
}, 300_000);

/** PostgreSQL's server process and its backends. */
async function databaseProcesses(): Promise<readonly number[]> {
  const { databasePid } = unleash;
  if (databasePid === undefined) throw new Error('the process of PostgreSQL is not known');
  const children = await readFile(`/proc/${databasePid}/task/${databasePid}/children`, 'utf8');
  return [databasePid, ...children.split(' ').filter(Boolean).map(Number)];
}

test.each<[string, () => Promise<() => Promise<void>>]>([
  [
    'Unleash',
    async () => {
      await unleash.kill();
      return () => unleash.restart();
    },
  ],
  [
    "Unleash's PostgreSQL",
    async () => {
      const stopped = await databaseProcesses();
      const signal = (name: NodeJS.Signals): void => {
        for (const pid of stopped) process.kill(pid, name);
      };
      onTestFinished(() => signal('SIGCONT'));
      signal('SIGSTOP');
      return async () => signal('SIGCONT');
    },
  ],
])(
  '%s goes down: every node keeps the version that it had, the plan is held, and goes on when it is back',
  async (_what, takeDown) => {
    const bringBack = await takeDown();
    await expect.poll(held, inTime).toContain('FLAGS_UNKNOWN');
    expect(await askedIn(() => fleet.nextBlock())).toEqual({ fra: 'v5', tyo: 'v5', lon: 'v4' });
    expect(await place()).toBe('gradual 45');
    await bringBack();
    await expect.poll(held, inTime).toBeNull();
    await expect.poll(shareSet, inTime).toBe('45');
  },
  300_000,
);

function prometheus(): NonNullable<Fleet['prometheus']> {
  if (fleet.prometheus === null) throw new Error('the fleet has found no Prometheus');
  return fleet.prometheus;
}

/** At 45 % on the way to 50 %, where it is by the next check that passes. */
async function toFortyFive(): Promise<void> {
  const from = await place();
  if (from === 'gradual 45') return;
  // What the controller has just set is on its way until then, and whoever moves a share names the one that it had.
  await expect.poll(shareSet, inTime).toBe(from.replace(/^\w+ /, ''));
  await move(45);
  await expect.poll(held, inTime).toContain('DRIFT');
  await act('adopt');
  await expect.poll(place, inTime).toBe('gradual 45');
}

test.skipIf(!hasPrometheus).each<[string, () => Promise<() => Promise<void>>, string, RegExp, string]>([
  [
    'Prometheus',
    async () => {
      await prometheus().stop();
      return () => prometheus().restart();
    },
    'PROMETHEUS_UNREACHABLE',
    /^http:\/\/127\.0\.0\.1:\d+/,
    'v4',
  ],
  [
    'one service',
    async () => {
      const { lon } = fleet.nodes;
      lon.service.kill('SIGKILL');
      await lon.service.exited;
      return () => lon.restart();
    },
    'PROMETHEUS_INCOMPLETE',
    /^nothing whole for \d+ ms from lon/,
    '',
  ],
])(
  '%s is away: checks know nothing, however many calls go well, and the plan stays where it is; they pass when it is back, and it moves on',
  async (_what, takeDown, code, whyOf, ofLon) => {
    await toFortyFive();
    const before = fleet.logged.length;
    const bringBack = await takeDown();
    const said = new RegExp(`^health: .*${code}: ${whyOf.source.slice(1)}`);
    await expect.poll(() => isSaid(said, { since: before }), inTime).toBe(true);

    const since = fleet.logged.length;
    expect(await askedIn(plentyOfCalls)).toEqual({ fra: 'v5', tyo: 'v5', lon: ofLon });
    const checked = verdictsSince(since).length;
    await expect.poll(() => verdictsSince(since).length, inTime).toBeGreaterThan(checked + 3);
    expect(new Set(verdictsSince(since))).toEqual(new Set(['no_data']));
    expect((await status()).migration?.check?.why).toMatch(whyOf);
    expect(await place()).toBe('gradual 45');
    expect(await shareSet()).toBe('45');
    expect(await latched()).toEqual([]);

    await bringBack();
    await expect.poll(() => blockAsked(30).then(place), inTime).toBe('gradual 50');
    expect(isSaid(/^health: Prometheus tells everything again/, { since })).toBe(true);
    expect(verdictsSince(since)).not.toContain('fail');
  },
  300_000,
);

test('a rollback with one service down and a wrong token for another: both are named, both are on v4, and both are latched once they can be', async () => {
  const { fra, tyo, lon } = fleet.nodes;
  lon.service.kill('SIGKILL');
  await lon.service.exited;
  await writeFile(tyo.peerTokenFile, 'not-the-token-of-tyo');
  expect(await askedIn(() => fleet.nextBlock())).toMatchObject({ fra: 'v5', tyo: 'v5' });

  await act('rollback', { reason: 'a test' });
  expect(await latched()).toContain('fra');
  const alarm = await vi.waitFor(() => {
    const found = fleet.logged.find(({ message }) => message.includes('LATCH_NOT_TOLD'));
    if (found === undefined) throw new Error('nobody has been told of it');
    return found;
  }, inTime);
  expect(alarm).toMatchObject({ name: steering, level: 'error' });
  expect(alarm.message).toMatch(/tyo \(.*WRONG_TOKEN.*lon \(.*(ECONNREFUSED|no answer)/);
  // Who has not been latched learns of it from Unleash.
  await expect.poll(onV5, inTime).toEqual([]);
  expect(await latched()).toEqual(['fra']);
  await expect.poll(isMasterOn, inTime).toBe(false);

  await copyFile(tyo.tokenFile, tyo.peerTokenFile);
  await lon.restart();
  await expect.poll(latched, inTime).toEqual(['fra', 'tyo', 'lon']);
  // It is given the blocks that it has missed.
  expect(await askedIn(() => fleet.nextBlock())).toEqual({ fra: 'v4', tyo: 'v4', lon: 'v4' });
  await act('clear', { reason: 'it was a test' });
  await expect.poll(latched, inTime).toEqual([]);

  const secrets = await Promise.all([fra, tyo, lon].map(({ tokenFile }) => readFile(tokenFile, 'utf8')));
  const said = fleet.logged.map(({ message }) => message).join('\n');
  for (const secret of [...secrets, 'not-the-token-of-tyo', unleash.adminToken]) expect(said).not.toContain(secret);
}, 300_000);

test.skipIf(!hasPrometheus)(
  'v5 of a node that does not steer is killed: the fleet is rolled back by itself, every process latched and lighthouse_v5 switched off',
  async () => {
    const failures = () =>
      prometheus().valuesBy(
        'instance',
        'sum by (instance) (lighthouse_compat_health_attempts_total{version="v5",outcome="failed"})',
      );
    await toCanary();
    await act('promote');
    await expect.poll(place, inTime).toBe('gradual 50');
    await expect.poll(onV5, inTime).toEqual(['fra', 'tyo']);
    await callsUntilPass();
    const before = await failures();

    const { v5 } = fleet.nodes.tyo.clients;
    v5.kill('SIGKILL');
    await v5.exited;
    await expect.poll(() => blockAsked(10).then(place), inTime).toBe('rolled_back 0');
    expect((await status()).migration?.state).toMatchObject({ reason: expect.stringMatching(/^fail: v5_errors/) });
    await expect.poll(latched, inTime).toEqual(['fra', 'tyo', 'lon']);
    await expect.poll(isMasterOn, inTime).toBe(false);
    expect(await askedIn(() => fleet.nextBlock())).toEqual({ fra: 'v4', tyo: 'v4', lon: 'v4' });
    const after = await failures();
    const failed = (name: NodeName): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    // The service that has the controller has seen none of it.
    expect([failed('fra'), failed('lon')]).toEqual([0, 0]);
    expect(failed('tyo')).toBeGreaterThan(0);
  },
  300_000,
);
