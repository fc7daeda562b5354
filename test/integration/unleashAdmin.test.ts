import { FlagProviderError, flagKeys, flagVocabulary } from '@lighthouse-compat/flag-provider';
import {
  type FlagPlace,
  type FlagState,
  migrationModeVariants,
  type StrategyState,
  setUpFlags,
  UnleashAdmin,
} from '@lighthouse-compat/flag-provider/unleash';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { leaseTimeoutMs, leaseUnleash, type UnleashLease } from '../support/unleashServer.js';

const keys = Object.values(flagKeys);
const canary = flagKeys.lighthouseV5Primary;
const modeFlag = flagKeys.lighthouseMigrationMode;

let unleash: UnleashLease;
let admin: UnleashAdmin;
let where: { readonly project: string; readonly environment: string };
const placeOf = (flagKey: string): FlagPlace => ({ ...where, flagKey });

beforeAll(async () => {
  unleash = await leaseUnleash();
  admin = new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken });
  where = { project: unleash.project, environment: unleash.environment };
}, leaseTimeoutMs);
afterAll(() => unleash?.release());
beforeEach(() => unleash.removeFlags());

async function read(flagKey: string): Promise<FlagState> {
  const flag = await admin.readFlag(placeOf(flagKey));
  if (flag === undefined) throw new Error(`no flag ${flagKey}`);
  return flag;
}

async function strategyOf(flagKey: string): Promise<StrategyState> {
  const [strategy] = (await read(flagKey)).strategies;
  if (strategy === undefined) throw new Error(`${flagKey} has no strategy`);
  return strategy;
}

async function failureOf(promise: Promise<unknown>): Promise<FlagProviderError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FlagProviderError);
  return error as FlagProviderError;
}

const setUp = (by = admin) => setUpFlags({ admin: by, ...where });

/** Everything that the project has, save what the server writes down by itself. */
async function snapshot(): Promise<unknown> {
  return Promise.all((await admin.listFlags(where.project)).map(({ flagKey }) => read(flagKey)));
}

/** Adds what the Admin API takes for a strategy. */
const addStrategy = (flagKey: string, strategy: object) =>
  unleash.ask(
    'POST',
    `/projects/${where.project}/features/${flagKey}/environments/${where.environment}/strategies`,
    strategy,
  );
const makeFlag = (name: string) =>
  unleash.ask('POST', `/projects/${where.project}/features`, { name, type: 'release' });

/** A token of somebody who may read everything and write nothing. */
async function viewersToken(): Promise<string> {
  const password = 'Nobody-guesses-this-1!';
  const username = `viewer-${Date.now()}`;
  await unleash.ask('POST', '/user-admin', { username, rootRole: 3, password, sendEmail: false });
  const login = await fetch(`${unleash.url}/auth/simple/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const cookie = login.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  // The server answers a log-in before it has written the session down.
  return vi.waitFor(
    async () => {
      const made = await fetch(`${unleash.apiUrl}/admin/user/tokens`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify({ description: 'test', expiresAt: new Date(Date.now() + 3_600_000).toISOString() }),
      });
      const body = (await made.json()) as { secret?: string };
      if (body.secret === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
      return body.secret;
    },
    { timeout: 10_000, interval: 100 },
  );
}

describe('set-up', () => {
  test('makes every flag of the vocabulary, off, with one rollout by userId in the group of all', async () => {
    const results = await setUp();
    expect(results).toEqual(keys.map((flagKey) => ({ flagKey, kind: 'created', enabled: false })));

    const listed = await admin.listFlags(where.project);
    expect(listed.map(({ flagKey }) => flagKey).sort()).toEqual([...keys].sort());
    for (const { flagKey, description, type } of listed) {
      expect(description).toBe(flagVocabulary[flagKey as keyof typeof flagVocabulary].description);
      expect(type).toBe('release');
      const { enabled, strategies, dependencies } = await read(flagKey);
      expect({ enabled, dependencies }).toEqual({ enabled: false, dependencies: [] });
      expect(strategies).toHaveLength(1);
      const rollout = flagKey === canary ? '0' : '100';
      expect(strategies[0]).toMatchObject({
        name: 'flexibleRollout',
        disabled: false,
        parameters: { rollout, stickiness: 'userId', groupId: 'lighthouse-compat' },
        constraints: [],
        segments: [],
        variants: flagKey === modeFlag ? migrationModeVariants('v4_only') : [],
      });
      // The other environment is left as it is.
      const production = await admin.readFlag({ ...placeOf(flagKey), environment: 'production' });
      expect(production).toMatchObject({ enabled: false, strategies: [] });
    }
  });

  test('run again it changes nothing, also of what an operator has set', async () => {
    await setUp();
    await admin.setRollout(placeOf(canary), await strategyOf(canary), 35);
    await admin.switchFlag(placeOf(canary), 'on');
    await admin.setVariants(placeOf(modeFlag), await strategyOf(modeFlag), migrationModeVariants('v5_only'));
    const before = await snapshot();

    expect(await setUp()).toEqual(keys.map((flagKey) => ({ flagKey, kind: 'present', enabled: flagKey === canary })));
    expect(await snapshot()).toEqual(before);
  });

  test('of another environment leaves the first as it is', async () => {
    await setUp();
    const before = await snapshot();
    const results = await setUpFlags({ admin, ...where, environment: 'production' });
    expect(results.every(({ kind }) => kind === 'completed')).toBe(true);
    expect(await snapshot()).toEqual(before);
    expect(await setUpFlags({ admin, ...where, environment: 'production' })).toEqual(
      keys.map((flagKey) => ({ flagKey, kind: 'present', enabled: false })),
    );
  });

  test('takes up where one broke off, after a flag and before its strategy', async () => {
    await makeFlag(flagKeys.newPayloadV5Only);
    const results = await setUp();
    const kinds = results.map(({ flagKey, kind }) => [flagKey, kind]);
    expect(kinds).toEqual(keys.map((key) => [key, key === flagKeys.newPayloadV5Only ? 'completed' : 'created']));
    expect((await setUp()).every(({ kind }) => kind === 'present')).toBe(true);
  });

  test('two at once make one flag of each kind, and say if they met', async () => {
    await Promise.all([setUp(), setUp()]);
    const listed = await admin.listFlags(where.project);
    expect(listed).toHaveLength(keys.length);
    for (const { flagKey, kind, ...rest } of await setUp()) {
      const { strategies } = await read(flagKey);
      if (strategies.length === 1) expect(kind).toBe('present');
      else expect({ kind, ...rest }).toMatchObject({ kind: 'differs', differences: [{ path: 'strategies' }] });
    }
  });

  const rollout = (changes: object = {}, more: object = {}) => ({
    name: 'flexibleRollout',
    parameters: { rollout: '100', stickiness: 'userId', groupId: 'lighthouse-compat', ...changes },
    constraints: [],
    ...more,
  });
  const variants = migrationModeVariants('v4_only');
  test.each<[string, string, readonly object[], readonly object[]]>([
    [
      'two strategies',
      canary,
      [rollout(), rollout()],
      [{ path: 'strategies', found: '2', wanted: 'one gradual rollout' }],
    ],
    [
      'another kind of strategy',
      canary,
      [{ name: 'default', parameters: {}, constraints: [] }],
      [{ path: 'strategies[0].name', found: 'default', wanted: 'flexibleRollout' }],
    ],
    [
      'another group',
      canary,
      [rollout({ groupId: 'lighthouse_v5_primary' })],
      [{ path: 'strategies[0].parameters.groupId', found: 'lighthouse_v5_primary', wanted: 'lighthouse-compat' }],
    ],
    [
      'another stickiness',
      canary,
      [rollout({ stickiness: 'default' })],
      [{ path: 'strategies[0].parameters.stickiness', found: 'default', wanted: 'userId' }],
    ],
    [
      'half a percent',
      canary,
      [rollout({ rollout: '12.5' })],
      [{ path: 'strategies[0].parameters.rollout', found: '12.5' }],
    ],
    [
      'a strategy that is switched off',
      canary,
      [rollout({}, { disabled: true })],
      [{ path: 'strategies[0].disabled', found: 'true', wanted: 'false' }],
    ],
    [
      'a constraint',
      canary,
      [rollout({}, { constraints: [{ contextName: 'appName', operator: 'IN', values: ['a'] }] })],
      [{ path: 'strategies[0].constraints', found: '1', wanted: '0' }],
    ],
    ['no variants', modeFlag, [rollout()], [{ path: 'strategies[0].variants' }]],
    [
      'a variant that is no mode, and one by chance',
      modeFlag,
      [
        rollout(
          {},
          {
            variants: variants.map((variant) => {
              if (variant.name === 'parallel') return { ...variant, payload: { type: 'string', value: 'both' } };
              return variant.name === 'v5_only' ? { ...variant, stickiness: 'random' } : variant;
            }),
          },
        ),
      ],
      [
        { path: 'strategies[0].variants.parallel.payload', found: '{"type":"string","value":"both"}' },
        { path: 'strategies[0].variants.v5_only.stickiness', found: 'random', wanted: 'userId' },
        { path: 'strategies[0].variants', found: 'without parallel' },
      ],
    ],
  ])('a flag with %s is told and not touched, and the others are made', async (_what, flagKey, strategies, told) => {
    await makeFlag(flagKey);
    for (const strategy of strategies) await addStrategy(flagKey, strategy);
    const before = await read(flagKey);

    const results = await setUp();
    const differing = results.filter(({ kind }) => kind === 'differs');
    expect(differing).toMatchObject([{ flagKey, differences: told }]);
    expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(keys.length - 1);
    expect(await read(flagKey)).toEqual(before);
  });

  test('a flag whose last strategy a person has taken away, which switches it off, gets one', async () => {
    await makeFlag(canary);
    const path = `/projects/${where.project}/features/${canary}/environments/${where.environment}`;
    await unleash.ask('POST', `${path}/on`);
    await unleash.ask('DELETE', `${path}/strategies/${(await strategyOf(canary)).id}`);
    expect(await setUp()).toContainEqual({ flagKey: canary, kind: 'completed', enabled: false });
    expect((await strategyOf(canary)).parameters['rollout']).toBe('0');
  });

  test('a flag that depends on another is told', async () => {
    await setUp();
    await unleash.ask('POST', `/projects/${where.project}/features/${canary}/dependencies`, {
      feature: flagKeys.lighthouseV5,
    });
    const differing = (await setUp()).filter(({ kind }) => kind === 'differs');
    expect(differing).toEqual([
      {
        flagKey: canary,
        kind: 'differs',
        differences: [{ path: 'dependencies', found: flagKeys.lighthouseV5, wanted: 'none' }],
      },
    ]);
    await unleash.ask('DELETE', `/projects/${where.project}/features/${canary}/dependencies`);
  });

  test('a name that an archived flag has is told, and the others are made', async () => {
    await makeFlag(canary);
    await unleash.ask('DELETE', `/projects/${where.project}/features/${canary}`);
    const results = await setUp();
    expect(results.find(({ flagKey }) => flagKey === canary)).toMatchObject({
      kind: 'differs',
      differences: [{ path: 'name', found: expect.stringContaining('archived') }],
    });
    expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(keys.length - 1);
  });
});

describe('bad input writes nothing', () => {
  const nothing = { environment: 'development', project: 'default' };
  test.each<[string, () => Promise<unknown>, object]>([
    [
      'a project that does not exist',
      () => setUpFlags({ admin, ...nothing, project: 'nowhere' }),
      { code: 'PROJECT_NOT_FOUND', path: 'project', message: 'project: there is no nowhere' },
    ],
    [
      'an environment that does not exist',
      () => setUpFlags({ admin, ...nothing, environment: 'staging' }),
      { code: 'ENVIRONMENT_NOT_FOUND', path: 'environment' },
    ],
    [
      'a wrong token',
      () => setUp(new UnleashAdmin({ url: unleash.apiUrl, token: '*:*.not-this-one' })),
      { code: 'UNAUTHORIZED' },
    ],
    [
      "a client's token",
      () => setUp(new UnleashAdmin({ url: unleash.apiUrl, token: unleash.clientToken })),
      { code: 'FORBIDDEN' },
    ],
    [
      'a token without the right to write',
      async () => setUp(new UnleashAdmin({ url: unleash.apiUrl, token: await viewersToken() })),
      { code: 'FORBIDDEN', message: expect.stringContaining('CREATE_FEATURE') },
    ],
    [
      'the address of the UI in place of the API',
      () => setUp(new UnleashAdmin({ url: unleash.url, token: unleash.adminToken })),
      { code: 'MALFORMED_RESPONSE', message: expect.stringContaining('ends with /api') },
    ],
  ])('%s', async (_what, act, told) => {
    expect(await failureOf(act())).toMatchObject(told);
    expect(await admin.listFlags(where.project)).toEqual([]);
  });

  test('a server that is not there, and then is: the set-up that failed is run again', async () => {
    const impatient = new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken, retries: 1 });
    await unleash.kill();
    expect(await failureOf(setUp(impatient))).toMatchObject({ code: 'CONNECTION_FAILED' });
    await unleash.restart();
    expect((await setUp()).every(({ kind }) => kind === 'created')).toBe(true);
  });

  test('a server that is killed in the middle leaves nothing that the next run does not finish', async () => {
    const impatient = new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken, retries: 0 });
    const running = failureOf(setUp(impatient));
    await expect.poll(() => admin.listFlags(where.project), { timeout: 10_000, interval: 10 }).not.toEqual([]);
    await unleash.kill();
    expect(await running).toMatchObject({ code: 'CONNECTION_FAILED' });
    await unleash.restart();
    expect((await setUp()).map(({ kind }) => kind)).not.toContain('differs');
    expect((await setUp()).every(({ kind }) => kind === 'present')).toBe(true);
  });
});

const rolloutOf = (percent: string) => ({
  name: 'flexibleRollout',
  parameters: { rollout: percent, stickiness: 'userId', groupId: 'lighthouse-compat' },
  constraints: [],
});

describe('what a migration does', () => {
  beforeEach(() => setUp());

  test('switches a flag on and off, as often as it likes, and reads what it has done', async () => {
    for (const to of ['on', 'on', 'off', 'off'] as const) {
      await admin.switchFlag(placeOf(flagKeys.lighthouseV5), to);
      expect((await read(flagKeys.lighthouseV5)).enabled).toBe(to === 'on');
    }
  });

  test('sets a percentage, and nothing else of the strategy', async () => {
    const before = await strategyOf(canary);
    const after = await admin.setRollout(placeOf(canary), before, 25);
    expect(after).toEqual({ ...before, parameters: { ...before.parameters, rollout: '25' } });
    expect(await strategyOf(canary)).toEqual(after);
  });

  test('sets the variants of the mode, whose weights the server keeps as they are', async () => {
    const before = await strategyOf(modeFlag);
    const after = await admin.setVariants(placeOf(modeFlag), before, migrationModeVariants('v5_only'));
    expect(after.variants).toEqual(migrationModeVariants('v5_only'));
    expect(after.variants.filter(({ weight }) => weight > 0)).toMatchObject([{ name: 'v5_only', weight: 1000 }]);
    expect(await strategyOf(modeFlag)).toEqual(after);
  });

  test('a strategy that a person has changed since it was read is not written over', async () => {
    const read = await strategyOf(canary);
    const byPerson = await admin.setRollout(placeOf(canary), read, 40);
    for (const write of [
      () => admin.setRollout(placeOf(canary), read, 10),
      () => admin.setVariants(placeOf(canary), read, []),
    ]) {
      expect(await failureOf(write())).toMatchObject({ code: 'FLAG_CHANGED' });
    }
    expect(await strategyOf(canary)).toEqual(byPerson);
  });

  test('puts a rollout in the place of a strategy, whatever a person has made of it, and takes the others away', async () => {
    const original = await strategyOf(canary);
    const segment = (await unleash.ask('POST', '/segments', { name: `s${Date.now()}`, constraints: [] })) as {
      id: number;
    };
    const path = `/projects/${where.project}/features/${canary}/environments/${where.environment}/strategies`;
    await unleash.ask('PUT', `${path}/${original.id}`, {
      name: 'flexibleRollout',
      parameters: { rollout: '80', stickiness: 'random', groupId: 'mine' },
      constraints: [{ contextName: 'appName', operator: 'IN', values: ['a'] }],
      segments: [segment.id],
      variants: [{ name: 'x', weight: 1000, weightType: 'variable', stickiness: 'default' }],
      disabled: true,
    });
    await addStrategy(canary, rolloutOf('100'));
    const [first, second] = (await read(canary)).strategies as [StrategyState, StrategyState];
    expect(first).toMatchObject({ disabled: true, segments: [segment.id] });

    const rollout = { percent: 10, stickiness: 'userId', groupId: 'lighthouse-compat' };
    const replaced = await admin.replaceStrategy(placeOf(canary), first, rollout);
    expect(replaced).toEqual({ ...original, parameters: { ...original.parameters, rollout: '10' } });
    for (let times = 0; times < 2; times += 1) await admin.removeStrategy(placeOf(canary), second);
    expect((await read(canary)).strategies).toEqual([replaced]);
    await unleash.ask('DELETE', `/segments/${segment.id}`);
  });

  test('a strategy or a flag that is gone is NOT_FOUND', async () => {
    const read = await strategyOf(canary);
    const gone = { ...read, id: 'b9e7f6a6-0000-4000-8000-000000000000' };
    expect(await failureOf(admin.setRollout(placeOf(canary), gone, 10))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await failureOf(admin.switchFlag(placeOf('no_such_flag'), 'on'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await admin.readFlag(placeOf('no_such_flag'))).toBeUndefined();
  });

  test('a name that is taken is CONFLICT', async () => {
    const making = admin.createFlag({ project: where.project, flagKey: canary, description: '' });
    expect(await failureOf(making)).toMatchObject({ code: 'CONFLICT' });
  });
});
