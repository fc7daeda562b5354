import { createServer as createTcpServer } from 'node:net';
import { actionNames, OperatorError } from '@lighthouse-compat/operator';
import { expect, onTestFinished, test } from 'vitest';
import { startDesk } from '../../../packages/operator/src/desk/desk.js';
import { createManualClock } from '../../sdk/migration/observations.js';
import { hash } from '../../support/samples.js';
import { serveAnything } from '../../support/serveAnything.js';
import { bodies, by, openControl, token } from '../control/control.js';
import { openDesk } from './desk.js';

const bearer = { authorization: `Bearer ${token}` };

const openBoth = async (options: Parameters<typeof openControl>[0] = {}) => {
  const service = await openControl({ prefix: '/control', ...options }, { compat: { report: true } });
  return { service, ...(await openDesk(`${service.url}/`)) };
};

test('what is read through the desk is what the service says, with its query', async () => {
  const { service, get, post } = await openBoth();
  await service.blocks(3);
  await service.post('/actions/start', { by });
  await service.post('/actions/hold', { by, reason: 'look' });
  const decision = `/decision?operation=forkchoice_updated&headBlockHash=${hash(3)}`;
  for (const path of ['/status', '/journal?limit=1', '/journal?before=2&limit=5', '/report', decision]) {
    const [through, direct] = [await get(path), await service.get(path)];
    expect([path, through.status, through.body]).toEqual([path, 200, direct.body]);
    for (const name of ['content-type', 'cache-control', 'x-content-type-options', 'cross-origin-resource-policy'])
      expect([name, through.headers.get(name)]).toEqual([name, direct.headers.get(name)]);
    expect(through.headers.get('access-control-allow-origin')).toBeNull();
  }
  const asked = { operation: 'get_payload', payloadId: '0x0000000000000001' };
  expect((await post('/decision', asked)).body).toEqual((await service.post('/decision', asked)).body);
  const refused = await get('/journal?limit=x');
  expect([refused.status, refused.body.error.code]).toEqual([400, 'INVALID_FIELD']);
});

test('the desk has no token: an action is done with that of the caller alone', async () => {
  const { service, post } = await openBoth();
  await service.blocks(2);
  const none = await post('/actions/start', { by });
  expect([none.status, none.body.error.code]).toEqual([401, 'TOKEN_NEEDED']);
  expect(none.headers.get('www-authenticate')).toMatch(/^Bearer /);
  const wrong = await post('/actions/start', { by }, { authorization: 'Bearer not-the-token-at-all' });
  expect([wrong.status, wrong.body.error.code]).toEqual([403, 'WRONG_TOKEN']);
  expect(service.controller.records).toEqual([]);
  const right = await post('/actions/start', { by }, bearer);
  expect([right.status, right.body.state.kind]).toEqual([200, 'parallel_testing']);
  const again = await post('/actions/start', { by }, bearer);
  expect([again.status, again.body.error.code]).toEqual([409, 'NOT_IN_THIS_STATE']);
});

test('where reading needs the token too, the desk asks for nothing with another than the caller has', async () => {
  const { get, base } = await openBoth({ readsNeedToken: true });
  expect((await fetch(`${base}/`)).status).toBe(200);
  expect([(await get('/status')).status, (await get('/events')).status]).toEqual([401, 401]);
  expect((await get('/status', { authorization: 'Bearer not-the-token-at-all' })).status).toBe(403);
  expect((await get('/status', bearer)).status).toBe(200);
});

test('every action reaches the service, and nothing of a request but what it needs', async () => {
  const seen: { path: string; headers: Record<string, unknown>; body: string }[] = [];
  const { url } = await serveAnything(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ path: `${request.method} ${request.url}`, headers: request.headers, body });
    response.writeHead(200, {
      'content-type': 'application/json',
      'set-cookie': 'a=b',
      'access-control-allow-origin': '*',
    });
    response.end('{"version":1}');
  });
  const { get, post } = await openDesk(`${url}/prefix`);
  const more = { cookie: 'c=d', 'x-forwarded-for': '10.0.0.1', 'last-event-id': 'r-1', origin: 'http://evil.test' };
  for (const name of actionNames) {
    const { status, headers } = await post(`/actions/${name}`, bodies[name], { ...bearer, ...more });
    expect(status).toBe(200);
    expect([headers.get('set-cookie'), headers.get('access-control-allow-origin')]).toEqual([null, null]);
  }
  expect(seen.map(({ path }) => path)).toEqual(actionNames.map((name) => `POST /prefix/actions/${name}`));
  expect(seen.map(({ body }) => JSON.parse(body))).toEqual(actionNames.map((name) => bodies[name]));
  const host = new URL(url).host;
  const { 'content-length': _, ...headers } = seen[0]?.headers ?? {};
  expect(headers).toEqual({ ...bearer, 'content-type': 'application/json', host, connection: 'close' });
  await get('/status?a=%22b', more);
  expect(seen.at(-1)).toMatchObject({ path: 'GET /prefix/status?a=%22b', headers: { host, connection: 'close' } });
  expect(Object.keys(seen.at(-1)?.headers ?? {}).sort()).toEqual(['connection', 'host']);
  await get('/events', more);
  expect(seen.at(-1)?.headers).toEqual({ host, connection: 'close', 'last-event-id': 'r-1' });
});

test('another path or method is answered here and does not reach the service', async () => {
  let asked = 0;
  const { url } = await serveAnything((_request, response) => {
    asked += 1;
    response.end();
  });
  const { get, base, raw } = await openDesk(url);
  for (const path of ['/status/', '//status', '/actions/nothing', '/actions/__proto__', '/control/status', '/page/x'])
    expect([(await get(path)).status, path]).toEqual([404, path]);
  for (const [method, path, allow] of [
    ['POST', '/status', 'GET'],
    ['GET', '/actions/start', 'POST'],
    ['PUT', '/decision', 'GET, POST'],
    ['OPTIONS', '/actions/rollback', 'POST'],
  ] as const) {
    const response = await fetch(`${base}${path}`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(response.headers.get('access-control-allow-methods')).toBeNull();
  }
  for (const target of ['http://10.0.0.1/status', '/status@evil.test', '/../status', '/status\\..', '*'])
    expect(await raw(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`), target).toMatch(
      /^HTTP\/1\.1 404 /,
    );
  expect(asked).toBe(0);
});

test('a page elsewhere does not get in: neither by another host nor by a form', async () => {
  const { service, raw, base } = await openBoth();
  const get = (host: string) => raw(`GET /status HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  expect(await get('evil.test')).toMatch(/^HTTP\/1\.1 421 [\s\S]*UNKNOWN_HOST/);
  expect(await get('localhost:1')).toMatch(/^HTTP\/1\.1 200 /);
  const named = await openDesk(service.url, { hosts: ['desk.example.org'] });
  expect(await named.raw('GET / HTTP/1.1\r\nhost: desk.example.org\r\nconnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 200 /,
  );
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const form = await fetch(`${base}/actions/latch`, {
      method: 'POST',
      headers: { 'content-type': type, ...bearer },
      body: JSON.stringify(bodies.latch),
    });
    expect([form.status, type]).toEqual([415, type]);
  }
  expect(service.compat.latch).toBeNull();
});

test('a body that is too large is refused before the service is asked', async () => {
  let asked = 0;
  const { url } = await serveAnything((_request, response) => {
    asked += 1;
    response.end();
  });
  const { post, raw } = await openDesk(url);
  const large = await post('/actions/hold', { by, reason: 'x'.repeat(64 * 1024) }, bearer);
  expect([large.status, large.body.error.code]).toEqual([413, 'BODY_TOO_LARGE']);
  const payload = await post('/decision', { operation: 'new_payload', executionPayload: 'x'.repeat(8 * 1024 * 1024) });
  expect(payload.status).toBe(413);
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const head =
    'POST /actions/hold HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n';
  expect(await raw(`${head}transfer-encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
  expect(asked).toBe(0);
});

test('a service that cannot be reached is told once until it can be, and no secret with it', async () => {
  const { service, get, post, said } = await openBoth();
  await service.stop();
  for (let asked = 0; asked < 3; asked += 1) {
    const { status, body, headers } = await get('/status', bearer);
    expect([status, body]).toEqual([
      502,
      { version: 1, error: { code: 'CONTROL_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') } },
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
  }
  expect((await post('/actions/start', { by }, bearer)).status).toBe(502);
  expect(said).toEqual([expect.stringMatching(/^desk: CONTROL_UNREACHABLE: http:.*\/control\/status: .*ECONNREFUSED/)]);
  const { port } = service;
  const back = await serveAnything((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  );
  await new Promise<void>((resolve) => back.server.close(() => resolve()));
  await new Promise<void>((resolve) => back.server.listen(port, '127.0.0.1', resolve));
  expect((await get('/status')).status).toBe(200);
  expect(said.slice(1)).toEqual(['desk: the service answers again']);
  expect(said.join()).not.toContain(token);
});

test('a service that is silent is given up after its time, a drill only after what a drill may take', async () => {
  let hang: 'before' | 'within' = 'before';
  let left = 0;
  let asked = 0;
  const { url } = await serveAnything((request, response) => {
    asked += 1;
    if (hang === 'within') response.writeHead(200, { 'content-type': 'application/json' }).write('{"version"');
    request.socket.once('close', () => {
      left += 1;
    });
  });
  const clock = createManualClock();
  const { get, post, base } = await openDesk(url, { clock, timeoutMs: 5_000 });
  const status = get('/status');
  await expect.poll(() => asked).toBe(1);
  clock.advance(5_000);
  expect((await status).body.error).toEqual({
    code: 'CONTROL_TIMEOUT',
    message: `${url}/status: no answer within 5000 ms`,
  });
  expect((await status).status).toBe(504);
  await expect.poll(() => left).toBe(1);

  const drill = post('/actions/drill', { by }, bearer);
  await expect.poll(() => asked).toBe(2);
  clock.advance(329_999);
  expect(left).toBe(1);
  clock.advance(1);
  expect((await drill).body.error.message).toMatch(/330000 ms; what was asked may have been done all the same$/);

  hang = 'within';
  const half = await fetch(`${base}/status`);
  expect(half.status).toBe(200);
  clock.advance(5_000);
  await expect(half.text()).rejects.toThrow();
  await expect.poll(() => [left, clock.timers]).toEqual([3, 0]);
});

test('what is no answer of a control API is not passed on, and no redirect followed', async () => {
  let elsewhere = 0;
  const other = await serveAnything((_request, response) => {
    elsewhere += 1;
    response.end();
  });
  let answer: { status: number; headers: Record<string, string> } = { status: 200, headers: {} };
  const { url } = await serveAnything((_request, response) => {
    response.writeHead(answer.status, answer.headers).end('<script>1</script>');
  });
  const { get, post } = await openDesk(url);
  const json = { 'content-type': 'application/json' };
  for (answer of [
    { status: 200, headers: {} },
    { status: 200, headers: { 'content-type': 'text/html' } },
    { status: 502, headers: { 'content-type': 'text/html; charset=utf-8' } },
    { status: 200, headers: { 'content-type': 'application/json-and-more' } },
    { status: 307, headers: { ...json, location: other.url } },
    { status: 301, headers: { ...json, location: `${url}/status` } },
  ]) {
    for (const asked of [get('/status', bearer), post('/actions/start', { by }, bearer)]) {
      const { status, body } = await asked;
      expect([status, body.error.code]).toEqual([502, 'CONTROL_MALFORMED']);
      expect(body.error.message).toContain(`status ${answer.status}`);
    }
  }
  expect(elsewhere).toBe(0);
  answer = { status: 401, headers: { ...json, 'www-authenticate': 'Basic realm="x"' } };
  const challenged = await fetch(`${(await openDesk(url)).base}/status`);
  expect([challenged.status, challenged.headers.get('www-authenticate')]).toEqual([401, null]);

  const noHttp = createTcpServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n\r\n')));
  await new Promise<void>((resolve) => noHttp.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void noHttp.close());
  const odd = await openDesk(`http://127.0.0.1:${(noHttp.address() as { port: number }).port}`);
  expect((await odd.get('/status')).body.error.code).toBe('CONTROL_MALFORMED');
});

test('the page is served with its headers, and by no other host', async () => {
  const { base, raw } = await openBoth();
  const page = await fetch(`${base}/`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
  expect(await page.text()).toContain('page/main.js');
  expect((await fetch(`${base}/page/main.js`)).status).toBe(200);
  expect(await raw('GET / HTTP/1.1\r\nhost: evil.test\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
});

test('a desk is on the loopback unless told, closes whole, and says what is wrong with its options', async () => {
  const { url } = await openControl();
  const desk = await startDesk({ service: { url } });
  expect(desk.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  // The loopback has other addresses, on which one that is bound to everything would answer.
  await expect(fetch(desk.url.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow();
  const listening = await fetch(`${desk.url}events`);
  await Promise.all([desk.close(), desk.close()]);
  await expect(listening.text()).rejects.toThrow();
  await expect(fetch(desk.url)).rejects.toThrow();

  const everywhere = await openDesk(url, { host: '0.0.0.0' });
  expect(everywhere.desk.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect((await everywhere.get('/status')).status).toBe(200);
  const six = await openDesk(url, { host: '::1' });
  expect(six.desk.url).toMatch(/^http:\/\/\[::1\]:\d+\/$/);
  expect((await six.get('/status')).status).toBe(200);

  const failure = (options: Parameters<typeof startDesk>[0]) =>
    startDesk(options).then(
      () => null,
      (error) => error,
    );
  const port = Number(new URL(everywhere.desk.url).port);
  const taken = await failure({ service: { url }, port });
  expect(taken).toBeInstanceOf(OperatorError);
  expect(taken).toMatchObject({ code: 'LISTEN_FAILED', message: expect.stringContaining('EADDRINUSE') });
  for (const [path, options] of [
    ['service.url', { service: { url: 'http://ada:secret@127.0.0.1' } }],
    ['service.url', { service: { url: 'nonsense' } }],
    ['service.timeoutMs', { service: { url, timeoutMs: 0 } }],
    ['port', { service: { url }, port: 65_536 }],
    ['host', { service: { url }, host: '' }],
    ['hosts[0]', { service: { url }, hosts: ['a b'] }],
  ] as const) {
    const error = await failure(options);
    expect([error.code, error.path]).toEqual(['INVALID_OPTION', path]);
    expect(error.message).not.toContain('secret');
  }
});
