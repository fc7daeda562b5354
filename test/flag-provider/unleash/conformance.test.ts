import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import {
  type Client,
  type EvaluationContext,
  type EvaluationDetails,
  type FlagValue,
  OpenFeature,
} from '@openfeature/server-sdk';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { clientOf } from '../provide.js';
import { FlagServer } from './flagServer.js';

type Variant = {
  readonly name: string;
  readonly enabled: boolean;
  readonly feature_enabled: boolean;
  readonly payload?: { readonly type: 'string' | 'csv' | 'number' | 'json'; readonly value: string };
};
type Case<T> = {
  readonly description: string;
  readonly toggleName: string;
  readonly context: { readonly properties?: EvaluationContext; readonly userId?: string };
  readonly expectedResult: T;
};
type Specification = {
  readonly name: string;
  readonly state: { readonly features?: never[]; readonly segments?: never[]; readonly events?: unknown[] };
  readonly tests?: readonly Case<boolean>[];
  readonly variantTests?: readonly Case<Variant>[];
};

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@unleash/client-specification/package.json')), 'specifications');
const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(folder, file), 'utf8'));
const files = (await read('index.json')) as readonly string[];
const specifications = await Promise.all(files.map((file) => read(file) as Promise<Specification>));

let passed = 0;
let total = 0;
const servers: FlagServer[] = [];

afterEach(async () => {
  await OpenFeature.clearProviders();
  await Promise.all(servers.splice(0).map((server) => server.die()));
});

afterAll(() => {
  process.stdout.write(`conformance: ${passed} passed, ${total - passed} failed\n`);
});

/** A client on the state of a specification: a bootstrap, or a server's stream of changes. */
async function clientOn({ state }: Specification): Promise<Client> {
  const common = { appName: 'conformance', metricsIntervalMs: 0 };
  if (state.events === undefined) {
    const bootstrap = { data: state.features ?? [], segments: state.segments ?? [] };
    // A port where nobody is: with a refresh interval of 0 nobody is asked.
    return clientOf(new UnleashProvider({ ...common, url: 'http://127.0.0.1:9', refreshIntervalMs: 0, bootstrap }));
  }
  const server = await FlagServer.open({ kind: 'flags', body: { events: state.events }, etag: '"delta"' });
  servers.push(server);
  const client = { experimentalMode: { type: 'polling', format: 'delta' } } as const;
  return clientOf(new UnleashProvider({ ...common, url: server.url, client }));
}

/** An Unleash context as an OpenFeature user writes it. */
function contextOf({ properties, userId, ...fields }: Case<unknown>['context']): EvaluationContext {
  return { ...properties, ...fields, ...(userId === undefined ? {} : { targetingKey: userId }) };
}

const fallback = { string: 'the default', number: -12_345, object: { the: 'default' } };

async function askForVariant(client: Client, { toggleName, context, expectedResult }: Case<Variant>) {
  const made = contextOf(context);
  const { payload } = expectedResult;
  switch (payload?.type) {
    case 'number':
      return {
        details: await client.getNumberDetails(toggleName, fallback.number, made),
        value: Number(payload.value),
      };
    case 'json':
      return {
        details: await client.getObjectDetails(toggleName, fallback.object, made),
        value: JSON.parse(payload.value),
      };
    case 'string':
    case 'csv':
    case undefined:
      return {
        details: await client.getStringDetails(toggleName, fallback.string, made),
        value: payload?.value ?? fallback.string,
      };
  }
}

function expectNoError({ errorCode, errorMessage }: EvaluationDetails<FlagValue>): void {
  expect({ errorCode, errorMessage }).toEqual({ errorCode: undefined, errorMessage: undefined });
}

/** Unleash says of an unknown flag that it is off; here it is an error, and the default, which is off. */
function isUnknown(specification: Specification, flagKey: string): boolean {
  return !JSON.stringify(specification.state).includes(JSON.stringify(flagKey));
}

describe.each(specifications)('$name of the client specification', (specification) => {
  test('holds through OpenFeature', async () => {
    const { tests = [], variantTests = [] } = specification;
    total += tests.length + variantTests.length;
    const client = await clientOn(specification);
    for (const { toggleName, context, expectedResult, description } of tests) {
      const details = await client.getBooleanDetails(toggleName, false, contextOf(context));
      expect(details.value, description).toBe(expectedResult);
      if (isUnknown(specification, toggleName)) expect(details.errorCode).toBe('FLAG_NOT_FOUND');
      else if (details.errorCode !== 'FLAG_NOT_FOUND') {
        expectNoError(details);
        expect(details.flagMetadata['feature_enabled']).toBe(expectedResult);
      }
      passed++;
    }
    for (const one of variantTests) {
      const { details, value } = await askForVariant(client, one);
      const { enabled, name, feature_enabled } = one.expectedResult;
      expect(details.value, one.description).toEqual(value);
      expect(details.variant, one.description).toBe(enabled ? name : undefined);
      if (details.errorCode === 'FLAG_NOT_FOUND') expect(feature_enabled).toBe(false);
      else {
        expectNoError(details);
        expect(details.flagMetadata['feature_enabled'], one.description).toBe(feature_enabled);
      }
      passed++;
    }
  });
});

test('the specification has the 279 cases that it had when this was written', () => {
  const count = specifications.flatMap(({ tests = [], variantTests = [] }) => [...tests, ...variantTests]).length;
  expect(count).toBe(279);
});
