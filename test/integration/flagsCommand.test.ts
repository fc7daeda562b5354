import { flagKeys } from '@lighthouse-compat/flag-provider';
import { UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDesk } from '../operator/command/desk.js';
import { leaseTimeoutMs, leaseUnleash, type UnleashLease } from '../support/unleashServer.js';

let unleash: UnleashLease;

beforeAll(async () => {
  unleash = await leaseUnleash();
}, leaseTimeoutMs);
afterAll(() => unleash?.release());
beforeEach(() => unleash.removeFlags());

/** A desk whose configuration names the run's Unleash. */
async function openUnleashDesk() {
  const desk = await openDesk();
  await desk.write('admin.token', unleash.adminToken);
  const { apiUrl: url, project, environment } = unleash;
  await desk.write(
    'lighthouse-compat.yaml',
    JSON.stringify({ unleash: { url, tokenFile: 'admin.token', project, environment } }),
  );
  return desk;
}

test('the flags are set up, shown as a person leaves them, and what decides otherwise is told', async () => {
  const { run, write } = await openUnleashDesk();
  const missing = await run(['flags', 'show']);
  expect(missing.code).toBe(6);
  expect(missing.out.match(/ missing\n/g)).toHaveLength(Object.keys(flagKeys).length);
  const made = await run(['flags', 'setup']);
  expect(made.code).toBe(0);
  expect(made.out).toContain(`  ${'lighthouse_v5'.padEnd(28)}created, off\n`);
  expect((await run(['flags', 'setup'])).out).toContain('is there, off');

  const person = new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken });
  const place = { project: unleash.project, environment: unleash.environment, flagKey: flagKeys.lighthouseV5Primary };
  const [strategy] = (await person.readFlag(place))?.strategies ?? [];
  if (strategy === undefined) throw new Error('no strategy');
  await person.setRollout(place, strategy, 35);
  await person.switchFlag(place, 'on');
  const shown = await run(['flags', 'show']);
  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/lighthouse_v5_primary +on +35 %/);
  expect(shown.out).toMatch(/lighthouse_migration_mode +off +100 %: v4_only 100 %/);

  const path = `/projects/${unleash.project}/features/${flagKeys.lighthouseV5}/environments/${unleash.environment}/strategies`;
  await unleash.ask('POST', path, { name: 'default' });
  for (const command of ['show', 'setup']) {
    const { code, out } = await run(['flags', command]);
    expect(code).toBe(6);
    expect(out).toContain('strategies: found 2, wanted one gradual rollout');
  }
  const json = JSON.parse((await run(['flags', 'show', '--json'])).out);
  expect(json[0]).toMatchObject({ flagKey: 'lighthouse_v5', differences: [{ path: 'strategies' }] });
  await write('service.yaml', '{}');
  expect((await run(['flags', 'show', '--config', 'service.yaml'])).err).toContain('no Unleash is named');
});

test('a wrong token, a project and an environment that are none, and no Unleash at all', async () => {
  const { run, write } = await openUnleashDesk();
  await write('wrong.token', '*:*.wrong-wrong-wrong');
  const at = ['--url', unleash.apiUrl];
  for (const command of ['setup', 'show']) {
    const wrong = await run(['flags', command, '--token-file', 'wrong.token']);
    expect([wrong.code, wrong.out]).toEqual([5, '']);
    expect(wrong.err).toMatch(/^UNAUTHORIZED: /);
    expect(wrong.err).not.toContain('wrong-wrong-wrong');
    expect((await run(['flags', command, '--token-file', 'missing.token'])).code).toBe(2);
    // The file's token is for the file's server alone.
    expect((await run(['flags', command, ...at])).err).toContain('no token is named');
    expect((await run(['flags', command, '--environment', 'mars'])).err).toMatch(/^ENVIRONMENT_NOT_FOUND: .*mars/);
    expect((await run(['flags', command, '--project', 'mars'])).err).toMatch(/^PROJECT_NOT_FOUND: /);
    const away = await run(['flags', command, '--url', 'http://127.0.0.1:1/api', '--token-file', 'admin.token']);
    expect([away.code, away.err]).toEqual([4, expect.stringMatching(/^CONNECTION_FAILED: /)]);
  }
});
