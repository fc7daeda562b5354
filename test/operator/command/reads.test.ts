import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { engineJson } from '@lighthouse-compat/conversions';
import { createObservationLog, defaultPlan, parsePlan } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { outlineOf } from '../../../packages/operator/src/command/text/plan.js';
import { capellaPayload, hash } from '../../support/samples.js';
import { serveAnything } from '../../support/serveAnything.js';
import { openControl } from '../control/control.js';
import { openDesk } from './desk.js';

/** A desk at a migration over two fake engines, with what else its configuration says. */
async function openBoth(more = '', options: Parameters<typeof openControl>[1] = {}) {
  const [desk, control] = [await openDesk(), await openControl({}, { ...options, compat: { report: true } })];
  await desk.write(
    'lighthouse-compat.yaml',
    `service: { name: fra, url: '${control.url}', tokenFile: control.token }\n${more}`,
  );
  return { ...control, ...desk };
}

test('status says everything on one screen, and as JSON what the API says', async () => {
  const { run, blocks, step, get } = await openBoth();
  await blocks(2);
  await run(['start']);
  await step(0);
  const { code, out } = await run(['status']);
  expect(code).toBe(0);
  expect(out).toMatch(/^fra \(http:\/\/127\.0\.0\.1:\d+\), 1970-01-01/);
  for (const heading of ['Health', 'Share of v5', 'Standby and queues', 'Journal, the newest first'])
    expect(out).toContain(`\n${heading}\n`);
  expect(out).toMatch(/State +canary at 10 %/);
  expect(out).toMatch(/Errors of v5 +\w+/);
  expect(out).toMatch(/v4 +v4 +in step/);
  expect(out).not.toContain('\u001B');
  expect(JSON.parse((await run(['status', '--json'])).out)).toEqual((await get('/status')).body);
});

test('status shows what must not be overlooked first, in colour on a screen', async () => {
  const { run, blocks } = await openBoth();
  await blocks(2);
  await run(['start']);
  await run(['hold', '--reason', 'to look']);
  const { out } = await run(['status'], { rows: 50 });
  expect(out.split('\n')[2]).toContain('\u001B[33mHeld by grace: to look');
});

test('watching on a screen draws it anew, and no more of it than fits', async () => {
  const { run, blocks } = await openBoth();
  await blocks(2);
  const ending = new AbortController();
  let drawn = 0;
  const { code, out } = await run(['status', '--watch', '--every', '1'], {
    rows: 10,
    signal: ending.signal,
    wrote() {
      drawn += 1;
      if (drawn === 2) ending.abort();
    },
  });
  expect(code).toBe(0);
  const frames = out.split('\f').slice(1);
  expect(frames).toHaveLength(2);
  for (const frame of frames) expect(frame.split('\n')).toHaveLength(9);
});

test('watching without a screen tells each change once, and goes on over a restart', async () => {
  const { run, blocks, stop, port, handler } = await openBoth();
  await blocks(2);
  const ending = new AbortController();
  let told = '';
  const waiting = new Map<string, () => void>();
  const until = (text: string): Promise<void> =>
    new Promise((resolve) => (told.includes(text) ? resolve() : waiting.set(text, resolve)));
  const watching = run(['status', '--watch', '--every', '1'], {
    signal: ending.signal,
    wrote(text) {
      told += text;
      for (const [wanted, resolve] of waiting) if (told.includes(wanted)) resolve();
    },
  });
  await until('not started; v5 0 %');
  await run(['start']);
  await until('start: parallel testing');
  await stop();
  await until('not connected since');
  await serveAnything(handler, port);
  await run(['hold', '--reason', 'to look']);
  await until('; held: to look');
  ending.abort();
  const { code, out, err } = await watching;
  expect(code).toBe(0);
  expect(err.match(/not connected since/g)).toHaveLength(1);
  expect(out.match(/not started; v5 0 %/g)).toHaveLength(1);
  expect(out.match(/#1 start: /g)).toHaveLength(1);
  expect(out.match(/#\d+ hold: .*to look \(grace\)/g)).toHaveLength(1);
});

test('watching as JSON is a status a line', async () => {
  const { run, blocks } = await openBoth();
  await blocks(2);
  const ending = new AbortController();
  let lines = 0;
  const { out } = await run(['status', '--watch', '--every', '1', '--json'], {
    signal: ending.signal,
    wrote() {
      lines += 1;
      if (lines === 2) ending.abort();
    },
  });
  const all = out.trim().split('\n');
  expect(all).toHaveLength(2);
  for (const line of all) expect(JSON.parse(line)).toMatchObject({ version: 1, takesActions: true });
});

test('a plan is outlined: each step, when it begins, the whole, and the latest start before Cancun', () => {
  const { steps, durationMs, latestStartMs } = outlineOf(defaultPlan);
  expect(steps.map(({ percent }) => percent)).toEqual([0, ...defaultPlan.steps, 100]);
  const last = steps.at(-1);
  // The validation's own check is the last of it.
  expect((last?.beginsMs ?? 0) + (last?.lengthMs ?? 0)).toBe(durationMs);
  expect(latestStartMs).toBeNull();
  const cancunTime = 2_000_000_000;
  expect(outlineOf(parsePlan({ cancunTime })).latestStartMs).toBe(cancunTime * 1_000 - 3_600_000 - durationMs);
});

test('plan shows the default one without a service, and holds a configured one against the service', async () => {
  const desk = await openDesk();
  const { code, out } = await desk.run(['plan']);
  expect(code).toBe(0);
  expect(out).toMatch(/^The default plan\n {2}parallel testing +0 % /);
  expect(out).toContain('No time of Cancun is told');

  const { run } = await openBoth('plan: { steps: [10, 100], cancunTime: 2000000000 }\n');
  const differing = await run(['plan']);
  expect(differing.code).toBe(6);
  expect(differing.out).toContain('The service goes by another plan: firstStepMs is 60000, and 21600000 here.');
  expect(differing.out).toMatch(/the plan has to be started by 2033-05-1\d/);
  expect(JSON.parse((await run(['plan', '--json'])).out).differences).toContainEqual({
    path: 'health.minimumSamples',
    configured: '200',
    running: '100',
  });
  // What is configured can be looked at before there is a service.
  const early = await openDesk();
  await early.write('lighthouse-compat.yaml', "service: { url: 'http://127.0.0.1:1' }\nplan: { steps: [100] }\n");
  const away = await early.run(['plan']);
  expect([away.code, away.err]).toEqual([4, expect.stringContaining('CONTROL_UNREACHABLE')]);
  expect(away.out).toMatch(/^The plan of the configuration\n/);
  const { run: ofService } = await openBoth();
  expect((await ofService(['plan'])).out).toMatch(/^The plan of the service\n/);
});

test('decide says by which version a call would be answered', async () => {
  const { run, blocks, write, compat } = await openBoth();
  await blocks(2);
  const head = ['decide', 'forkchoice_updated', '--head', hash(2)];
  expect((await run(head)).out).toMatch(/Answered by +v4\n.*CONFIGURED/s);
  compat.setMigrationMode({ kind: 'v5_only' });
  await blocks(1);
  expect(JSON.parse((await run([...head.slice(0, 3), hash(9), '--json', '--session', 'ada'])).out)).toMatchObject({
    adapter: 'v5',
    reason: 'CONFIGURED',
  });
  await write('payload.json', JSON.stringify(engineJson.serializeExecutionPayload(capellaPayload(7))));
  expect((await run(['decide', 'new_payload', '--payload', 'payload.json'])).out).toMatch(/Operation +new_payload/);
  expect((await run(['decide', 'get_payload', '--payload-id', '0x0000000000000001'])).code).toBe(0);
  expect(await run(['decide', 'get_payload'])).toMatchObject({ code: 2, err: expect.stringContaining('--payload-id') });
  expect(await run(['decide', 'new_payload', '--payload', 'none.json'])).toMatchObject({ code: 2 });
  expect(await run(['decide', 'forkchoice_updated', '--head', '0x12'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('headBlockHash'),
  });
});

test('report is of the service, or of a file of observations, as text, JSON and a page', async () => {
  const { run, blocks, folder, compat } = await openBoth();
  const file = createWriteStream(join(folder, 'observations.jsonl'));
  const log = createObservationLog(file);
  compat.on('observation', (observation) => log.record(observation));
  await blocks(3);
  await new Promise<void>((resolve) => file.end(resolve));
  const ofService = await run(['report', '--html', 'page.html']);
  expect(ofService.code).toBe(0);
  expect(ofService.out).toContain('new_payload');
  expect(await readFile(join(folder, 'page.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  const ofFile = JSON.parse((await run(['report', 'observations.jsonl', '--json'])).out);
  const live = JSON.parse((await run(['report', '--json'])).out);
  expect(ofFile.operations.new_payload.v4.sent).toBe(live.operations.new_payload.v4.sent);
  expect(await run(['report', 'none.jsonl'])).toMatchObject({ code: 2, err: expect.stringContaining('none.jsonl') });
});

test('watching goes on over what a proxy says while the service is away, and Ctrl-C ends it at once while nothing answers', async () => {
  const { handler } = await openBoth();
  const answers: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>'),
    // No answer any more.
    () => ending.abort(),
  ];
  const ending = new AbortController();
  let looks = 0;
  const { url } = await serveAnything((request, response) => {
    if (request.url === '/status') looks += 1;
    const answer = looks > 1 ? answers[looks - 2] : undefined;
    if (answer === undefined) handler(request, response);
    else answer(response);
  });
  const { run } = await openDesk();
  const { code, err } = await run(['status', '--watch', '--every', '1', '--url', url], { signal: ending.signal });
  expect(code).toBe(0);
  expect(err).toMatch(/not connected since: .*status 502/);
  expect(looks).toBe(3);
});

test('what answers as a control API does and is none is told, without a stack', async () => {
  const { url } = await serveAnything((_request, response) => response.end('{"version":1}'));
  const at = ['--url', url];
  const { run } = await openDesk();
  for (const args of [
    ['status'],
    ['report'],
    ['plan'],
    ['decide', 'get_payload', '--payload-id', '0x0000000000000001'],
  ]) {
    const { code, err } = await run([...args, ...at]);
    expect([code, err]).toEqual([1, expect.stringMatching(/^CONTROL_MALFORMED: [^\n]+\n$/)]);
  }
});

test('a service that keeps no report says so', async () => {
  const { url } = await openControl();
  const { run } = await openDesk();
  expect(await run(['report', '--url', url])).toMatchObject({ code: 3, err: expect.stringContaining('REPORT_OFF') });
});

test('one of several services is meant by its name', async () => {
  const other = await openControl();
  const { run } = await openBoth(`peers: [{ name: tyo, url: '${other.url}' }]\n`);
  expect((await run(['status', '--service', 'tyo'])).out).toMatch(new RegExp(`^tyo \\(${other.url}\\)`));
  const { code, err } = await run(['status', '--service', 'lon']);
  expect(code).toBe(2);
  expect(err).toContain('no service is called lon; there are fra, tyo');
});
