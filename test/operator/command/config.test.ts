import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OperatorError } from '@lighthouse-compat/operator';
import { defaultPlan } from '@lighthouse-compat/sdk';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import type { Config } from '../../../packages/operator/src/command/config/config.js';
import { configSchema } from '../../../packages/operator/src/command/config/configSchema.js';
import { parseConfig } from '../../../packages/operator/src/command/config/parseConfig.js';
import { type SettingOptions, serviceOf, unleashOf } from '../../../packages/operator/src/command/config/settings.js';
import { root } from '../../support/process.js';
import { openDesk } from './desk.js';

const whole = `
# yaml-language-server: $schema=./lighthouse-compat.schema.json
by: ada
service: { name: fra, url: 'http://127.0.0.1:9400/control/', tokenFile: fra.token, timeoutMs: 5000 }
peers:
  - { name: tyo, url: 'http://127.0.0.1:9401/control', tokenFile: /run/secrets/tyo }
unleash: { url: 'https://unleash.example.org/api', tokenFile: admin.token, project: default, environment: production }
prometheus:
  url: https://prometheus.example.org
  instances: ['10.0.0.1:9400', '10.0.0.2:9400']
  labels: { job: lighthouse-compat }
  basicAuth: { username: ada, passwordFile: ../password }
plan: { fleet: true, stickiness: node, steps: [10, 100], health: { errorRatePercent: 0.5 } }
`;

test('a whole configuration is read, with its plan completed and its files found from where it is', () => {
  const { config, problems } = parseConfig(whole, '/etc/compat');
  expect(problems).toEqual([]);
  expect(config).toEqual({
    by: 'ada',
    service: {
      name: 'fra',
      url: 'http://127.0.0.1:9400/control/',
      tokenFile: '/etc/compat/fra.token',
      timeoutMs: 5_000,
    },
    peers: [{ name: 'tyo', url: 'http://127.0.0.1:9401/control', tokenFile: '/run/secrets/tyo' }],
    unleash: {
      url: 'https://unleash.example.org/api',
      tokenFile: '/etc/compat/admin.token',
      project: 'default',
      environment: 'production',
    },
    prometheus: {
      url: 'https://prometheus.example.org',
      instances: ['10.0.0.1:9400', '10.0.0.2:9400'],
      labels: { job: 'lighthouse-compat' },
      basicAuth: { username: 'ada', passwordFile: '/etc/password' },
    },
    plan: {
      ...defaultPlan,
      fleet: true,
      stickiness: 'node',
      steps: [10, 100],
      health: { ...defaultPlan.health, errorRatePercent: 0.5 },
    },
  });
});

test('JSON is read as YAML is, and nothing at all is an empty configuration', () => {
  expect(parseConfig('{"by": "ada"}', '/').config).toEqual({ by: 'ada', peers: [], plan: null });
  expect(parseConfig('# nothing yet\n', '/')).toEqual({ config: { peers: [], plan: null }, problems: [] });
});

test.each([
  ['no YAML', 'service: [', 'INVALID_YAML', 'line 1'],
  ['a key that is there twice', 'by: ada\nby: eve', 'INVALID_YAML', 'line 2'],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[at]}`)}]`).join('\n')}`,
    'INVALID_YAML',
    '',
  ],
  ['a list', '[1, 2]', 'INVALID_FIELD', ''],
  ['a text', 'hello', 'INVALID_FIELD', ''],
  ['an unknown part', 'servise: {}', 'UNKNOWN_FIELD', 'servise'],
  ['a service without its address', 'service: { tokenFile: x }', 'MISSING_FIELD', 'service.url'],
  ['another scheme', "service: { url: 'ftp://x' }", 'INVALID_FIELD', 'service.url'],
  ['a password in an address', "service: { url: 'http://ada:secret@x' }", 'INVALID_FIELD', 'service.url'],
  ['an address that is none', "service: { url: 'http://' }", 'INVALID_FIELD', 'service.url'],
  ['a number for a text', "service: { url: 'http://x', tokenFile: 5 }", 'INVALID_FIELD', 'service.tokenFile'],
  ['a token itself', "service: { url: 'http://x', token: abc }", 'UNKNOWN_FIELD', 'service.token'],
  ['no time at all', "service: { url: 'http://x', timeoutMs: 0 }", 'INVALID_FIELD', 'service.timeoutMs'],
  ['a peer without a name', "peers: [{ url: 'http://x' }]", 'MISSING_FIELD', 'peers.0.name'],
  [
    'two services of one name',
    "service: { name: a, url: 'http://x' }\npeers: [{ name: a, url: 'http://y' }]",
    'INVALID_FIELD',
    'peers',
  ],
  [
    'flags without a project',
    "unleash: { url: 'http://x', tokenFile: t, environment: e }",
    'MISSING_FIELD',
    'unleash.project',
  ],
  ['no instances', "prometheus: { url: 'http://x', instances: 0 }", 'INVALID_FIELD', 'prometheus.instances'],
  ['a step over a hundred', 'plan: { steps: [10, 101] }', 'OUT_OF_RANGE', 'plan.steps[1]'],
  ['steps that fall', 'plan: { steps: [50, 10, 100] }', 'STEPS_NOT_RISING', 'plan.steps[1]'],
  ['a fleet by block', 'plan: { fleet: true }', 'FLEET_NEEDS_NODE_STICKINESS', 'plan.stickiness'],
  ['an option that a plan has not', 'plan: { speed: 9 }', 'UNKNOWN_OPTION', 'plan.speed'],
  ['a part whose name only begins like the plan', 'plan-b: { steps: [1] }', 'UNKNOWN_FIELD', 'plan-b'],
  ['a plan that is nothing', 'plan:', 'INVALID_TYPE', 'plan'],
  ['a time of Cancun that no date can be', 'plan: { cancunTime: 99999999999999 }', 'OUT_OF_RANGE', 'plan.cancunTime'],
  ['what is not a number', 'plan: { health: { falseAlarm: .nan } }', 'INVALID_TYPE', 'plan.health.falseAlarm'],
])('%s is told with its place', (_, text, code, path) => {
  const message = path === '' ? expect.stringMatching(/\w/) : expect.stringContaining(path);
  expect(parseConfig(text, '/').problems).toContainEqual({ code, path, message });
});

test('a token goes where its address comes from', () => {
  const config: Config = {
    service: { name: 'fra', url: 'http://fra', tokenFile: '/fra' },
    peers: [{ name: 'tyo', url: 'http://tyo', tokenFile: '/tyo' }],
    unleash: { url: 'http://unleash', tokenFile: '/admin', project: 'default', environment: 'development' },
    plan: null,
  };
  const around = (env: Record<string, string> = {}) => ({ env, folder: '/', userName: 'grace' });
  const [url, file] = ['LIGHTHOUSE_COMPAT_URL', 'LIGHTHOUSE_COMPAT_TOKEN_FILE'];
  const sentTo = (options: SettingOptions, env: Record<string, string> = {}) => {
    const { url: to, tokenFile } = serviceOf(options, config, around(env));
    return [to, tokenFile ?? null];
  };
  expect(sentTo({})).toEqual(['http://fra', '/fra']);
  expect(sentTo({}, { [file]: '/env' })).toEqual(['http://fra', '/env']);
  expect(sentTo({ tokenFile: '/option' }, { [file]: '/env' })).toEqual(['http://fra', '/option']);
  expect(sentTo({}, { [url]: 'http://env' })).toEqual(['http://env', null]);
  expect(sentTo({}, { [url]: 'http://env', [file]: '/env' })).toEqual(['http://env', '/env']);
  expect(sentTo({ url: 'http://option' }, { [url]: 'http://env', [file]: '/env' })).toEqual(['http://option', null]);
  expect(sentTo({ service: 'tyo' }, { [url]: 'http://env', [file]: '/env' })).toEqual(['http://tyo', '/tyo']);
  expect(sentTo({ service: 'fra' }, { [file]: '/env' })).toEqual(['http://fra', '/env']);
  expect(sentTo({ service: 'tyo', tokenFile: '/option' })).toEqual(['http://tyo', '/option']);
  // A variable that is empty is none.
  expect(sentTo({}, { [url]: '', [file]: '' })).toEqual(['http://fra', '/fra']);

  const flagsAt = (options: SettingOptions, env: Record<string, string> = {}) => {
    try {
      const { url: to, tokenFile } = unleashOf(options, config, around(env));
      return [to, tokenFile];
    } catch (error) {
      return (error as OperatorError).path;
    }
  };
  const [unleashUrl, unleashFile] = ['LIGHTHOUSE_COMPAT_UNLEASH_URL', 'LIGHTHOUSE_COMPAT_UNLEASH_TOKEN_FILE'];
  expect(flagsAt({})).toEqual(['http://unleash', '/admin']);
  expect(flagsAt({}, { [unleashFile]: '/env' })).toEqual(['http://unleash', '/env']);
  expect(flagsAt({}, { [unleashUrl]: 'http://env' })).toBe('unleash.tokenFile');
  expect(flagsAt({}, { [unleashUrl]: 'http://env', [unleashFile]: '/env' })).toEqual(['http://env', '/env']);
  expect(flagsAt({ url: 'http://option' }, { [unleashFile]: '/env' })).toBe('unleash.tokenFile');
  expect(flagsAt({ url: 'http://option', tokenFile: '/option' })).toEqual(['http://option', '/option']);
});

test('everything that is wrong is told at once, and what is right is kept', () => {
  const { config, problems } = parseConfig(
    "by: ada\nservice: { url: 'ftp://x' }\nunleash: {}\nplan: { steps: [10], checkEveryMs: -1 }\n",
    '/',
  );
  expect(problems.map(({ path }) => path).sort()).toEqual([
    'plan.checkEveryMs',
    'plan.steps[0]',
    'service.url',
    'unleash.environment',
    'unleash.project',
    'unleash.tokenFile',
    'unleash.url',
  ]);
  expect(config).toEqual({ by: 'ada', peers: [], plan: null });
});

test('no message holds what is secret', () => {
  const { problems } = parseConfig("service: { url: 'http://ada:hunter2@x', token: hunter2 }", '/');
  expect(problems.length).toBeGreaterThan(0);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test('the published schema is that of the command, and takes what the command takes', async () => {
  const published = createRequire(import.meta.url).resolve('@lighthouse-compat/operator/lighthouse-compat.schema.json');
  await expect(`${JSON.stringify(configSchema, null, 2)}\n`).toMatchFileSnapshot(published);
  const schema = JSON.parse(await readFile(published, 'utf8'));
  const validate = new Ajv({ strict: true, strictTypes: false, allowUnionTypes: true }).compile(schema);
  expect(validate({ by: 'ada', plan: { cancunTime: null } })).toBe(true);
  expect(validate({ servise: {} })).toBe(false);
});

test('the example of the documentation can be used as it is', async () => {
  const page = await readFile(`${root}/docs/command.md`, 'utf8');
  const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
  expect(example).toContain('service:');
  expect(parseConfig(example, '/').problems).toEqual([]);
});

test('the configuration is found: named, by a variable, or in the folder, YAML before JSON', async () => {
  const { run, write, folder } = await openDesk();
  const byOf = async (args: readonly string[] = [], env = {}): Promise<unknown> =>
    JSON.parse((await run(['check', '--json', ...args], { env })).out).items[0].detail;
  expect(await byOf()).toBe('there is none');
  await write('lighthouse-compat.json', '{}');
  expect(await byOf()).toBe(join(folder, 'lighthouse-compat.json'));
  await write('lighthouse-compat.yaml', '{}');
  expect(await byOf()).toBe(join(folder, 'lighthouse-compat.yaml'));
  await write('other.yaml', '{}');
  await write('named.yaml', '{}');
  const env = { LIGHTHOUSE_COMPAT_CONFIG: 'other.yaml' };
  expect(await byOf([], env)).toBe(join(folder, 'other.yaml'));
  expect(await byOf(['--config', 'named.yaml'], env)).toBe(join(folder, 'named.yaml'));
  expect(await byOf(['--config', 'missing.yaml'])).toContain('there is no such file');
  expect(await byOf(['--config', '.'])).toContain('it cannot be read (EISDIR)');
  await write('large.yaml', `by: ${'x'.repeat(1_100_000)}`);
  expect(await byOf(['--config', 'large.yaml'])).toContain('larger than 1 MiB');
});

test.each([
  ['start'],
  ['hold', '--reason', 'x'],
  ['status'],
  ['plan'],
  ['report'],
  ['flags', 'show'],
  ['decide', 'forkchoice_updated', '--head', `0x${'11'.repeat(32)}`],
  ['serve'],
])('%s does nothing with a configuration that is wrong, and says why', async (...args) => {
  const { run, write } = await openDesk();
  await write('lighthouse-compat.yaml', "service: { url: 'http://127.0.0.1:1' }\nplan: { steps: [] }\n");
  const { code, out, err } = await run(args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^INVALID_CONFIG: .*lighthouse-compat\.yaml: plan\.steps: a list/);
  expect(JSON.parse((await run([...args, '--json'])).out)).toMatchObject({
    error: { code: 'INVALID_CONFIG', problems: [{ code: 'INVALID_TYPE', path: 'plan.steps' }] },
  });
});
