import { createLighthouseCompat, type LighthouseCompatOptions } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';

const secret = '11'.repeat(32);
const good: LighthouseCompatOptions = {
  v4: { url: 'http://127.0.0.1:8551', jwtSecret: secret },
  v5: { url: 'http://127.0.0.1:8552', jwtSecret: secret },
  forks: { shanghaiTime: 0 },
};
const v4 = (engine: object) => ({ v4: engine as LighthouseCompatOptions['v4'] });
const any = <T>(value: unknown): T => value as T;

test.each<[string, Partial<LighthouseCompatOptions>, string, string]>([
  ['a URL that is none', v4({ url: 'not a url', jwtSecret: secret }), 'INVALID_URL', 'v4.url'],
  ['a URL of another protocol', v4({ url: 'ws://127.0.0.1:1', jwtSecret: secret }), 'INVALID_URL', 'v4.url'],
  ['no URL', v4({ jwtSecret: secret }), 'INVALID_URL', 'v4.url'],
  ['a URL with a password', v4({ url: 'http://me:hunter2@127.0.0.1:1', jwtSecret: secret }), 'INVALID_URL', 'v4.url'],
  ['no engine', { v5: any(undefined) }, 'INVALID_OPTION', 'v5'],
  ['an unknown option of an engine', v4({ url: 'http://127.0.0.1:1', jwt: secret }), 'INVALID_OPTION', 'v4.jwt'],
  ['no secret', v4({ url: 'http://127.0.0.1:1' }), 'INVALID_OPTION', 'v4.jwtSecret'],
  [
    'two secrets',
    v4({ url: 'http://127.0.0.1:1', jwtSecret: secret, jwtSecretFile: 'x' }),
    'INVALID_OPTION',
    'v4.jwtSecret',
  ],
  [
    'a secret of 31 bytes',
    v4({ url: 'http://127.0.0.1:1', jwtSecret: new Uint8Array(31) }),
    'INVALID_JWT_SECRET',
    'v4.jwtSecret',
  ],
  [
    'an unreadable secret file',
    v4({ url: 'http://127.0.0.1:1', jwtSecretFile: '/nonexistent/jwt.hex' }),
    'UNREADABLE_JWT_SECRET_FILE',
    'v4.jwtSecretFile',
  ],
  [
    'a secret file that is no path',
    v4({ url: 'http://127.0.0.1:1', jwtSecretFile: 7 }),
    'INVALID_OPTION',
    'v4.jwtSecretFile',
  ],
  [
    'one shared engine with two secrets',
    { v5: { url: 'http://127.0.0.1:8551', jwtSecret: '22'.repeat(32) } },
    'INVALID_JWT_SECRET',
    'v5',
  ],
  ['forks out of order', { forks: { shanghaiTime: 10, cancunTime: 5 } }, 'INVALID_FORK_SCHEDULE', 'forks.cancunTime'],
  ['an unknown fork', { forks: any({ shanghaiTime: 0, osakaTime: 5 }) }, 'INVALID_FORK_SCHEDULE', 'forks.osakaTime'],
  ['an unknown mode', { mode: any({ kind: 'v6_only' }) }, 'INVALID_MODE', 'mode.kind'],
  ['a mode that is a text', { mode: any('v5_only') }, 'INVALID_MODE', 'mode.kind'],
  ['101 %', { mode: { kind: 'canary', percent: 101 } }, 'INVALID_PERCENT', 'mode.percent'],
  ['half a percent', { mode: { kind: 'canary', percent: 0.5 } }, 'INVALID_PERCENT', 'mode.percent'],
  ['a percentage in words', { mode: any({ kind: 'canary', percent: '10' }) }, 'INVALID_PERCENT', 'mode.percent'],
  ['an unknown stickiness', { stickiness: any('slot') }, 'INVALID_OPTION', 'stickiness'],
  ['node stickiness without a node', { stickiness: 'node' }, 'INVALID_OPTION', 'nodeId'],
  ['an empty nodeId', { nodeId: '' }, 'INVALID_OPTION', 'nodeId'],
  ['flags that are no client', { flags: any({}) }, 'INVALID_OPTION', 'flags'],
  ['a registry that is none', { registry: any({}) }, 'INVALID_OPTION', 'registry'],
  ['a logger that is none', { logger: any(() => {}) }, 'INVALID_OPTION', 'logger'],
  ['a clock that is none', { clock: any({}) }, 'INVALID_OPTION', 'clock'],
  ['a field too many in a mode', { mode: any({ kind: 'v5_primary', percent: 10 }) }, 'INVALID_MODE', 'mode.percent'],
  [
    'a chain that begins with Prague',
    { forks: { shanghaiTime: 0, cancunTime: 0, pragueTime: 0 } },
    'UNSUPPORTED_FORK',
    'forks.pragueTime',
  ],
  [
    'a secret in the place of its file',
    v4({ url: 'http://127.0.0.1:1', jwtSecretFile: secret }),
    'INVALID_JWT_SECRET',
    'v4.jwtSecretFile',
  ],
  ['a logger that cannot tell an error', { logger: any({ warn: () => {} }) }, 'INVALID_OPTION', 'logger'],
  ['a timeout factor over its bound', { timeouts: { factor: 1_000_000 } }, 'INVALID_OPTION', 'timeouts.factor'],
  ['a timeout factor of 0', { timeouts: { factor: 0 } }, 'INVALID_OPTION', 'timeouts.factor'],
  ['an unknown timeout', { timeouts: any({ newPayload: 1 }) }, 'INVALID_OPTION', 'timeouts.newPayload'],
  ['a bound of no bytes', { maxResponseBytes: 0 }, 'INVALID_OPTION', 'maxResponseBytes'],
  ['an unknown option', any({ modes: {} }), 'INVALID_OPTION', 'modes'],
])('%s is refused by code and path', async (_name, options, code, path) => {
  await expect(createLighthouseCompat({ ...good, ...options })).rejects.toMatchObject({ code, path });
});

test('no options at all are refused', async () => {
  await expect(createLighthouseCompat(any(undefined))).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    path: 'options',
  });
});

test('a password in a URL and a secret that is refused are in no error', async () => {
  const errors = await Promise.all(
    [
      v4({ url: 'http://me:hunter2@127.0.0.1:1', jwtSecret: secret }),
      v4({ url: 'http://127.0.0.1:1', jwtSecret: 'hunter2' }),
    ].map((options) =>
      createLighthouseCompat({ ...good, ...options }).then(
        String,
        (error: Error) => `${error.stack}${JSON.stringify(error)}`,
      ),
    ),
  );
  for (const text of errors) {
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(secret);
  }
});

test('good options build an instance, though nobody listens at either address', async () => {
  const compat = await createLighthouseCompat({ ...good, mode: { kind: 'canary', percent: 10 } });
  expect(compat.migrationMode).toEqual({ kind: 'canary', percent: 10 });
  await compat.close();
});

test('setMigrationMode refuses what the configuration refuses and leaves the mode', async () => {
  const compat = await createLighthouseCompat(good);
  const seen: unknown[] = [];
  compat.on('modeChanged', (change) => seen.push(change));
  expect(() => compat.setMigrationMode({ kind: 'canary', percent: 101 })).toThrow(
    expect.objectContaining({ code: 'INVALID_PERCENT', path: 'mode.percent' }),
  );
  expect(compat.migrationMode).toEqual({ kind: 'v4_only' });
  compat.setMigrationMode({ kind: 'v5_only' });
  expect(compat.migrationMode).toEqual({ kind: 'v5_only' });
  expect(seen).toEqual([{ from: { kind: 'v4_only' }, to: { kind: 'v5_only' } }]);
  await compat.close();
});
