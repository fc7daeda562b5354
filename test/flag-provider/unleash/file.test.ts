import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UnleashFileProvider, UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { type Client, type EvaluationContext, OpenFeature, ProviderStatus } from '@openfeature/server-sdk';
import { Strategy } from 'unleash-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Events, newFolder, open, removeFolders, replaceFile } from '../flagFiles.js';
import { clientOf } from '../provide.js';

let file: string;

beforeEach(async () => {
  file = join(await newFolder(), 'features.json');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await OpenFeature.clearProviders();
  await removeFolders();
});

type Document = { readonly features: readonly object[]; readonly segments?: readonly object[] };

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@unleash/client-specification/package.json')), 'specifications');
const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
const specifications: { name: string; state: Document; tests?: Case[]; variantTests?: Case[] }[] = (
  await Promise.all((await read('index.json')).map(read))
).filter(({ state }) => 'features' in state);
type Case = { readonly toggleName: string; readonly context: EvaluationContext & { readonly userId?: string } };

const provide = (path = file): UnleashFileProvider => new UnleashFileProvider({ file: path, checkIntervalMs: 10 });
const ready = { event: 'PROVIDER_READY', message: undefined };
const everyone = { name: 'default', parameters: {}, constraints: [] };
const flag = (name: string, more: object = {}) => ({ name, enabled: true, strategies: [everyone], ...more });
const textOf = (...features: readonly object[]): string => JSON.stringify({ version: 2, features }, null, 2);

async function opened(text: string): Promise<{ client: Client; events: Events; provider: UnleashFileProvider }> {
  await writeFile(file, text);
  const provider = provide();
  const { client, events, failure } = await open(provider);
  expect(failure).toBeUndefined();
  expect(await events.next()).toEqual(ready);
  return { client, events, provider };
}

describe.each(specifications)(
  '$name of the client specification, in a file',
  ({ state, tests = [], variantTests = [] }) => {
    test('answers in every detail as from a server', async () => {
      await writeFile(file, JSON.stringify({ version: 2, ...state }));
      // Where nothing is sticky, both draw the same lot.
      vi.spyOn(Math, 'random').mockReturnValue(0.4);
      const fromFile = await clientOf(new UnleashFileProvider({ file, appName: 'app' }));
      const fromServer = await clientOf(
        new UnleashProvider({
          url: 'http://127.0.0.1:9',
          appName: 'app',
          refreshIntervalMs: 0,
          metricsIntervalMs: 0,
          bootstrap: { data: state.features as never[], segments: (state.segments ?? []) as never[] },
        }),
      );
      for (const { toggleName, context } of [...tests, ...variantTests]) {
        const { userId, properties, ...fields } = context as Case['context'] & {
          readonly properties?: EvaluationContext;
        };
        const asked = { ...properties, ...fields, ...(userId === undefined ? {} : { targetingKey: userId }) };
        const [one, other] = [fromFile, fromServer] as const;
        expect(await one.getBooleanDetails(toggleName, false, asked)).toEqual(
          await other.getBooleanDetails(toggleName, false, asked),
        );
        expect(await one.getStringDetails(toggleName, '?', asked)).toEqual(
          await other.getStringDetails(toggleName, '?', asked),
        );
        expect(await one.getNumberDetails(toggleName, -1, asked)).toEqual(
          await other.getNumberDetails(toggleName, -1, asked),
        );
        expect(await one.getObjectDetails(toggleName, [], asked)).toEqual(
          await other.getObjectDetails(toggleName, [], asked),
        );
      }
    });
  },
);

describe('a file of client features', () => {
  test('gives its revision, its environment and the context its app name', async () => {
    const constraint = (contextName: string, value: string) => ({ contextName, operator: 'IN', values: [value] });
    const strategies = [
      { ...everyone, constraints: [constraint('appName', 'node'), constraint('environment', 'test')] },
    ];
    const document = { version: 2, features: [flag('flag', { strategies, project: 'p' })], meta: { revisionId: 7 } };
    await writeFile(file, JSON.stringify(document));
    const client = await clientOf(new UnleashFileProvider({ file, appName: 'node', environment: 'test' }));
    expect(await client.getBooleanDetails('flag', false)).toMatchObject({
      value: true,
      reason: 'TARGETING_MATCH',
      flagMetadata: { feature_enabled: true, project: 'p', environment: 'test', revision: 7 },
    });
  });

  test('takes strategies of the caller, and one that nobody knows is never on', async () => {
    class ByTime extends Strategy {
      override isEnabled(): boolean {
        return true;
      }
    }
    await writeFile(file, textOf(...['byTime', 'unknown'].map((name) => flag(name, { strategies: [{ name }] }))));
    const client = await clientOf(new UnleashFileProvider({ file, strategies: [new ByTime('byTime')] }));
    expect(await client.getBooleanValue('byTime', false)).toBe(true);
    expect(await client.getBooleanDetails('unknown', true)).toMatchObject({ value: false, reason: 'DEFAULT' });
  });

  test('may be empty, and then no flag is found', async () => {
    const { client } = await opened(textOf());
    expect(await client.getBooleanDetails('flag', true)).toMatchObject({ value: true, errorCode: 'FLAG_NOT_FOUND' });
  });

  test('makes no connection to anywhere', async () => {
    const sockets: unknown[] = [];
    const onSocket = (message: unknown): void => void sockets.push(message);
    subscribe('net.client.socket', onSocket);
    const { client, provider } = await opened(textOf(flag('flag')));
    for (const key of ['flag', 'unknown', '__proto__']) await client.getBooleanValue(key, false);
    await provider.onClose();
    unsubscribe('net.client.socket', onSocket);
    expect(sockets).toEqual([]);
  });

  test('changes all at once, and tells which flags evaluate differently, through segments and dependencies as well', async () => {
    const bySegment = flag('bySegment', { strategies: [{ ...everyone, segments: [1] }] });
    const child = flag('child', { dependencies: [{ feature: 'bySegment' }] });
    const document = (value: string) => ({
      version: 2,
      features: [bySegment, child, flag('kept')],
      segments: [{ id: 1, constraints: [{ contextName: 'userId', operator: 'IN', values: [value] }] }],
    });
    const { client, events } = await opened(JSON.stringify(document('a')));
    const values = async (targetingKey: string) =>
      Promise.all(['bySegment', 'child', 'kept'].map((key) => client.getBooleanValue(key, false, { targetingKey })));
    expect(await values('a')).toEqual([true, true, true]);
    expect(await values('b')).toEqual([false, false, true]);
    await replaceFile(file, JSON.stringify(document('b')));
    expect([...((await events.next()) as string[])].sort()).toEqual(['bySegment', 'child']);
    expect(await values('a')).toEqual([false, false, true]);
    expect(await values('b')).toEqual([true, true, true]);
  });

  test('that breaks keeps its last flags, as stale, and is ready again when it is good', async () => {
    const { client, events } = await opened(textOf(flag('flag')));
    await replaceFile(file, textOf(flag('flag', { enabled: 'yes' })));
    expect(await events.next()).toEqual({
      event: 'PROVIDER_STALE',
      message: `${file}:6:18: features[0].enabled: expected true or false`,
    });
    expect(client.providerStatus).toBe(ProviderStatus.STALE);
    expect(await client.getBooleanDetails('flag', false)).toMatchObject({ value: true, reason: 'STALE' });
    await replaceFile(file, textOf(flag('flag', { enabled: false })));
    expect(await events.next()).toEqual(ready);
    expect(await events.next()).toEqual(['flag']);
    expect(await client.getBooleanDetails('flag', true)).toMatchObject({ value: false, reason: 'DISABLED' });
  });

  test('is read anew when the provider is initialised again', async () => {
    const { provider, events } = await opened(textOf(flag('flag')));
    await provider.onClose();
    await provider.onClose();
    expect(await provider.resolveBooleanEvaluation('flag', false, {})).toMatchObject({
      errorCode: 'PROVIDER_NOT_READY',
    });
    await replaceFile(file, textOf(flag('flag', { enabled: false })));
    await provider.initialize();
    expect(await provider.resolveBooleanEvaluation('flag', true, {})).toMatchObject({ value: false });
    expect(events.told).toEqual([ready]);
  });
});

describe('a file that is no client features', () => {
  const strategy = (more: object) => ({ features: [flag('f', { strategies: [{ ...everyone, ...more }] })] });
  const rollout = (percent: unknown) => strategy({ name: 'flexibleRollout', parameters: { rollout: percent } });
  const variants = (...list: unknown[]) => ({ features: [flag('f', { variants: list })] });

  test.each<[string, unknown, string]>([
    ['an array', [], 'the document'],
    ['no version', { version: undefined }, 'version'],
    ['no features', { features: undefined }, 'features'],
    ['features by name', { features: { f: flag('f') } }, 'features'],
    ['a flag without a name', { features: [flag('')] }, 'features[0].name'],
    ['a flag twice', { features: [flag('f'), flag('g'), flag('f')] }, 'features[2].name'],
    ['a flag neither on nor off', { features: [flag('f', { enabled: 1 })] }, 'features[0].enabled'],
    ['no strategies', { features: [flag('f', { strategies: null })] }, 'features[0].strategies'],
    ['a strategy without a name', strategy({ name: undefined }), 'features[0].strategies[0].name'],
    ['parameters in a list', strategy({ parameters: [] }), 'features[0].strategies[0].parameters'],
    ['no percentage', rollout(undefined), 'features[0].strategies[0].parameters.rollout'],
    ['a percentage beyond 100', rollout('101'), 'features[0].strategies[0].parameters.rollout'],
    ['a percentage below 0', rollout(-1), 'features[0].strategies[0].parameters.rollout'],
    ['a percentage that is a typing error', rollout('5O'), 'features[0].strategies[0].parameters.rollout'],
    [
      'a constraint with one value for a list',
      strategy({ constraints: [{ contextName: 'userId', operator: 'IN', values: '7' }] }),
      'features[0].strategies[0].constraints[0].values',
    ],
    [
      'a constraint on nothing',
      strategy({ constraints: [{ operator: 'IN', values: [] }] }),
      'features[0].strategies[0].constraints[0].contextName',
    ],
    ['a segment by name', strategy({ segments: ['seven'] }), 'features[0].strategies[0].segments[0]'],
    ['a segment without constraints', { segments: [{ id: 1 }] }, 'segments[0].constraints'],
    ['a segment twice', { segments: [1, 1].map((id) => ({ id, constraints: [] })) }, 'segments[1].id'],
    ['a variant without weight', variants({ name: 'v' }), 'features[0].variants[0].weight'],
    ['a negative weight', variants({ name: 'v', weight: -1 }), 'features[0].variants[0].weight'],
    [
      'a payload of an unknown type',
      variants({ name: 'v', weight: 1, payload: { type: 'yaml', value: '' } }),
      'features[0].variants[0].payload.type',
    ],
    [
      'a payload that is no text',
      variants({ name: 'v', weight: 1, payload: { type: 'number', value: 7 } }),
      'features[0].variants[0].payload.value',
    ],
    [
      'a dependency on nothing',
      { features: [flag('f', { dependencies: [{}] })] },
      'features[0].dependencies[0].feature',
    ],
  ])('but has %s is refused with the path', async (_, part, path) => {
    const document = Array.isArray(part) ? part : { version: 2, features: [], ...(part as object) };
    await writeFile(file, JSON.stringify(document));
    const failure = await provide()
      .initialize()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'PARSE_ERROR' });
    const { message } = failure as Error;
    expect(message.slice(file.length)).toMatch(/^:1:\d+: /);
    expect(message).toContain(`: ${path}: `);
  });
});

test('an empty app name is refused', () => {
  expect(() => new UnleashFileProvider({ file, appName: '' })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', path: 'appName' }),
  );
});
