import { mkdir, readdir, readlink, rename, rm, symlink, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FlagProviderError, LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import { type Client, OpenFeature, ProviderStatus } from '@openfeature/server-sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Events, newFolder, open, removeFolders, replaceFile } from './flagFiles.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await newFolder();
  file = join(folder, 'flags.json');
});

afterEach(async () => {
  await OpenFeature.clearProviders();
  await removeFolders();
});

const textOf = (flags: unknown): string => JSON.stringify({ flags }, null, 2);
const provide = (path = file): LocalFlagProvider => new LocalFlagProvider({ file: path, checkIntervalMs: 10 });
const ready = { event: 'PROVIDER_READY', message: undefined };
const stale = (message: unknown) => ({ event: 'PROVIDER_STALE', message });

async function opened(path = file): Promise<{ client: Client; events: Events; provider: LocalFlagProvider }> {
  const provider = provide(path);
  const { client, events, failure } = await open(provider);
  expect(failure).toBeUndefined();
  expect(await events.next()).toEqual(ready);
  return { client, events, provider };
}

const syntaxFaults: readonly [string, string, RegExp][] = [
  ['nothing', '', /:1:1: not JSON/],
  ['half of it', '{\n  "flags": {\n    "flag": tr', /:3:13: not JSON/],
  ['a comma too many', '{\n  "flags": {\n    "flag": true,\n  }\n}', /:4:3: not JSON/],
  ['a comment', '// mine\n{"flags": {}}', /:1:1: not JSON/],
  ['something after the end', '{"flags": {}}\n}', /:2:1: not JSON/],
  ['a control character in a text', '{"flags": {"flag": "\t"}}', /:1:20: not JSON/],
  ['a name twice', '{"flags": {\n  "flag": true,\n  "flag": false\n}}', /:3:3: "flag" is there twice/],
  ['a name twice deep inside', '{"flags": {"flag": {"value": [{"a": 1,\n"\\u0061": 2}]}}}', /:2:1: "a" is there twice/],
  ['brackets without end', '['.repeat(200_000), /:1:101: more than 100 levels deep/],
];

const schemaFaults: readonly [string, string, RegExp][] = [
  ['an array', '\n[]', /:2:1: the document: expected a plain object/],
  ['no flags', '{}', /:1:1: flags: expected a plain object/],
  ['flags without their envelope', '{\n  "flag": true\n}', /:2:11: flag: unknown key/],
  ['a $schema that is no text', '{"flags": {},\n"$schema": 1}', /:2:12: \$schema: expected a string/],
  [
    'a wrong percentage',
    '{"flags": {\r\n  "flag": {\r\n    "percent": 101}}}',
    /:3:16: flags\.flag\.percent: expected an/,
  ],
  ['a rule of nothing', '{"flags": {\n  "flag": {}}}', /:2:11: flags\.flag\.value: /],
  [
    'a null inside a name with blanks',
    '{"flags": {\n  "my flag": null}}',
    /:2:14: flags\["my flag"\]: a flag cannot be null/,
  ],
  [
    'a number beyond any',
    '{"flags": {"flag": {"value": [1,\n1e999]}}}',
    /:2:1: flags\.flag\.value\[1\]: Infinity is not/,
  ],
  [
    'an own __proto__',
    '{"flags": {"flag": {"value": 1,\n "__proto__": 2}}}',
    /:2:15: flags\.flag\.__proto__: unknown key/,
  ],
];

const unreadable: readonly [string, () => Promise<void>, RegExp][] = [
  ['missing', async () => {}, /: ENOENT: no such file or directory$/],
  ['a directory', async () => void (await mkdir(file)), /: not a regular file$/],
  ['a link to nowhere', () => symlink('nowhere', file), /: ENOENT/],
  ['a link to itself', () => symlink('flags.json', file), /: ELOOP/],
  ['too large', () => writeFile(file, textOf({}) + ' '.repeat(2 ** 20)), /: larger than 1048576 bytes$/],
  ['not UTF-8', () => writeFile(file, Buffer.from([0x7b, 0xff, 0x7d])), /: not UTF-8$/],
];

describe('initialize', () => {
  test('takes the flags of the file, with a byte order mark and a $schema as well', async () => {
    await writeFile(file, `\ufeff{"$schema": "./localFlags.schema.json", "flags": {"flag": {"percent": 100}}}`);
    const { client } = await opened();
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getBooleanDetails('flag', false)).toMatchObject({ value: true, reason: 'STATIC' });
  });

  const faults: readonly [string, string, () => Promise<void>, RegExp][] = [
    ...[...syntaxFaults, ...schemaFaults].map(
      ([name, text, message]) => [name, 'PARSE_ERROR', () => writeFile(file, text), message] as const,
    ),
    ...unreadable.map(
      ([name, make, message]) => [name, name === 'not UTF-8' ? 'PARSE_ERROR' : 'GENERAL', make, message] as const,
    ),
  ].map((row) => [...row]);

  test.each(faults)('rejects a file that is %s with %s and its place, and recovers by itself', async (...row) => {
    const [, code, make, message] = row;
    await make();
    const { client, events, failure } = await open(provide());
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((failure as Error).message.startsWith(`${file}:`)).toBe(true);
    expect(await events.next()).toMatchObject({ event: 'PROVIDER_ERROR' });
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(await client.getBooleanDetails('flag', false)).toMatchObject({
      value: false,
      errorCode: 'PROVIDER_NOT_READY',
      errorMessage: expect.stringMatching(message),
    });

    await rm(file, { recursive: true, force: true });
    await replaceFile(file, textOf({ flag: true }));
    // In between it may have been seen missing.
    let told = await events.next();
    while (!('event' in told && told.event === 'PROVIDER_READY')) told = await events.next();
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getBooleanDetails('flag', false)).toMatchObject({ value: true, reason: 'STATIC' });
  });

  test('tells each new fault while there are no flags', async () => {
    const { events } = await open(provide());
    expect(await events.next()).toMatchObject({ event: 'PROVIDER_ERROR', message: expect.stringContaining('ENOENT') });
    await replaceFile(file, '{');
    expect(await events.next()).toEqual({
      event: 'PROVIDER_ERROR',
      errorCode: 'PARSE_ERROR',
      message: expect.stringContaining(`${file}:1:2: not JSON`),
    });
  });

  test('names the file as the caller did, and keeps to the directory that the provider was made in', async () => {
    await writeFile(file, textOf({ flag: 'here' }));
    const [before, away] = [process.cwd(), await newFolder()];
    process.chdir(folder);
    try {
      const [provider, other] = [provide('./flags.json'), provide('./none.json')];
      process.chdir(away);
      await provider.initialize();
      expect(await provider.resolveStringEvaluation('flag', '', {})).toMatchObject({ value: 'here' });
      await expect(other.initialize()).rejects.toThrow(/^\.\/none\.json: ENOENT/);
      await Promise.all([provider.onClose(), other.onClose()]);
    } finally {
      process.chdir(before);
    }
  });
});

describe('a change of the file', () => {
  const changes: readonly [string, (text: string) => Promise<void>][] = [
    ['a rename over it', (text) => replaceFile(file, text)],
    ['a write in place', (text) => writeFile(file, text)],
    [
      'truncation, then a write',
      async (text) => {
        await truncate(file, 0);
        await writeFile(file, text);
      },
    ],
    [
      'deletion, then creation',
      async (text) => {
        await unlink(file);
        await writeFile(file, text);
      },
    ],
    [
      'a directory moved away and another in its place',
      async (text) => {
        await rename(folder, `${folder}-gone`);
        await mkdir(folder);
        await writeFile(file, text);
        await rm(`${folder}-gone`, { recursive: true });
      },
    ],
  ];

  test.each(changes)('by %s is in force at its event, with exactly the flags that changed', async (_, change) => {
    const before = { kept: { value: [1] }, changed: 'one', gone: true };
    const after = { kept: { value: [1] }, changed: 'two', come: 7 };
    await writeFile(file, textOf(before));
    await utimes(file, 1, 1);
    const { client, events } = await opened();
    await change(textOf(after));
    let told = await events.next();
    // What a write does in several steps may be seen in between, as a broken file.
    while (!Array.isArray(told)) told = await events.next();
    expect([...told].sort()).toEqual(['changed', 'come', 'gone']);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getStringDetails('changed', '')).toMatchObject({ value: 'two', reason: 'STATIC' });
    expect(await client.getNumberValue('come', 0)).toBe(7);
    expect(await client.getBooleanDetails('gone', false)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    expect(await client.getObjectValue('kept', [])).toEqual([1]);
  });

  test('by the links of a Kubernetes ConfigMap is seen, without a moment between', async () => {
    const version = async (name: string, value: string): Promise<void> => {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'flags.json'), textOf({ flag: value }));
      await symlink(name, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await version('..2026_01_01', 'first');
    await symlink('..data/flags.json', file);
    const { client, events } = await opened();
    await version('..2026_01_02', 'second');
    await rm(join(folder, '..2026_01_01'), { recursive: true });
    expect(await events.next()).toEqual(['flag']);
    expect(await client.getStringValue('flag', '')).toBe('second');
    await version('..2026_01_03', 'third');
    expect(await events.next()).toEqual(['flag']);
    expect(await client.getStringValue('flag', '')).toBe('third');
    expect(events.told).toEqual([ready, ['flag'], ['flag']]);
  });

  test('that leaves its size and time as they were is in force all the same', async () => {
    await writeFile(file, textOf({ flag: 'one' }));
    await utimes(file, 1, 1);
    const { client, events } = await opened();
    const draft = join(folder, 'draft.json');
    await writeFile(draft, textOf({ flag: 'two' }));
    await utimes(draft, 1, 1);
    await rename(draft, file);
    expect(await events.next()).toEqual(['flag']);
    expect(await client.getStringValue('flag', '')).toBe('two');
  });

  test('that changes no flag is told to nobody', async () => {
    await writeFile(file, textOf({ a: true, b: { percent: 5 } }));
    const { events } = await opened();
    await replaceFile(file, '{"flags": {"b": {"groupId": "lighthouse-compat", "percent": 5}, "a": {"value": true}}}');
    await replaceFile(file, textOf({ a: true, b: { percent: 5 }, c: 'last' }));
    expect(await events.next()).toEqual(['c']);
    expect(events.told).toEqual([ready, ['c']]);
  });
});

describe('a file that breaks', () => {
  const breaks: readonly [string, () => Promise<void>, RegExp][] = [
    ...[...syntaxFaults, ...schemaFaults].map(
      ([name, text, message]) =>
        [name, () => replaceFile(file, text), message] as [string, () => Promise<void>, RegExp],
    ),
    ...unreadable.map(([name, make, message]): [string, () => Promise<void>, RegExp] => [
      name,
      async () => {
        await rm(file);
        await make();
      },
      message,
    ]),
  ];

  test.each(breaks)('by being %s keeps its last flags, as stale, and says where', async (_, make, message) => {
    await writeFile(file, textOf({ flag: true, text: 'kept', half: { percent: 50 } }));
    const { client, events } = await opened();
    await make();
    let told = await events.next();
    // Between removing and making it is missing.
    while (!('message' in told && message.test(told.message ?? ''))) {
      expect(told).toEqual(stale(expect.stringContaining('ENOENT')));
      told = await events.next();
    }
    expect(told).toEqual(stale(expect.stringMatching(message)));
    expect(client.providerStatus).toBe(ProviderStatus.STALE);
    expect(await client.getBooleanDetails('flag', false)).toMatchObject({
      value: true,
      reason: 'STALE',
      variant: 'on',
    });
    expect(await client.getStringDetails('text', '')).toMatchObject({ value: 'kept', reason: 'STALE' });
    expect(await client.getBooleanDetails('half', false, { targetingKey: 'a' })).toMatchObject({
      reason: 'STALE',
      flagMetadata: { percent: 50, groupId: 'lighthouse-compat', bucket: expect.any(Number) },
    });
    expect(await client.getBooleanDetails('none', true)).toMatchObject({
      reason: 'ERROR',
      errorCode: 'FLAG_NOT_FOUND',
    });
    expect(await client.getNumberDetails('flag', 1)).toMatchObject({ reason: 'ERROR', errorCode: 'TYPE_MISMATCH' });

    await rm(file, { recursive: true, force: true });
    await replaceFile(file, textOf({ flag: false, text: 'kept', half: { percent: 50 } }));
    told = await events.next();
    while (!('event' in told && told.event === 'PROVIDER_READY')) told = await events.next();
    expect(await events.next()).toEqual(['flag']);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getBooleanDetails('flag', true)).toMatchObject({ value: false, reason: 'STATIC' });
  });

  test('and is repaired to what it was is ready again, with nothing changed', async () => {
    await writeFile(file, textOf({ flag: 1 }));
    const { client, events } = await opened();
    await replaceFile(file, '{"flags": {"flag": 2, "other": }}');
    expect(await events.next()).toEqual(stale(expect.stringContaining(`${file}:1:32: not JSON: value expected`)));
    await replaceFile(file, '{"flags": {"flag": 2, "other": null}}');
    expect(await events.next()).toEqual(stale(`${file}:1:32: flags.other: a flag cannot be null`));
    expect(await client.getNumberValue('flag', 0)).toBe(1);
    await replaceFile(file, textOf({ flag: 1 }));
    expect(await events.next()).toEqual(ready);
    await replaceFile(file, textOf({ flag: 2 }));
    expect(await events.next()).toEqual(['flag']);
  });
});

describe('closing', () => {
  test('ends the watching and the evaluations, and initialising reads the file anew', async () => {
    await writeFile(file, textOf({ flag: 'before' }));
    const { provider, events } = await opened();
    await provider.onClose();
    await provider.onClose();
    await replaceFile(file, textOf({ flag: 'meanwhile' }));
    const closed = { errorCode: 'PROVIDER_NOT_READY', errorMessage: 'the provider is closed' };
    expect(await provider.resolveStringEvaluation('flag', '', {})).toMatchObject(closed);
    await provider.initialize();
    expect(await provider.resolveStringEvaluation('flag', '', {})).toMatchObject({ value: 'meanwhile' });
    await replaceFile(file, textOf({ flag: 'after' }));
    expect(await events.next()).toEqual(['flag']);
    expect(events.told).toEqual([ready, ['flag']]);
  });

  test('while it is initialised ends that with an error, and leaves nothing running', async () => {
    await writeFile(file, textOf({ flag: true }));
    const provider = provide();
    const initializing = expect(provider.initialize()).rejects.toThrow('closed while it was initialised');
    await provider.onClose();
    await initializing;
    await expect(Promise.all([provider.initialize(), provider.initialize()])).resolves.toBeDefined();
    expect(await provider.resolveBooleanEvaluation('flag', false, {})).toMatchObject({ value: true });
    const again = provider.initialize();
    const closing = provider.onClose();
    await Promise.allSettled([again, closing]);
    expect(await provider.resolveBooleanEvaluation('flag', false, {})).toMatchObject({
      errorCode: 'PROVIDER_NOT_READY',
    });
  });

  // The list of open files is Linux's.
  test.skipIf(process.platform !== 'linux')('leaves no timer and no file open', async () => {
    await writeFile(file, textOf({ flag: true }));
    const timers = new Set<() => void>();
    const clock = {
      setTimer: (callback: () => void) => {
        timers.add(callback);
        return () => timers.delete(callback);
      },
    };
    const provider = new LocalFlagProvider({ file, clock });
    await provider.initialize();
    expect(timers.size).toBe(1);
    for (const look of [...timers]) {
      timers.delete(look);
      look();
    }
    // It closes while it looks.
    await provider.onClose();
    expect(timers.size).toBe(0);
    const names = await readdir('/proc/self/fd');
    const open = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
    expect(open.filter((path) => path.startsWith(folder))).toEqual([]);
  });
});

describe('the options', () => {
  test('of a file that owns the flags forbid set and remove', async () => {
    await writeFile(file, textOf({ flag: true }));
    const { provider, client } = await opened();
    for (const change of [() => provider.set({ flag: false }), () => provider.remove('flag')]) {
      expect(change).toThrow(FlagProviderError);
      expect(change).toThrow(expect.objectContaining({ code: 'FILE_OWNS_FLAGS', path: 'flags' }));
    }
    expect(await client.getBooleanValue('flag', false)).toBe(true);
  });

  test.each([
    ['file', { file: '' }],
    ['file', { file: 7 }],
    ['file', { file: 'flags.json', flags: {} }],
    ['checkIntervalMs', { file: 'flags.json', checkIntervalMs: 0 }],
    ['checkIntervalMs', { file: 'flags.json', checkIntervalMs: Number.NaN }],
    ['checkIntervalMs', { file: 'flags.json', checkIntervalMs: 2 ** 31 }],
  ])('are refused by name: %s of %j', (path, options) => {
    expect(() => new LocalFlagProvider(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', path }),
    );
  });
});
