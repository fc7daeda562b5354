import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { actionNames } from '@lighthouse-compat/operator';
import { expect, onTestFinished, test } from 'vitest';
import { shortPlan } from '../../sdk/migration/migration.js';
import { gate } from '../../support/gate.js';
import { root } from '../../support/process.js';
import { serveAnything } from '../../support/serveAnything.js';
import { openTwoEngines } from '../../support/twoEngines.js';
import { openControl, serveHandler, token } from '../control/control.js';
import { openDesk } from './desk.js';

const reasons = ['hold', 'pause', 'rollback', 'clear-latch', 'latch'];
const others = ['start', 'release', 'resume', 'promote', 'abort', 'retry', 'drill', 'adopt', 'reset'];
const commands = [
  ...reasons.map((name) => [name, '--reason', 'to look']),
  ...others.map((name) => [name]),
  ['finalize', '--yes'],
];

/** A desk at a migration over two fake engines. */
async function openBoth(migration: Parameters<typeof openControl>[1] = {}) {
  const [desk, control] = [await openDesk(), await openControl({}, migration)];
  await desk.write(
    'lighthouse-compat.yaml',
    `service: { name: fra, url: '${control.url}', tokenFile: control.token }\n`,
  );
  return { ...control, ...desk };
}

/** The same, asked through a server that tells when it is first asked how a rollback goes: what began it has been answered by then. */
async function openLookedAt() {
  const both = await openBoth();
  const looked = gate();
  const listener: RequestListener = (request, response) => {
    if (request.url === '/status' && both.compat.latch !== null) looked.open();
    both.handler(request, response);
  };
  const { url, port, stop } = await serveAnything(listener);
  await both.write('lighthouse-compat.yaml', `service: { name: fra, url: '${url}', tokenFile: control.token }\n`);
  return { ...both, listener, port, stop, looked: looked.opened };
}

test('there is a command for every action', () => {
  // What clears a rollback is told from what lifts a latch alone by the service's state.
  expect([...commands.map(([name]) => name), 'clear'].sort()).toEqual([...actionNames].sort());
});

test('a migration is started, held, promoted, rolled back and cleared from the command line, and the journal says by whom', async () => {
  const { run, blocks, controller, compat } = await openBoth();
  const refused = await run(['start']);
  expect(refused.code).toBe(3);
  expect(refused.err).toMatch(/^CONTROL_REFUSED: .*NOT_READY: .*standby/);
  await blocks(2);
  expect(await run(['start', '--by', 'ada'])).toEqual({
    code: 0,
    out: 'start: done. Now: parallel testing, 0 % of the comparisons.\n',
    err: '',
  });
  expect((await run(['hold', '--reason', 'to look'])).out).toMatch(/, held: to look\.\n$/);
  expect((await run(['release'])).code).toBe(0);
  expect((await run(['pause', '--reason', 'lunch'])).out).toMatch(/, paused: lunch\.\n$/);
  expect((await run(['resume'])).code).toBe(0);
  await blocks(60);
  const promoted = await run(['promote', '--json']);
  expect(JSON.parse(promoted.out)).toMatchObject({ action: 'promote', state: { kind: 'canary', percent: 10 } });
  expect((await run(['drill'])).out).toMatch(
    /^The rollback was rehearsed, and is well; v4 was seen to carry on within \d+ s\.\n/,
  );
  const back = await run(['rollback', '--reason', 'seen enough'], { env: { LIGHTHOUSE_COMPAT_BY: 'eve' } });
  expect(back.code).toBe(0);
  expect(back.out).toMatch(
    /^rollback: done\. Now: rolling back: seen enough\.\nNow: rolled back within \d+ s: seen enough\.\n$/,
  );
  expect(compat.latch?.reason).toBe('seen enough');
  expect((await run(['promote'])).code).toBe(3);
  expect((await run(['clear-latch', '--reason', 'mended'])).out).toBe('clear: done. Now: not started.\n');
  expect(compat.latch).toBeNull();
  const said = controller.records.flatMap(({ event }) => ('by' in event ? [`${event.type} ${event.by}`] : []));
  expect(said).toEqual([
    'start ada',
    'hold grace',
    'release grace',
    'pause grace',
    'resume grace',
    'promote grace',
    'rollback eve',
    'clear grace',
  ]);
});

test('a rollback that cannot be verified ends with 6 where it is waited for, and is verified again by retry', async () => {
  const { run, blocks, v4 } = await openBoth({ controller: { plan: { ...shortPlan, rollbackDeadlineMs: 100 } } });
  await blocks(2);
  await run(['start']);
  let status = 'SYNCING';
  v4.on('engine_forkchoiceUpdatedV2', ([state]) => {
    const { headBlockHash } = state as { headBlockHash: string };
    const latestValidHash = status === 'VALID' ? headBlockHash : null;
    return { payloadStatus: { status, latestValidHash, validationError: null }, payloadId: null };
  });
  const failed = await run(['abort', '--force']);
  expect(failed.code).toBe(6);
  expect(failed.out).toMatch(
    /^abort: done\. Now: rolling back: .*\nNow: the rollback could not be verified: DEADLINE\.\n$/,
  );
  const again = await run(['retry', '--json']);
  expect([again.code, JSON.parse(again.out).state.kind]).toEqual([6, 'rollback_failed']);
  const unwaited = await run(['retry', '--no-wait', '--json']);
  expect([unwaited.code, JSON.parse(unwaited.out).state.kind]).toEqual([0, 'rolling_back']);
  await expect
    .poll(async () => JSON.parse((await run(['status', '--json'])).out).migration.state.kind)
    .toBe('rollback_failed');
  status = 'VALID';
  // A busy machine may take longer than so short a deadline: then it is said again, and asked for again.
  let verified = await run(['retry']);
  for (let more = 20; verified.code === 6 && more > 0; more -= 1) verified = await run(['retry']);
  expect(verified.code).toBe(0);
  expect(verified.out).toMatch(/Now: rolled back within/);
});

test('a service without a migration is latched and its latch lifted; the rest is refused', async () => {
  const { compat } = await openTwoEngines();
  const [desk, { url }] = [await openDesk(), await serveHandler({ compat, token })];
  const at = ['--url', url, '--token-file', 'control.token'];
  expect((await desk.run(['latch', '--reason', 'the controller is gone', ...at])).out).toBe(
    'latch: done; the latch is set: the controller is gone (by grace).\n',
  );
  expect(compat.latch).not.toBeNull();
  expect((await desk.run(['clear-latch', '--reason', 'back', ...at])).out).toBe(
    'clear-latch: done; the latch is not set.\n',
  );
  expect(compat.latch).toBeNull();
  const { code, err } = await desk.run(['promote', ...at]);
  expect(code).toBe(3);
  expect(err).toContain('NO_CONTROLLER');
  expect((await desk.run(['rollback', '--reason', 'x', ...at])).err).toContain('lighthouse-compat latch');
});

test('a service that is away for a moment while a rollback is verified is asked again', async () => {
  const { run, blocks, listener, port, stop, v4, looked } = await openLookedAt();
  await blocks(2);
  await run(['start']);
  const opened = gate();
  v4.on('engine_forkchoiceUpdatedV2', async ([state]) => {
    await opened.opened;
    const { headBlockHash } = state as { headBlockHash: string };
    return {
      payloadStatus: { status: 'VALID', latestValidHash: headBlockHash, validationError: null },
      payloadId: null,
    };
  });
  const rolling = run(['rollback', '--reason', 'seen enough', '--force']);
  await looked;
  await stop();
  await serveAnything(listener, port);
  opened.open();
  const { code, out } = await rolling;
  expect([code, out]).toEqual([0, expect.stringMatching(/\nNow: rolled back within .*: seen enough\.\n$/)]);
});

test.each([
  [['--json'], /^\{\n {2}"version": 1,\n {2}"action": "rollback"/],
  [[], /^rollback: done\. Now: rolling back: seen enough\.\n$/],
])('Ctrl-C while a rollback is verified says that it was made: %s', async (options, said) => {
  const { run, blocks, v4, looked } = await openLookedAt();
  await blocks(2);
  await run(['start']);
  const { opened, open } = gate();
  onTestFinished(open);
  v4.on('engine_forkchoiceUpdatedV2', async () => {
    await opened;
    return { payloadStatus: { status: 'SYNCING', latestValidHash: null, validationError: null }, payloadId: null };
  });
  const ending = new AbortController();
  const rolling = run(['rollback', '--reason', 'seen enough', '--force', ...options], { signal: ending.signal });
  await looked;
  ending.abort();
  const { code, out, err } = await rolling;
  expect([code, out]).toEqual([130, expect.stringMatching(said)]);
  expect(err).toContain('The rollback was made, and goes on in the service');
});

test('Ctrl-C, or no answer, in the middle of an action says that it may have been done', async () => {
  const asked = gate();
  const { url } = await serveAnything(() => asked.open());
  const { run, write } = await openDesk();
  await write('lighthouse-compat.yaml', `service: { url: '${url}', tokenFile: control.token, timeoutMs: 60000 }\n`);
  const ending = new AbortController();
  const holding = run(['hold', '--reason', 'x'], { signal: ending.signal });
  await asked.opened;
  ending.abort();
  expect(await holding).toEqual({
    code: 130,
    out: '',
    err: expect.stringContaining('It may have been done all the same'),
  });
  await write('lighthouse-compat.yaml', `service: { url: '${url}', tokenFile: control.token, timeoutMs: 50 }\n`);
  expect(await run(['hold', '--reason', 'x'])).toMatchObject({
    code: 4,
    err: expect.stringContaining('it may have been done all the same'),
  });
  // What only reads is ended, and nothing else is to be said of it.
  expect(await run(['status', '--url', url], { signal: AbortSignal.abort() })).toEqual({ code: 130, out: '', err: '' });
});

test('what comes from elsewhere cannot act upon the terminal', async () => {
  const { run, blocks, controller, compat } = await openBoth();
  await blocks(2);
  await run(['start']);
  const evil = 'gone\u001B]0;owned\u0007\u001B[2J\n#9 finalize: all is well';
  await controller.hold({ by: 'eve\r', why: evil });
  const ending = new AbortController();
  const texts = [
    (await run(['status'])).out,
    (await run(['status'], { rows: 60 })).out,
    (await run(['hold', '--reason', evil])).out,
    (await run(['status', '--watch'], { signal: ending.signal, wrote: () => ending.abort() })).out,
  ];
  await compat.rollback(evil);
  texts.push((await run(['check'])).out, (await run(['promote'])).err);
  const colours = [31, 32, 33, 39].map((code) => `\u001B[${code}m`);
  for (const text of texts) {
    // Its own colours and ends of lines are the command's.
    expect(colours.reduce((rest, colour) => rest.replaceAll(colour, ''), text)).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(text.split('\n').some((line) => line.startsWith('#9'))).toBe(false);
  }
  expect(texts[0]).toContain('\\u001b[2J\\u000a#9 finalize');
});

test('a latch that could not be kept in its file is told, and ends with 6', async () => {
  const { compat } = await openTwoEngines({ latchFile: '/no-such-folder/latch' });
  const { url } = await serveHandler({ compat, token });
  const { run } = await openDesk();
  const { code, out } = await run(['latch', '--reason', 'now', '--url', url, '--token-file', 'control.token']);
  expect([code, out]).toEqual([6, expect.stringContaining('LATCH_FILE_FAILED')]);
});

test('finalizing is asked for, and without anybody to ask it wants --yes', async () => {
  const { run, controller } = await openBoth();
  expect((await run(['finalize'])).code).toBe(2);
  for (const answer of ['no', '', null])
    expect(await run(['finalize'], { answer })).toEqual({ code: 1, out: '', err: 'Nothing was done.\n' });
  expect(controller.records).toEqual([]);
  // It is not complete; what matters is that it was asked.
  expect((await run(['finalize'], { answer: ' finalize ' })).code).toBe(3);
  expect((await run(['finalize', '--yes'])).code).toBe(3);
});

test.each(commands)('%s with a wrong token, without one, and without a service', async (...args) => {
  const { run, write, url, controller, compat } = await openBoth();
  await write('wrong.token', 'not-the-token-at-all');
  for (const options of [
    ['--token-file', 'wrong.token'],
    ['--token-file', 'missing.token'],
  ]) {
    const { code, err, out } = await run([...args, ...options]);
    expect([code, out]).toEqual([5, '']);
    expect(err).toMatch(/^CONTROL_UNAUTHORIZED: /);
    if (options[1] === 'missing.token') expect(err).toMatch(/ cannot be read, .*missing\.token\n$/);
    expect(err).not.toContain('not-the-token');
  }
  // The token of the file's service is not sent anywhere else.
  expect((await run([...args, '--url', url])).code).toBe(5);
  expect(controller.records).toEqual([]);
  expect(compat.latch).toBeNull();
  const { code, err } = await run([...args, '--url', 'http://127.0.0.1:1', '--token-file', 'control.token']);
  expect(code).toBe(4);
  expect(err).toMatch(/^CONTROL_UNREACHABLE: http:\/\/127\.0\.0\.1:1/);
  expect(JSON.parse((await run([...args, '--json', '--url', 'http://127.0.0.1:1'])).out)).toMatchObject({
    error: { code: 'CONTROL_UNREACHABLE' },
  });
});

test('a service that does not answer in time, or is none, is told', async () => {
  const { url } = await serveAnything((request, response) => {
    if (request.url?.startsWith('/other') === true) response.end('hello');
  });
  const { run, write } = await openDesk();
  await write('lighthouse-compat.yaml', `service: { url: '${url}', timeoutMs: 50 }\n`);
  expect(await run(['status'])).toMatchObject({ code: 4, err: expect.stringContaining('CONTROL_TIMEOUT') });
  expect(await run(['status', '--url', `${url}/other`])).toMatchObject({
    code: 1,
    err: expect.stringContaining('CONTROL_MALFORMED'),
  });
});

test.each([
  [['hold'], "required option '--reason <text>' not specified"],
  [['hold', '--reason', 'x', '--speed', '9'], "unknown option '--speed'"],
  [['fly'], "unknown command 'fly'"],
  [['start', 'now'], 'too many arguments'],
  [['status', '--every', '0'], 'a whole number from 1 to 3600'],
  [['serve', '--port', '70000'], 'a whole number from 0 to 65535'],
  [['decide', 'getPayload'], 'Allowed choices are new_payload, forkchoice_updated, get_payload'],
  [['flags', 'burn'], "unknown command 'burn'"],
  [['start', '--by', ' '], 'a text that is not empty is needed'],
])('%s is a wrong use, and the right one is near', async (args, message) => {
  const { run } = await openDesk();
  const { code, err } = await run(args);
  expect(code).toBe(2);
  expect(err).toContain(message);
  expect(err).toContain('--help');
  expect(JSON.parse((await run([...args, '--json'])).out)).toMatchObject({ error: { code: 'USAGE' } });
});

test('the version is that of the package', async () => {
  const { run } = await openDesk();
  const { version } = JSON.parse(await readFile(`${root}/packages/operator/package.json`, 'utf8'));
  expect(await run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

test('an empty reason is refused by the service, with its field', async () => {
  const { run } = await openBoth();
  const { code, out } = await run(['hold', '--reason', ' ', '--json']);
  expect(code).toBe(3);
  expect(JSON.parse(out).error).toMatchObject({ code: 'CONTROL_REFUSED', refusal: { path: 'body.reason' } });
});

test('every command has its help, with what it does and its options', async () => {
  const { run } = await openDesk();
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  const names = [...out.matchAll(/^ {2}([a-z-]+) .*\[options\]|^ {2}(flags) /gm)].map(
    ([, name, flags]) => name ?? flags,
  );
  expect(names).toEqual(
    expect.arrayContaining([
      ...commands.map(([name]) => name),
      'check',
      'plan',
      'status',
      'report',
      'flags',
      'decide',
      'serve',
    ]),
  );
  for (const name of names) {
    const help = await run([name as string, '--help']);
    expect(help.code).toBe(0);
    expect(help.out).toContain(`Usage: lighthouse-compat ${name}`);
    if (name !== 'flags') expect(help.out).toContain('--json');
  }
});
