import { expect, test } from 'vitest';
import { shortPlan } from '../../sdk/migration/migration.js';
import { openTwoEngines } from '../../support/twoEngines.js';
import { openControl, serveHandler, token } from '../control/control.js';
import { openDesk } from './desk.js';

type Item = {
  readonly group: string;
  readonly name: string;
  readonly level: string;
  readonly detail: string;
  readonly mend: string | null;
};

/** Runs `check` and gives what it has found, by `group name`. */
async function check(desk: Awaited<ReturnType<typeof openDesk>>, args: readonly string[] = []) {
  const { code, out } = await desk.run(['check', '--json', ...args]);
  const { ok, items } = JSON.parse(out) as { readonly ok: boolean; readonly items: readonly Item[] };
  expect(code).toBe(ok ? 0 : 6);
  for (const { level, mend } of items) expect(mend === null).toBe(level === 'ok');
  return {
    ok,
    items,
    problems: items.filter(({ level }) => level === 'problem').map(({ group, name }) => `${group} ${name}`),
    item: (name: string) => items.find((each) => `${each.group} ${each.name}` === name),
  };
}

test('with nothing at all it says where to begin', async () => {
  const desk = await openDesk();
  const { problems, item } = await check(desk);
  expect(problems).toEqual(['service service.url']);
  expect(item('configuration file')).toMatchObject({ level: 'warning', detail: 'there is none' });
});

test('everything that is wrong in every place is named at once, each with the way to mend it', async () => {
  const desk = await openDesk();
  await desk.write('wrong.token', 'not-the-token-at-all');
  const latched = await openTwoEngines();
  await latched.compat.rollback('left behind');
  const peer = await serveHandler({ compat: latched.compat, token });
  const control = await openControl();
  await desk.write(
    'lighthouse-compat.yaml',
    `by: ''
service: { name: fra, url: '${control.url}', tokenFile: wrong.token }
peers:
  - { name: tyo, url: '${peer.url}', tokenFile: control.token }
  - { name: lon, url: 'http://127.0.0.1:1', tokenFile: control.token }
unleash: { url: 'http://127.0.0.1:1/api', tokenFile: missing.token, project: default, environment: development }
prometheus: { url: 'http://127.0.0.1:1', instances: 2 }
plan: { steps: [10] }
`,
  );
  const { problems, item } = await check(desk);
  expect(problems).toEqual([
    'configuration by',
    'configuration plan.steps[0]',
    'fra actions',
    'tyo latch',
    'lon answers',
    'Unleash answers',
    'Prometheus instances',
  ]);
  expect(item('fra actions')).toMatchObject({ detail: expect.stringContaining('WRONG_TOKEN') });
  expect(item('lon answers')?.mend).toContain('start the service');
  expect(item('Unleash answers')?.detail).toContain('missing.token');
  expect(item('Prometheus instances')?.detail).toContain('PROMETHEUS_UNREACHABLE');
  const { out } = await desk.run(['check']);
  expect(out).toContain('7 problems to mend.');
  expect(out).not.toContain('not-the-token');
});

test('a service that is ready has no problem; one that is not has each reason, and once it is under way its start is no matter any more', async () => {
  const [desk, control] = [await openDesk(), await openControl()];
  await desk.write(
    'lighthouse-compat.yaml',
    `service: { name: fra, url: '${control.url}', tokenFile: control.token }\n`,
  );
  expect((await check(desk)).problems).toEqual(['fra standby']);
  await control.blocks(2);
  const ready = await check(desk);
  expect(ready.problems).toEqual([]);
  expect(ready.item('fra drill')).toMatchObject({ level: 'warning', mend: 'lighthouse-compat drill' });
  expect(ready.item('fra same_chain')?.level).toBe('ok');
  await desk.run(['start']);
  const { problems, items } = await check(desk);
  expect(problems).toEqual([]);
  expect(items.some(({ name }) => name === 'same_chain')).toBe(false);
});

test('a plan that is not the one the service goes by is a problem, option by option', async () => {
  const [desk, control] = [await openDesk(), await openControl()];
  await control.blocks(2);
  const write = (plan: object) =>
    desk.write(
      'lighthouse-compat.yaml',
      JSON.stringify({ service: { url: control.url, tokenFile: 'control.token' }, plan }),
    );
  await write(control.controller.status.plan);
  expect((await check(desk)).problems).toEqual([]);
  await write({ ...control.controller.status.plan, stepMs: 1 });
  expect((await check(desk)).problems).toEqual([`${control.url} plan.stepMs`]);
});

test('a service without a migration, without actions, without a token, and what is none', async () => {
  const desk = await openDesk();
  const { compat } = await openTwoEngines();
  const alone = await serveHandler({ compat, token });
  const at = (url: string, ...more: string[]) => check(desk, ['--url', url, ...more]);
  expect((await at(alone.url, '--token-file', 'control.token')).problems).toEqual([`${alone.url} migration`]);
  const readOnly = await serveHandler({ compat });
  expect((await at(readOnly.url)).problems).toEqual([`${readOnly.url} actions`, `${readOnly.url} migration`]);
  const closed = await serveHandler({ compat, token, readsNeedToken: true });
  expect((await at(closed.url)).item(`${closed.url} answers`)?.detail).toContain('TOKEN_NEEDED');
  const { item } = await at(`${alone.url}/elsewhere`);
  expect(item(`${alone.url}/elsewhere answers`)?.detail).toContain('NOT_FOUND');
  expect((await at('http://')).problems).toEqual(['service url']);
});

test.each([
  ['rolled back', 'VALID', 'clear-latch', {}],
  ['rollback that failed', 'SYNCING', 'retry', { rollbackDeadlineMs: 100 }],
])('a %s is a problem until it is dealt with', async (_what, status, mend, deadline) => {
  const desk = await openDesk();
  const control = await openControl({}, { controller: { plan: { ...shortPlan, ...deadline } } });
  const { blocks, controller, v4, url } = control;
  await desk.write('lighthouse-compat.yaml', `service: { name: fra, url: '${url}', tokenFile: control.token }\n`);
  await blocks(2);
  await desk.run(['start']);
  v4.on('engine_forkchoiceUpdatedV2', ([state]) => {
    const { headBlockHash } = state as { headBlockHash: string };
    const latestValidHash = status === 'VALID' ? headBlockHash : null;
    return { payloadStatus: { status, latestValidHash, validationError: null }, payloadId: null };
  });
  await controller.rollback({ by: 'ada', reason: 'look', force: true });
  await controller.ended();
  const { problems, item } = await check(desk);
  expect(problems).toEqual(['fra migration']);
  expect(item('fra migration')?.mend).toContain(`lighthouse-compat ${mend}`);
});

test('without the token everything is looked at that needs none', async () => {
  const [desk, control] = [await openDesk(), await openControl()];
  const { problems, item } = await check(desk, ['--url', control.url]);
  expect(problems).toEqual([]);
  expect(item(`${control.url} readiness`)).toMatchObject({ level: 'warning' });
  const { compat } = await openTwoEngines();
  const alone = await serveHandler({ compat, token });
  expect((await check(desk, ['--url', alone.url])).problems).toEqual([`${alone.url} migration`]);
});

test('a peer that is meant by its name is looked at as a peer, and an Unleash without its token is one problem of all', async () => {
  const desk = await openDesk();
  const { compat } = await openTwoEngines();
  const { url } = await serveHandler({ compat, token });
  await desk.write('lighthouse-compat.yaml', `peers: [{ name: tyo, url: '${url}', tokenFile: control.token }]\n`);
  expect((await check(desk, ['--service', 'tyo'])).problems).toEqual([]);
  const env = { LIGHTHOUSE_COMPAT_UNLEASH_URL: 'http://127.0.0.1:1/api' };
  const { code, out } = await desk.run(['check', '--json'], { env });
  const { items } = JSON.parse(out) as { readonly items: readonly Item[] };
  const problems = items.filter(({ level }) => level === 'problem').map(({ group, name }) => `${group} ${name}`);
  expect([code, problems]).toEqual([6, ['service service.url', 'Unleash unleash.tokenFile']]);
});
