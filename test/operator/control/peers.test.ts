import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlClient, OperatorError, peerLatches } from '@lighthouse-compat/operator';
import { expect, onTestFinished, test } from 'vitest';
import { hash } from '../../support/samples.js';
import { openTwoEngines } from '../../support/twoEngines.js';
import { by, openControl, serveHandler, token } from './control.js';

async function fileOf(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'peers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'token');
  writeFileSync(path, content);
  return path;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const failure = async (asked: Promise<unknown>): Promise<OperatorError> => {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OperatorError);
  return error as OperatorError;
};

test('a client reads status, journal, decision and report, and acts, as the service tells it', async () => {
  const { url, blocks, controller } = await openControl({ prefix: '/control' }, { compat: { report: true } });
  const client = controlClient({ url: `${url}/`, token });
  await blocks(2);
  expect((await client.act('start', { by })).state?.kind).toBe('parallel_testing');
  await client.act('hold', { by, reason: 'look' });
  expect((await client.status()).migration?.state.held?.why).toBe('look');
  expect((await client.journal({ after: 1, limit: 5 })).records.map(({ seq }) => seq)).toEqual([2]);
  expect((await client.journal()).lastSeq).toBe(controller.records.length);
  expect((await client.decision({ operation: 'forkchoice_updated', headBlockHash: hash(3) })).decision.adapter).toBe(
    'v4',
  );
  expect((await client.report()).report).toBeTypeOf('object');
});

test('what a service refuses, and that it cannot be asked, is each told by a code, without the token', async () => {
  const { url, stop } = await openControl();
  const refused = await failure(controlClient({ url, token }).act('promote', { by }));
  expect(refused).toMatchObject({ code: 'CONTROL_REFUSED', status: 409, refusal: { code: 'NOT_IN_THIS_STATE' } });
  const wrong = await failure(controlClient({ url, token: 'one-that-is-not-right' }).act('promote', { by }));
  expect(wrong).toMatchObject({ code: 'CONTROL_UNAUTHORIZED', status: 403, refusal: { code: 'WRONG_TOKEN' } });
  expect(String(wrong)).not.toContain('one-that-is-not-right');
  const none = await failure(controlClient({ url }).act('promote', { by }));
  expect(none).toMatchObject({ code: 'CONTROL_UNAUTHORIZED', status: 401 });
  const empty = await failure(controlClient({ url, tokenFile: await fileOf('') }).access());
  expect(empty).toMatchObject({ code: 'CONTROL_UNAUTHORIZED', path: 'tokenFile' });
  await stop();
  expect((await failure(controlClient({ url, token }).status())).code).toBe('CONTROL_UNREACHABLE');
});

test('an answer that is late, none of ours, a redirection or cut off is told apart', async () => {
  const silent = await serve(() => {});
  expect((await failure(controlClient({ url: silent, deadlineMs: 50 }).status())).code).toBe('CONTROL_TIMEOUT');
  const foreign = await serve((_, response) => response.end('<html>'));
  expect((await failure(controlClient({ url: foreign }).status())).code).toBe('CONTROL_MALFORMED');
  const other = await serve((_, response) => response.writeHead(200).end('{"version":2}'));
  expect((await failure(controlClient({ url: other }).status())).code).toBe('CONTROL_MALFORMED');
  const asked: (string | undefined)[] = [];
  const target = await serve(({ headers }, response) => {
    asked.push(headers.authorization);
    response.end();
  });
  const moved = await serve((_, response) => response.writeHead(307, { location: target }).end());
  expect((await failure(controlClient({ url: moved, token }).status())).code).toBe('CONTROL_MALFORMED');
  expect(asked).toEqual([]);
  const cut = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{');
    setImmediate(() => response.destroy());
  });
  expect((await failure(controlClient({ url: cut }).status())).code).toBe('CONTROL_UNREACHABLE');
});

test.each(['', 'ftp://a', 'http://ada:word@a', 'http://a/?x=1', 'http://a/#x'])('the address %j is refused', (url) => {
  expect(() => controlClient({ url })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', path: 'url' }));
});

test('a rollback latches the other processes, and their latches are lifted with it', async () => {
  const tokenFile = await fileOf(token);
  const processes = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const { compat } = await openTwoEngines();
      const { url } = await serveHandler({ compat, tokenFile });
      return { compat, peer: { name, url, tokenFile } };
    }),
  );
  const peers = peerLatches(processes.map(({ peer }) => peer));
  expect(peers.map(({ name }) => name)).toEqual(['a', 'b']);
  await Promise.all(peers.map((peer) => peer.latch('v5 is worse')));
  for (const { compat } of processes) expect(compat.latch?.reason).toBe('v5 is worse (by the migration)');
  await Promise.all(peers.map((peer) => peer.latch('v5 is worse')));
  await Promise.all(peers.map((peer) => peer.unlatch({ by, reason: 'mended' })));
  for (const { compat } of processes) expect(compat.latch).toBeNull();
  await Promise.all(peers.map((peer) => peer.unlatch({ by, reason: 'mended' })));
});

test('a process that is away for a moment is asked again, and one that refuses is not', async () => {
  const tokenFile = await fileOf(token);
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url ?? '');
    if (asked.length < 3) response.destroy();
    else response.end(JSON.stringify({ version: 1, action: 'latch' }));
  });
  const [peer] = peerLatches([{ name: 'a', url, tokenFile }]);
  await peer?.latch('now');
  expect(asked).toEqual(['/actions/latch', '/actions/latch', '/actions/latch']);

  const { compat } = await openTwoEngines();
  const { url: closed } = await serveHandler({ compat });
  const [refusing] = peerLatches([{ name: 'b', url: closed, tokenFile }]);
  expect((await failure((refusing as typeof peer & object).latch('now'))).code).toBe('CONTROL_UNAUTHORIZED');

  let attempts = 0;
  const dead = await serve((_, response) => {
    attempts += 1;
    response.destroy();
  });
  const [gone] = peerLatches([{ name: 'c', url: dead, tokenFile }]);
  expect((await failure((gone as typeof peer & object).latch('now'))).code).toBe('CONTROL_UNREACHABLE');
  expect(attempts).toBe(4);
});
