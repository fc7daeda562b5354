import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Clock, FlagProviderError, LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import { OpenFeature, ProviderStatus } from '@openfeature/server-sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  follow,
  newFolder,
  open,
  openFollowing,
  ready,
  removeFolders,
  replaceFile,
  systemTimer,
  textOf,
} from './flagFiles.js';

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

const stale = (message: unknown) => ({ event: 'PROVIDER_STALE', message });

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
  [
    'a pipe that nobody writes to',
    async () => void (await promisify(execFile)('mkfifo', [file])),
    /: not a regular file$/,
  ],
  ['a link to nowhere', () => symlink('nowhere', file), /: ENOENT/],
  ['a link to itself', () => symlink('flags.json', file), /: ELOOP/],
  ['too large', () => writeFile(file, textOf({}) + ' '.repeat(2 ** 20)), /: larger than 1048576 bytes$/],
  ['not UTF-8', () => writeFile(file, Buffer.from([0x7b, 0xff, 0x7d])), /: not UTF-8$/],
];

describe('initialize', () => {
  test('takes the flags of the file, with a byte order mark and a $schema as well', async () => {
    await writeFile(file, `\ufeff{"$schema": "./localFlags.schema.json", "flags": {"flag": {"percent": 100}}}`);
    const { client } = await openFollowing(file);
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
    const { client, events, failure } = await open(follow(file));
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
    const { events } = await open(follow(file));
    expect(await events.next()).toMatchObject({ event: 'PROVIDER_ERROR', message: expect.stringContaining('ENOENT') });
    await replaceFile(file, '{');
    expect(await events.next()).toEqual({
      event: 'PROVIDER_ERROR',
      errorCode: 'PARSE_ERROR',
      message: expect.stringContaining(`${file}:1:2: not JSON`),
    });
  });

  test('asked for again after it failed reads the file at once', async () => {
    const provider = new LocalFlagProvider({ file, checkIntervalMs: 2 ** 31 - 1 });
    await expect(provider.initialize()).rejects.toMatchObject({ code: 'GENERAL' });
    await writeFile(file, textOf({ flag: true }));
    await provider.initialize();
    expect(await provider.resolveBooleanEvaluation('flag', false, {})).toMatchObject({ value: true });
    await provider.onClose();
  });

  test('rejects a file that a disk does not give in time, and recovers by itself', async () => {
    await writeFile(file, textOf({ flag: true }));
    let hangs = true;
    const clock: Clock = {
      // Time runs out before any disk can answer, the first time.
      setTimer: (callback, delayMs) => {
        if (!hangs || delayMs !== 5_000) return systemTimer(callback, delayMs);
        hangs = false;
        queueMicrotask(callback);
        return () => {};
      },
    };
    const { client, events, failure } = await open(new LocalFlagProvider({ file, checkIntervalMs: 10, clock }));
    expect(failure).toMatchObject({ code: 'GENERAL', message: `${file}: not read within 5000 ms` });
    expect(await events.next()).toMatchObject({ event: 'PROVIDER_ERROR' });
    expect(await events.next()).toEqual(ready);
    expect(await client.getBooleanValue('flag', false)).toBe(true);
  });

  test('names the file as the caller did, and keeps to the directory that the provider was made in', async () => {
    await writeFile(file, textOf({ flag: 'here' }));
    const [before, away] = [process.cwd(), await newFolder()];
    process.chdir(folder);
    try {
      const [provider, other] = [follow('./flags.json'), follow('./none.json')];
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
    const { client, events } = await openFollowing(file);
    await make();
    let told = await events.next();
    // On the way there it may be missing, or cut off.
    while (!('message' in told && message.test(told.message ?? ''))) {
      expect(told).toEqual(stale(expect.stringContaining(file)));
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
    const { client, events } = await openFollowing(file);
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

describe('the options', () => {
  test('of a file that owns the flags forbid set and remove', async () => {
    await writeFile(file, textOf({ flag: true }));
    const { provider, client } = await openFollowing(file);
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
