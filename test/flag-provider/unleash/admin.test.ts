import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FlagProviderError } from '@lighthouse-compat/flag-provider';
import {
  type Clock,
  type FlagState,
  migrationModeVariants,
  setUpFlags,
  UnleashAdmin,
  type UnleashAdminOptions,
} from '@lighthouse-compat/flag-provider/unleash';
import { describe, expect, onTestFinished, test } from 'vitest';

const token = '*:*.a-secret-that-nobody-sees';
const timeoutMs = 10_000;
const place = { project: 'default', environment: 'development', flagKey: 'lighthouse_v5_primary' };

type Handler = (response: ServerResponse, request: IncomingMessage) => void;
type Asked = { readonly request: string; readonly authorization: string | undefined; readonly body: string };

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
const says = (status: number, message: string, headers: Record<string, string> = {}): Handler =>
  json(status, { name: 'SomeError', message }, headers);

/** A server that answers the requests in turn, the last answer for ever. */
async function adminServer(...handlers: Handler[]): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const handler = handlers[Math.min(asked.length, handlers.length - 1)];
      const { method, url, headers } = request;
      const body = Buffer.concat(chunks).toString();
      asked.push({ request: `${method} ${url}`, authorization: headers.authorization, body });
      handler?.(response, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, asked };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A clock whose waits are over at once and written down; the deadline of an attempt never comes. */
function hastyClock(): Clock & { readonly waitsMs: number[] } {
  const waitsMs: number[] = [];
  return {
    waitsMs,
    setTimer: (callback, delayMs) => {
      if (delayMs === timeoutMs) return () => {};
      waitsMs.push(delayMs);
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    },
  };
}

function adminOf(url: string, options: Partial<UnleashAdminOptions> = {}) {
  const clock = hastyClock();
  return { admin: new UnleashAdmin({ url, token, clock, timeoutMs, ...options }), clock };
}

async function failureOf(promise: Promise<unknown>): Promise<FlagProviderError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FlagProviderError);
  // In no field of the error, and in none of what caused it.
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    expect(`${at.stack} ${JSON.stringify(at)}`).not.toContain(token);
  }
  return error as FlagProviderError;
}

const strategy = {
  id: 'an-id',
  name: 'flexibleRollout',
  parameters: { rollout: '10', stickiness: 'userId', groupId: 'lighthouse-compat' },
  constraints: [{ contextName: 'appName', operator: 'IN', values: ['a'] }],
  segments: [],
  variants: [{ name: 'a', weight: 1000, weightType: 'variable', stickiness: 'userId' }],
};
const flag = {
  name: place.flagKey,
  description: 'What it means.',
  environments: [
    { name: 'development', enabled: true, strategies: [strategy] },
    { name: 'production', enabled: false, strategies: [] },
  ],
  dependencies: [{ feature: 'parent', enabled: true }],
};
const state: FlagState = {
  flagKey: place.flagKey,
  description: 'What it means.',
  enabled: true,
  strategies: [{ ...strategy, disabled: false, variants: strategy.variants as never }],
  dependencies: ['parent'],
};

describe('what is asked and read', () => {
  test('a flag is read as its environment has it, with the token of the client', async () => {
    const { url, asked } = await adminServer(json(200, flag));
    const { admin } = adminOf(`${url}/`);
    expect(await admin.readFlag(place)).toEqual(state);
    const request = 'GET /api/admin/projects/default/features/lighthouse_v5_primary';
    expect(asked).toEqual([{ request, authorization: token, body: '' }]);
  });

  test('a flag that is not there is undefined, and an environment that it does not have is an error', async () => {
    const { url } = await adminServer(says(404, 'no feature'), json(200, flag));
    const { admin } = adminOf(url);
    expect(await admin.readFlag(place)).toBeUndefined();
    const error = await failureOf(admin.readFlag({ ...place, environment: 'staging' }));
    expect(error).toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND', path: 'environment' });
  });

  test('a percentage is set only if the strategy is still as it was read', async () => {
    const { url, asked } = await adminServer(json(200, { ...strategy, parameters: { rollout: '25' } }));
    const { admin } = adminOf(url);
    const [read] = state.strategies;
    if (read === undefined) throw new Error('no strategy');
    expect((await admin.setRollout(place, read, 25)).parameters['rollout']).toBe('25');
    expect(asked[0]?.request).toMatch(/^PATCH .*\/environments\/development\/strategies\/an-id$/);
    const { name, parameters, constraints, segments, variants } = strategy;
    const tests = Object.entries({ name, disabled: false, parameters, constraints, segments, variants });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual([
      ...tests.map(([key, value]) => ({ op: 'test', path: `/${key}`, value })),
      { op: 'replace', path: '/parameters/rollout', value: '25' },
    ]);
  });

  test('a strategy of another kind has no percentage to be set', async () => {
    const { url, asked } = await adminServer(json(200, strategy));
    const [read] = state.strategies;
    if (read === undefined) throw new Error('no strategy');
    const setting = adminOf(url).admin.setRollout(place, { ...read, name: 'default' }, 10);
    expect(await failureOf(setting)).toMatchObject({ code: 'INVALID_OPTION', path: 'strategy.name' });
    expect(asked).toEqual([]);
  });

  test('a strategy that has changed meanwhile is FLAG_CHANGED, and is not asked for again', async () => {
    const { url, asked } = await adminServer(says(500, 'Test operation failed\nname: TEST_OPERATION_FAILED\ntree: {}'));
    const { admin } = adminOf(url);
    const [read] = state.strategies;
    if (read === undefined) throw new Error('no strategy');
    expect(await failureOf(admin.setVariants(place, read, []))).toMatchObject({
      code: 'FLAG_CHANGED',
      message: expect.stringMatching(/: status 500: Test operation failed$/),
    });
    expect(asked).toHaveLength(1);
  });

  test.each([-1, 101, 12.5, Number.NaN, '10' as unknown as number])(
    'the percentage %s, which Unleash would take, is refused before anything is sent',
    async (percent) => {
      const { url, asked } = await adminServer(json(200, strategy));
      const { admin } = adminOf(url);
      const rollout = { percent, stickiness: 'userId', groupId: 'g' };
      const [read] = state.strategies;
      if (read === undefined) throw new Error('no strategy');
      expect(await failureOf(admin.addRollout(place, rollout))).toMatchObject({ code: 'INVALID_PERCENT' });
      expect(await failureOf(admin.setRollout(place, read, percent))).toMatchObject({ code: 'INVALID_PERCENT' });
      expect(asked).toEqual([]);
    },
  );

  test.each(['..', '.', '', 'a/b', 'a b', 'a?b', 'ä', 'a'.repeat(101), 7 as unknown as string])(
    'the name %j is refused: it could lead to another place of the server',
    async (name) => {
      const { url, asked } = await adminServer(json(200, {}));
      const { admin } = adminOf(url);
      for (const option of ['project', 'environment', 'flagKey']) {
        const error = await failureOf(admin.switchFlag({ ...place, [option]: name }, 'on'));
        expect(error).toMatchObject({ code: 'INVALID_OPTION', path: option });
      }
      expect(asked).toEqual([]);
    },
  );
});

describe('what fails', () => {
  test.each([
    [401, 'UNAUTHORIZED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [409, 'CONFLICT'],
    [400, 'REQUEST_REFUSED'],
    [413, 'REQUEST_REFUSED'],
    [302, 'REQUEST_REFUSED'],
  ])('status %i is %s with what the server says, and is not asked for again', async (status, code) => {
    const { url, asked } = await adminServer(says(status, 'because of the moon', { location: 'http://127.0.0.1:9/' }));
    const { admin, clock } = adminOf(url);
    const error = await failureOf(admin.switchFlag(place, 'off'));
    expect(error).toMatchObject({ code, path: expect.stringMatching(/^POST \/api\/admin\/.*\/off$/) });
    expect(error.message).toBe(`${error.path}: status ${status}: because of the moon`);
    expect(asked).toHaveLength(1);
    expect(clock.waitsMs).toEqual([]);
  });

  test('the token is in no message, also if the server says it', async () => {
    const { url } = await adminServer(says(400, `the token ${token} is not liked, ${token}`));
    const error = await failureOf(adminOf(url).admin.switchFlag(place, 'off'));
    expect(error.message).toMatch(/: the token \*\*\* is not liked, \*\*\*$/);
  });

  test('a long word of the server is cut', async () => {
    const { url } = await adminServer(says(400, 'x'.repeat(100_000)));
    const error = await failureOf(adminOf(url).admin.switchFlag(place, 'off'));
    expect(error.message.length).toBeLessThan(500);
  });

  test.each([
    [500, 'SERVER_ERROR'],
    [503, 'SERVER_ERROR'],
    [429, 'RATE_LIMITED'],
  ])('status %i is asked for again, each time after a longer wait, and then is %s', async (status, code) => {
    const { url, asked } = await adminServer(says(status, 'later'));
    const { admin, clock } = adminOf(url);
    expect(await failureOf(admin.switchFlag(place, 'off'))).toMatchObject({ code });
    expect(asked).toHaveLength(4);
    expect(clock.waitsMs).toEqual([200, 400, 800]);
  });

  test('a failure that is over is never seen', async () => {
    const { url } = await adminServer(
      says(502, 'x'),
      (response) => response.destroy(),
      says(429, 'x'),
      json(200, flag),
    );
    const { admin } = adminOf(url);
    expect(await admin.readFlag(place)).toEqual(state);
  });

  test.each([
    ['in seconds', { 'retry-after': '7' }],
    ['as a date', { 'retry-after': 'Wed, 25 Nov 2026 14:00:07 GMT', date: 'Wed, 25 Nov 2026 14:00:00 GMT' }],
  ])("Retry-After %s is followed, by the server's own clock", async (_, headers) => {
    const { url } = await adminServer(says(429, 'later', headers), says(503, 'later', headers), json(200, flag));
    const { admin, clock } = adminOf(url);
    await admin.readFlag(place);
    expect(clock.waitsMs).toEqual([7_000, 7_000]);
  });

  test('a Retry-After that is too long ends the request at once', async () => {
    const { url, asked } = await adminServer(says(429, 'tomorrow', { 'retry-after': '86400' }));
    expect(await failureOf(adminOf(url).admin.readFlag(place))).toMatchObject({ code: 'RATE_LIMITED' });
    expect(asked).toHaveLength(1);
  });

  test('what makes something is not asked for again unless the server has refused to look at it', async () => {
    const { url, asked } = await adminServer(says(429, 'later'), says(500, 'half done'));
    const { admin } = adminOf(url);
    const making = admin.createFlag({ project: 'default', flagKey: 'a', description: '' });
    expect(await failureOf(making)).toMatchObject({ code: 'SERVER_ERROR' });
    expect(asked).toHaveLength(2);
  });

  test('nothing at the address is CONNECTION_FAILED with the reason', async () => {
    const { admin, clock } = adminOf(`http://127.0.0.1:${await closedPort()}/api`);
    const error = await failureOf(admin.readFlag(place));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', message: expect.stringContaining('ECONNREFUSED') });
    expect(clock.waitsMs).toHaveLength(3);
  });

  test.each<[string, Handler]>([
    ['no answer', () => {}],
    ['an answer that stops in the middle', (response) => void response.writeHead(200).write('{"name":')],
  ])('%s is a TIMEOUT', async (_, handler) => {
    const { url } = await adminServer(handler);
    const { admin } = adminOf(url, { timeoutMs: 150, retries: 0, clock: realClock });
    const error = await failureOf(admin.readFlag(place));
    expect(error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('150 ms') });
  });

  test('an answer that is too large is refused, whatever its length is said to be', async () => {
    const { url } = await adminServer(json(200, { ...flag, description: 'x'.repeat(5_000) }));
    const { admin } = adminOf(url, { maximumResponseBytes: 4_000 });
    expect(await failureOf(admin.readFlag(place))).toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
  });

  test.each<[string, Handler]>([
    ['a page', (response) => response.end('<!doctype html>')],
    ['a page with status 404', (response) => response.writeHead(404).end('nginx')],
  ])('%s says that the url is another than the API', async (_, handler) => {
    const { url } = await adminServer(handler);
    const error = await failureOf(adminOf(url).admin.readFlag(place));
    expect(error).toMatchObject({ code: 'MALFORMED_RESPONSE', message: expect.stringContaining('ends with /api') });
  });

  test.each([
    ['environments', { ...flag, environments: undefined }],
    ['environments[0].enabled', { ...flag, environments: [{ name: 'development', enabled: 'yes' }] }],
    ['the document', [flag]],
    ['environments[0].strategies[0].id', { ...flag, environments: [{ ...flag.environments[0], strategies: [{}] }] }],
  ])('an answer whose %s is another is MALFORMED_RESPONSE with the path', async (path, body) => {
    const { url } = await adminServer(json(200, body));
    const error = await failureOf(adminOf(url).admin.readFlag(place));
    expect(error).toMatchObject({ code: 'MALFORMED_RESPONSE', message: expect.stringContaining(path) });
  });

  test('the caller ends a request that is under way, and a wait', async () => {
    const abort = new AbortController();
    const { url } = await adminServer(() => abort.abort());
    const { admin } = adminOf(url, { signal: abort.signal });
    expect(await failureOf(admin.readFlag(place))).toMatchObject({ code: 'ABORTED' });

    const other = new AbortController();
    const busy = await adminServer(says(503, 'later', { 'retry-after': '20' }));
    const waiting = new UnleashAdmin({ url: busy.url, token, signal: other.signal });
    const reading = failureOf(waiting.readFlag(place));
    await expect.poll(() => busy.asked).toHaveLength(1);
    other.abort();
    expect(await reading).toMatchObject({ code: 'ABORTED' });
    expect(busy.asked).toHaveLength(1);
  });
});

describe('set-up', () => {
  const project = { name: 'Default', environments: [{ environment: 'development' }] };
  const where = { project: 'default', environment: 'development' };
  const rollout = (groupId: string) => ({
    ...strategy,
    parameters: { rollout: '100', stickiness: 'userId', groupId },
    constraints: [],
    variants: migrationModeVariants('v4_only'),
  });
  const flagWith = (enabled: boolean, strategies: readonly object[]) =>
    json(200, { name: 'a', environments: [{ name: 'development', enabled, strategies }] });
  const good = flagWith(false, [rollout('lighthouse-compat')]);

  test('a flag that is on without a strategy is on for everybody: told, and nothing is written', async () => {
    const { url, asked } = await adminServer(json(200, project), flagWith(true, []));
    const results = await setUpFlags({ admin: adminOf(url).admin, ...where });
    const difference = { path: 'strategies', found: 'none, and switched on', wanted: 'one gradual rollout' };
    expect(results).toHaveLength(7);
    for (const { flagKey: _, ...result } of results)
      expect(result).toEqual({ kind: 'differs', differences: [difference] });
    expect(asked.every(({ request }) => request.startsWith('GET'))).toBe(true);
  });

  test('a flag that was made though its making failed is not made twice', async () => {
    const handlers = [json(200, project), says(404, 'no feature'), says(500, 'made, but'), flagWith(false, [])];
    const { url, asked } = await adminServer(...handlers, says(504, 'added, but'), good);
    const [first, ...others] = await setUpFlags({ admin: adminOf(url).admin, ...where });
    expect(first).toEqual({ flagKey: 'lighthouse_v5', kind: 'created', enabled: false });
    expect(others.every(({ kind }) => kind === 'present')).toBe(true);
    expect(asked.filter(({ request }) => request.startsWith('POST'))).toHaveLength(2);
  });

  test('a flag that somebody else makes at the same moment is there, and not created', async () => {
    const handlers = [json(200, project), says(404, 'no feature'), says(409, 'name exists')];
    const { url } = await adminServer(...handlers, good);
    const [first] = await setUpFlags({ admin: adminOf(url).admin, ...where });
    expect(first).toEqual({ flagKey: 'lighthouse_v5', kind: 'present', enabled: false });
  });

  test('a server that goes on failing ends the set-up with its error', async () => {
    const { url } = await adminServer(json(200, project), (response, { method }) =>
      (method === 'GET' ? says(404, 'no feature') : says(500, 'never'))(response, {} as never),
    );
    const { admin } = adminOf(url);
    expect(await failureOf(setUpFlags({ admin, ...where }))).toMatchObject({ code: 'SERVER_ERROR' });
  });

  test('a flag that never stays as it was made is a CONFLICT', async () => {
    const { url } = await adminServer(json(200, project), (response, { method }) =>
      (method === 'GET' ? flagWith(false, []) : json(200, rollout('lighthouse-compat')))(response, {} as never),
    );
    const { admin } = adminOf(url);
    const error = await failureOf(setUpFlags({ admin, ...where }));
    expect(error).toMatchObject({ code: 'CONFLICT', path: 'lighthouse_v5' });
  });
});

const realClock: Clock = {
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

test.each<[string, Record<string, unknown>]>([
  ['token', { token: '' }],
  ['token', { token: `${token}\r\nx: y` }],
  ['token', { token: undefined }],
  ['url', { url: 'unleash.example.org' }],
  ['url', { url: 'ftp://unleash.example.org/api' }],
  ['url', { url: `http://user:${token}@unleash.example.org/api` }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['retries', { retries: -1 }],
  ['retries', { retries: 1.5 }],
  ['maximumRetryAfterMs', { maximumRetryAfterMs: Number.POSITIVE_INFINITY }],
  ['maximumResponseBytes', { maximumResponseBytes: 0 }],
])('the option %s is refused with its name alone', async (path, options) => {
  const make = async () => new UnleashAdmin({ url: 'http://127.0.0.1/api', token, ...options } as UnleashAdminOptions);
  expect(await failureOf(make())).toMatchObject({ code: 'INVALID_OPTION', path });
});
