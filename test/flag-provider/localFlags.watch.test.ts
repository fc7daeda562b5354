import { execFile } from 'node:child_process';
import { mkdir, readdir, readlink, rename, rm, symlink, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Clock, LocalFlagProvider } from '@lighthouse-compat/flag-provider';
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
    const { client, events } = await openFollowing(file);
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
    const { client, events } = await openFollowing(file);
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
    const { client, events } = await openFollowing(file);
    const draft = join(folder, 'draft.json');
    await writeFile(draft, textOf({ flag: 'two' }));
    await utimes(draft, 1, 1);
    await rename(draft, file);
    expect(await events.next()).toEqual(['flag']);
    expect(await client.getStringValue('flag', '')).toBe('two');
  });

  test('is not taken for broken while it is being written', async () => {
    await writeFile(file, textOf({ flag: 'before' }));
    const halves: string[] = [];
    const clock: Clock = {
      // Whatever is half written goes on being written while two looks are apart.
      setTimer: (callback, delayMs) => {
        const more = delayMs === 20 ? halves.shift() : undefined;
        if (more === undefined) return systemTimer(callback, delayMs);
        void writeFile(file, more).then(callback);
        return () => {};
      },
    };
    const { client, events } = await open(new LocalFlagProvider({ file, checkIntervalMs: 10, clock }));
    expect(await events.next()).toEqual(ready);
    const whole = textOf({ flag: 'after' });
    halves.push(whole.slice(0, 20), whole.slice(0, 30), whole);
    await writeFile(file, whole.slice(0, 10));
    expect(await events.next()).toEqual(['flag']);
    expect(await client.getStringValue('flag', '')).toBe('after');
    expect(halves).toEqual([]);
    expect(events.told).toEqual([ready, ['flag']]);
  });

  test('is taken although the file is never twice the same', async () => {
    await writeFile(file, textOf({ flag: 0 }));
    let count = 0;
    let restless = false;
    const clock: Clock = {
      setTimer: (callback, delayMs) => {
        if (!restless || delayMs !== 20) return systemTimer(callback, delayMs);
        count++;
        void replaceFile(file, textOf({ flag: count })).then(callback);
        return () => {};
      },
    };
    const { client, events } = await open(new LocalFlagProvider({ file, checkIntervalMs: 10, clock }));
    expect(await events.next()).toEqual(ready);
    restless = true;
    await replaceFile(file, textOf({ flag: -1 }));
    expect(await events.next()).toEqual(['flag']);
    expect(await client.getNumberValue('flag', 0)).toBeGreaterThan(0);
  });

  test('that changes no flag is told to nobody', async () => {
    await writeFile(file, textOf({ a: true, b: { percent: 5 } }));
    const { events } = await openFollowing(file);
    await replaceFile(file, '{"flags": {"b": {"groupId": "lighthouse-compat", "percent": 5}, "a": {"value": true}}}');
    await replaceFile(file, textOf({ a: true, b: { percent: 5 }, c: 'last' }));
    expect(await events.next()).toEqual(['c']);
    expect(events.told).toEqual([ready, ['c']]);
  });
});

describe('closing', () => {
  test('ends the watching and the evaluations, and initialising reads the file anew', async () => {
    await writeFile(file, textOf({ flag: 'before' }));
    const { provider, events } = await openFollowing(file);
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
    const provider = follow(file);
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

  test('while the file is being read ends initialising with an error, and tells nothing later', async () => {
    await writeFile(file, textOf({ flag: true }));
    let closing: Promise<void> | undefined;
    const clock: Clock = {
      // The time that a reading has is set as it begins.
      setTimer: (callback, delayMs) => {
        if (delayMs === 5_000) {
          queueMicrotask(() => {
            closing ??= provider.onClose();
          });
        }
        return systemTimer(callback, delayMs);
      },
    };
    const provider = new LocalFlagProvider({ file, checkIntervalMs: 10, clock });
    const { events, failure } = await open(provider);
    expect(failure).toMatchObject({ code: 'GENERAL', message: 'the provider was closed while it was initialised' });
    await closing;
    expect(await events.next()).toMatchObject({ event: 'PROVIDER_ERROR' });
    expect(events.told).toHaveLength(1);
    await provider.initialize();
    expect(await provider.resolveBooleanEvaluation('flag', false, {})).toMatchObject({ value: true });
    await provider.onClose();
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

test('a process ends although it follows a file', async () => {
  await writeFile(file, textOf({ flag: 'followed' }));
  const program = `
    import { LocalFlagProvider } from '@lighthouse-compat/flag-provider';
    const provider = new LocalFlagProvider({ file: ${JSON.stringify(file)} });
    await provider.initialize();
    console.log((await provider.resolveStringEvaluation('flag', '', {})).value);
  `;
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd });
  expect(stdout).toBe('followed\n');
});
