import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineJson } from '@lighthouse-compat/conversions';
import { actionNames, createControlHandler, OperatorError } from '@lighthouse-compat/operator';
import { type JournalRecord, memoryJournal } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { capellaPayload, denebPayload, hash } from '../../support/samples.js';
import { openTwoEngines } from '../../support/twoEngines.js';
import { bodies, by, openControl, serveHandler, token } from './control.js';

async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'control-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'token');
}

test('every action is tried here', () => {
  expect([...actionNames].sort()).toEqual(Object.keys(bodies).sort());
});

test.each(actionNames)(
  '%s is refused with 401 without a token and with 403 with a wrong one, and does nothing',
  async (name) => {
    const { post, controller, compat } = await openControl();
    const none = await post(`/actions/${name}`, bodies[name], {});
    expect([none.status, none.body.error.code]).toEqual([401, 'TOKEN_NEEDED']);
    expect(none.headers.get('www-authenticate')).toMatch(/^Bearer /);
    for (const authorization of ['Bearer not-the-token-at-all', `Bearer ${token}x`, `Bearer ${token.slice(1)}`]) {
      const wrong = await post(`/actions/${name}`, bodies[name], { authorization });
      expect([wrong.status, wrong.body.error.code]).toEqual([403, 'WRONG_TOKEN']);
    }
    for (const authorization of ['Basic YWRhOmFkYQ==', 'Bearer', token])
      expect((await post(`/actions/${name}`, bodies[name], { authorization })).status).toBe(401);
    expect(controller.records).toEqual([]);
    expect(compat.latch).toBeNull();
  },
);

test.each(actionNames)('%s with the token is done or refused by the migration, with its code', async (name) => {
  const { post } = await openControl();
  const { status, body } = await post(`/actions/${name}`, bodies[name]);
  if (status === 200) expect(body).toMatchObject({ version: 1, action: name });
  else {
    expect(status).toBe(409);
    expect(body).toMatchObject({ version: 1, error: { code: expect.stringMatching(/^[A-Z_]+$/) } });
  }
});

test('a migration is started, held, promoted, rolled back and cleared over HTTP, and every step is told', async () => {
  const { get, post, blocks, controller } = await openControl();
  expect((await post('/actions/start', { by })).body.error.code).toBe('NOT_READY');
  await blocks(2);
  const started = await post('/actions/start', { by });
  expect(started.body.error?.problems ?? []).toEqual([]);
  expect(started.body.state.kind).toBe('parallel_testing');
  expect((await post('/actions/start', { by })).body.error.code).toBe('NOT_IN_THIS_STATE');
  const held = await post('/actions/hold', { by, reason: 'to look' });
  expect(held.body.state.held).toMatchObject({ kind: 'hold', by, why: 'to look' });
  expect((await post('/actions/release', { by })).body.state.held).toBeNull();
  const paused = await post('/actions/pause', { by, reason: 'lunch' });
  expect(paused.body.state.held).toMatchObject({ kind: 'pause', by, why: 'lunch' });
  expect((await post('/actions/resume', { by })).body.state.held).toBeNull();
  expect((await post('/actions/drill', { by })).body.drill).toMatchObject({ by, live: false });
  const back = await post('/actions/rollback', { by, reason: 'rehearsed' });
  expect(back.body).toMatchObject({ state: { reason: 'rehearsed' }, latch: { reason: 'rehearsed' } });
  await controller.ended();
  expect((await post('/actions/clear-latch', { by, reason: 'x' })).body.error.code).toBe('LATCHED_BY_MIGRATION');
  expect((await post('/actions/clear', { by, reason: 'well again' })).body).toMatchObject({
    state: { kind: 'pre_migration' },
    latch: null,
  });
  const { body } = await get('/status');
  expect(body).toMatchObject({
    version: 1,
    migration: { state: { kind: 'pre_migration' }, percent: 0 },
    mode: { kind: 'v4_only' },
    latch: null,
    standby: { v4: { state: 'in_step' }, v5: { state: 'in_step' } },
    flagProvider: null,
    takesActions: true,
  });
  expect(body.journal.lastSeq).toBe(controller.records.length);
  const journal = (await get('/journal')).body;
  expect(journal.records).toEqual(JSON.parse(JSON.stringify(controller.records)));
  expect(journal.records.map(({ event }: JournalRecord) => event.type)).toEqual(
    expect.arrayContaining(['start', 'hold', 'release', 'pause', 'resume', 'drilled', 'rollback', 'verified', 'clear']),
  );
});

test('the token can be tried, and readiness looked at with it, without doing anything', async () => {
  const { get, controller, blocks } = await openControl();
  for (const path of ['/access', '/readiness']) {
    expect((await get(path)).body.error.code).toBe('TOKEN_NEEDED');
    expect((await get(path, { authorization: `Bearer ${token}x` })).body.error.code).toBe('WRONG_TOKEN');
  }
  const authorization = `Bearer ${token}`;
  expect((await get('/access', { authorization })).body).toEqual({ version: 1, allowed: true });
  const before = (await get('/readiness', { authorization })).body.readiness;
  expect(before.ready).toBe(false);
  expect(before.checks.find(({ name }: { name: string }) => name === 'standby')).toMatchObject({ ok: false });
  await blocks(2);
  const after = (await get('/readiness', { authorization })).body.readiness;
  const { checks } = await controller.readiness();
  // What it tells of the clocks is of the moment.
  expect(after).toEqual({ ready: true, checks: checks.map((check) => ({ ...check, detail: expect.any(String) })) });
  expect(controller.records).toEqual([]);
});

test('without a controller there is no readiness, and without a token no access', async () => {
  const { compat } = await openTwoEngines();
  const { get } = await serveHandler({ compat, token });
  expect((await get('/readiness', { authorization: `Bearer ${token}` })).body.error.code).toBe('NO_CONTROLLER');
  const { get: read } = await serveHandler({ compat });
  expect((await read('/access')).body.error.code).toBe('READ_ONLY');
});

test('a process without a controller is latched, and its latch lifted', async () => {
  const { compat } = await openTwoEngines();
  const { post, get } = await serveHandler({ compat, token });
  expect((await post('/actions/latch', { by, reason: 'the fleet rolls back' })).body).toMatchObject({
    state: null,
    latch: { reason: 'the fleet rolls back (by ada)' },
    warning: null,
  });
  expect(compat.latch?.reason).toBe('the fleet rolls back (by ada)');
  expect((await post('/actions/clear-latch', { by, reason: 'done' })).status).toBe(200);
  expect(compat.latch).toBeNull();
  expect((await post('/actions/promote', { by })).body.error.code).toBe('NO_CONTROLLER');
  expect((await get('/journal')).body).toMatchObject({ records: [], lastSeq: 0, after: null, before: null });
});

test('a latch that cannot be kept in its file is set all the same, and says so', async () => {
  const { compat } = await openTwoEngines({ latchFile: join(tmpdir(), 'no-such-folder', 'latch') });
  const { post } = await serveHandler({ compat, token });
  const { status, body } = await post('/actions/latch', { by, reason: 'now' });
  expect([status, body.warning.code, compat.latch?.reason]).toEqual([200, 'LATCH_FILE_FAILED', 'now (by ada)']);
});

test('the token is read from its file for each action, and a file that is missing, empty or too short allows nothing', async () => {
  const tokenFile = await temporaryFile();
  const { compat } = await openTwoEngines();
  const { post } = await serveHandler({ compat, tokenFile });
  const latch = async (used: string) =>
    (await post('/actions/latch', bodies.latch, { authorization: `Bearer ${used}` })).body.error?.code ?? 'done';
  expect(await latch(token)).toBe('TOKEN_UNAVAILABLE');
  for (const content of ['', '\n', 'short', `${token} and more`, 'x'.repeat(5_000)]) {
    writeFileSync(tokenFile, content);
    expect(await latch(content.trim() === '' ? token : (content.split(' ')[0] as string).slice(0, 4_000))).toBe(
      'TOKEN_UNAVAILABLE',
    );
  }
  writeFileSync(tokenFile, `${token}\n`);
  expect(await latch(token)).toBe('done');
  writeFileSync(tokenFile, 'another-token-of-some-length');
  expect(await latch(token)).toBe('WRONG_TOKEN');
  expect(await latch('another-token-of-some-length')).toBe('done');
});

test('without a token nothing but reading is allowed, and where reading needs it nothing is open', async () => {
  const { compat } = await openTwoEngines();
  const open = await serveHandler({ compat });
  expect((await open.post('/actions/latch', bodies.latch)).body.error.code).toBe('READ_ONLY');
  expect((await open.get('/status')).body.takesActions).toBe(false);
  const closed = await serveHandler({ compat, token, readsNeedToken: true });
  for (const path of ['/status', '/journal', '/report', '/events', '/decision?operation=get_payload'])
    expect((await closed.get(path)).status).toBe(401);
  expect((await closed.get('/status', { authorization: `Bearer ${token}` })).status).toBe(200);
});

test('what is not in the API, a method that it has not and a body that is none are each told apart', async () => {
  const { get, post, url } = await openControl({ prefix: '/control' });
  for (const path of [
    '/',
    '/statu',
    '/status/',
    '/actions',
    '/actions/',
    '/actions/explode',
    '/__proto__',
    '/actions/constructor',
  ])
    expect((await get(path)).status, path).toBe(404);
  expect((await get('/../status')).status).toBe(404);
  const wrongMethod = await post('/status', {});
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET']);
  expect((await get('/actions/latch')).headers.get('allow')).toBe('POST');
  const preflight = await fetch(`${url}/actions/latch`, { method: 'OPTIONS', headers: { origin: 'http://evil.test' } });
  expect(preflight.status).toBe(405);
  expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  const authorization = `Bearer ${token}`;
  expect((await post('/actions/latch', bodies.latch, { authorization, 'content-type': 'text/plain' })).status).toBe(
    415,
  );
  expect((await post('/actions/latch', '{"by":', { authorization })).body.error.code).toBe('NOT_JSON');
  expect((await post('/actions/latch', new Uint8Array([0x22, 0xff, 0x22]), { authorization })).body.error.code).toBe(
    'NOT_JSON',
  );
  const large = JSON.stringify({ by, reason: 'x'.repeat(70_000) });
  expect((await post('/actions/latch', large)).status).toBe(413);
});

test('a body that is too large is refused also where its length is not told', async () => {
  const { raw, compat } = await openControl();
  const chunk = 'x'.repeat(0x8000);
  const head = `POST /actions/latch HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
  expect(await raw(`${head}${`8000\r\n${chunk}\r\n`.repeat(4)}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
  expect(compat.latch).toBeNull();
});

test('a body that a framework has read already is taken as it has read it', async () => {
  const { compat } = await openTwoEngines();
  const handler = createControlHandler({ compat, token });
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    handler(Object.assign(request, { body: JSON.parse(text) }), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/actions/latch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ by, reason: 'parsed before' }),
  });
  expect([response.status, compat.latch?.reason]).toEqual([200, 'parsed before (by ada)']);
});

test('everything that is wrong with a body is told, with its path', async () => {
  const { post } = await openControl();
  const { status, body } = await post('/actions/rollback', { by: ' ', force: 'yes', why: 'x' });
  expect(status).toBe(400);
  expect(body.error.problems.map(({ code, path }: { code: string; path: string }) => `${code} ${path}`).sort()).toEqual(
    ['INVALID_FIELD body.by', 'INVALID_FIELD body.force', 'MISSING_FIELD body.reason', 'UNKNOWN_FIELD body.why'],
  );
});

test.each([
  ['localhost', 200],
  ['LOCALHOST:9', 200],
  ['127.0.0.1:80', 200],
  ['[::1]:80', 200],
  ['node-1.internal:9400', 200],
  ['evil.test', 421],
  ['localhost.evil.test', 421],
  ['127.0.0.1.evil.test', 421],
  ['localhost@evil.test', 421],
  ['', 421],
])('asked by the name %j the answer is %i', async (host, status) => {
  const { raw } = await openControl({ hosts: ['node-1.internal'] });
  expect(await raw(`GET /status HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).toMatch(
    new RegExp(`^HTTP/1.1 ${status} `),
  );
});

test('a journal of 10,000 records is read page by page, from either end', async () => {
  const journal = memoryJournal();
  const state = {
    kind: 'pre_migration',
    held: null,
    streak: { fails: 0, unsureSinceMs: null },
    run: { startedMs: null, rollbacks: 0 },
  } as const;
  for (let seq = 1; seq <= 10_000; seq += 1)
    await journal.append({ seq, atMs: seq, event: { type: 'release', by }, state });
  const { get, controller } = await openControl({}, { journal });
  await controller.open();
  const seen: number[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const { body } = await get(`/journal?after=${after}&limit=999`);
    seen.push(...body.records.map(({ seq }: JournalRecord) => seq));
    after = body.after;
  }
  expect(seen).toEqual(Array.from({ length: 10_000 }, (_, at) => at + 1));
  const newest = (await get('/journal?before=10001&limit=3')).body;
  expect([newest.records.map(({ seq }: JournalRecord) => seq), newest.before, newest.after]).toEqual([
    [9_998, 9_999, 10_000],
    9_998,
    null,
  ]);
  const first = (await get('/journal?before=3&limit=5')).body;
  expect([first.records.map(({ seq }: JournalRecord) => seq), first.before]).toEqual([[1, 2], null]);
  expect((await get('/journal?after=20000')).body).toMatchObject({ records: [], after: null });
  for (const query of [
    'limit=1001',
    'limit=-1',
    'after=x',
    'after=1&before=2',
    'after=1&after=2',
    'since=3',
    'limit=1e3',
  ])
    expect((await get(`/journal?${query}`)).status, query).toBe(400);
});

test('a decision is explained for a head, a payload id and a payload, and refused for what is none', async () => {
  const { get, post, compat } = await openControl();
  const head = (await get(`/decision?operation=forkchoice_updated&headBlockHash=${hash(7)}`)).body.decision;
  expect(head).toMatchObject({ adapter: 'v4', reason: 'CONFIGURED', targetingKey: hash(7) });
  compat.setMigrationMode({ kind: 'v5_only' });
  expect(
    (await get('/decision?operation=get_payload&payloadId=0x0000000000000001&sessionId=s')).body.decision.adapter,
  ).toBe('v5');
  const payload = engineJson.serializeExecutionPayload(capellaPayload(9));
  expect(
    (await post('/decision', { operation: 'new_payload', executionPayload: payload }, {})).body.decision,
  ).toMatchObject({ adapter: 'v5', targetingKey: hash(9) });
  const deneb = {
    operation: 'new_payload',
    executionPayload: engineJson.serializeExecutionPayload(denebPayload(9)),
    parentBeaconBlockRoot: hash(1),
  };
  expect((await post('/decision', deneb, {})).body.decision.reason).toBe('FORK');
  for (const wrong of [
    { operation: 'new_payload', executionPayload: { ...payload, gasUsed: '0x00' } },
    { operation: 'new_payload', executionPayload: { ...payload, timestamp: '0x32' } },
    { operation: 'new_payload' },
    { operation: 'forkchoice_updated', headBlockHash: '0x1' },
    { operation: 'toString' },
    [],
    null,
  ])
    expect((await post('/decision', wrong, {})).status, JSON.stringify(wrong)).toBe(400);
  expect((await get('/decision?operation=get_payload&payloadId=0x1')).body.error.path).toBe('body.payloadId');
});

test('a question of megabytes whose only field is unknown costs no more than to read it', async () => {
  const { post } = await openControl();
  for (const name of ['a.'.repeat(2_000_000), 'eyJ-'.repeat(1_000_000)]) {
    const { status, body } = await post(
      '/decision',
      { operation: 'get_payload', payloadId: '0x0000000000000001', [name]: 1 },
      {},
    );
    expect([status, body.error.code, body.error.path.length]).toEqual([400, 'UNKNOWN_FIELD', 105]);
  }
}, 10_000);

test('the report is given where one is kept, and refused where none is', async () => {
  const { get } = await openControl({}, { compat: { report: true } });
  expect((await get('/report')).body.report).toBeTypeOf('object');
  const { compat } = await openTwoEngines();
  const other = await serveHandler({ compat });
  expect((await other.get('/report')).body.error.code).toBe('REPORT_OFF');
});

test('no answer has a secret in it, whatever is put into a reason', async () => {
  const { get, post, blocks } = await openControl();
  await blocks(2);
  await post('/actions/start', { by });
  const secrets = [
    'http://ada:pass-word@unleash.test/api',
    'Bearer sesame-open',
    'eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjF9.c2lnbmF0dXJl',
  ];
  await post('/actions/hold', { by, reason: secrets.join(' ') });
  const all = JSON.stringify([(await get('/status')).body, (await get('/journal')).body]);
  expect(all).toContain('unleash.test/api');
  for (const secret of ['pass-word', 'sesame-open', 'eyJhbGci', token]) expect(all).not.toContain(secret);
});

test('a migration that runs elsewhere is refused with the code alone, and a fault of a journal is no word about the machine', async () => {
  const { post } = await openControl(
    {},
    {
      journal: {
        ...memoryJournal(),
        open: () =>
          Promise.reject(new OperatorError('JOURNAL_LOCKED', 'another has /secret/place', { path: '/secret/place' })),
      },
    },
  );
  const { status, body } = await post('/actions/hold', bodies.hold);
  expect([status, body.error]).toEqual([409, { code: 'JOURNAL_LOCKED', message: 'the journal cannot be used' }]);
  const errors: string[] = [];
  const broken = await openControl(
    { logger: { info: () => {}, warn: () => {}, error: (text) => errors.push(text) } },
    { journal: { ...memoryJournal(), open: () => Promise.reject(new Error('EIO /secret/place')) } },
  );
  const fault = await broken.post('/actions/hold', bodies.hold);
  expect([fault.status, JSON.stringify(fault.body)]).toEqual([500, expect.not.stringContaining('secret')]);
  expect(errors).toEqual(['control: EIO /secret/place']);
});

test.each([
  [{ token: 'short' }, 'token'],
  [{ token: 'with a space in the middle' }, 'token'],
  [{ tokenFile: '' }, 'tokenFile'],
  [{ token, tokenFile: 'x' }, 'token'],
  [{ prefix: 'control' }, 'prefix'],
  [{ prefix: '/control/' }, 'prefix'],
  [{ hosts: ['http://a'] }, 'hosts[0]'],
  [{ heartbeatMs: 0 }, 'heartbeatMs'],
  [{ readsNeedToken: true }, 'readsNeedToken'],
  [{ maximumListeners: -1 }, 'maximumListeners'],
])('the options %j are refused at %s', async (options, path) => {
  const { compat } = await openTwoEngines();
  expect(() => createControlHandler({ compat, ...options })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', path }),
  );
});
