import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { defaultGroupId, normalizedValue } from '@lighthouse-compat/flag-provider';
import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import {
  type Client,
  type EvaluationContext,
  type JsonValue,
  OpenFeature,
  type Provider,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import murmurhash3js from 'murmurhash3js';
import { type Context, InMemStorageProvider, Unleash } from 'unleash-client';
import { heapNote, measureBytes, measureCpu, type Way, warmUp } from './harness.js';
import { versionOf } from './peers.js';
import { asJson, asText, type Report, type Result } from './report.js';
import { perRound, type Series } from './series.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '15' } },
});
const rounds = Number(options.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds: a whole number above 0 is needed');
// Some forty collections of the young garbage a round: with ten, what one of them costs decides the round.
const calls = 40_000;
// One measured call is so many hashes, that the clock can tell it.
const hashesACall = 50;

const rollout = { rollout: '50', stickiness: 'userId', groupId: defaultGroupId };
const flagOf = (name: string, values: readonly string[]) => ({
  name,
  type: 'release',
  enabled: true,
  strategies: [{ name: 'flexibleRollout', parameters: rollout, constraints: [] }],
  variants: values.map((value) => ({
    name: value,
    weight: 1000 / values.length,
    stickiness: 'userId',
    payload: { type: 'string', value },
  })),
});
// As many flags as the vocabulary has, of which two are asked for.
const features = [
  flagOf('lighthouse_v5_primary', []),
  flagOf('lighthouse_migration_mode', ['v4_primary', 'v5_primary']),
  ...['lighthouse_v5', 'new_payload_v5_only', 'forkchoice_v5_only', 'get_payload_v5_only'].map((name) =>
    flagOf(name, []),
  ),
];
const bootstrap = { data: features as never };
// Never asked: everything is in the bootstrap.
const url = 'http://127.0.0.1:9/api';
const appName = 'bench';

/** What the OpenFeature SDK itself costs: a provider that answers the same thing every time. */
class NoopProvider implements Provider {
  readonly metadata = { name: 'no-op' } as const;
  async resolveBooleanEvaluation(): Promise<ResolutionDetails<boolean>> {
    return { value: true };
  }
  async resolveStringEvaluation(): Promise<ResolutionDetails<string>> {
    return { value: 'v4_primary' };
  }
  async resolveNumberEvaluation(): Promise<ResolutionDetails<number>> {
    return { value: 0 };
  }
  async resolveObjectEvaluation<T extends JsonValue>(_key: string, value: T): Promise<ResolutionDetails<T>> {
    return { value };
  }
}

const clientOf = async (domain: string, provider: Provider): Promise<Client> => {
  await OpenFeature.setProviderAndWait(domain, provider);
  return OpenFeature.getClient(domain);
};
const noop = await clientOf('noop', new NoopProvider());
const ours = await clientOf(
  'ours',
  new UnleashProvider({ url, appName, bootstrap, refreshIntervalMs: 0, metricsIntervalMs: 0 }),
);
const bare = new Unleash({
  url,
  appName,
  bootstrap,
  refreshInterval: 0,
  disableMetrics: true,
  storageProvider: new InMemStorageProvider(),
});
if (!bare.isSynchronized()) await once(bare, 'synchronized');

const hashes = Array.from({ length: 1_000 }, (_none, n) => `0x${n.toString(16).padStart(64, '5a')}`);
const evaluationContexts: readonly EvaluationContext[] = hashes.map((targetingKey) => ({
  targetingKey,
  operation: 'new_payload',
}));
const unleashContexts: readonly Context[] = hashes.map((userId) => ({
  userId,
  properties: { operation: 'new_payload' },
}));

let used = 0;
/** Goes through the contexts, as blocks come by. */
function way<T>(name: string, contexts: readonly T[], act: (context: T) => boolean | string | Promise<unknown>): Way {
  return {
    name,
    async run(count) {
      for (let call = 0; call < count; call += 1) {
        const answer = act(contexts[call % contexts.length] as T);
        if (answer instanceof Promise) await answer;
        used += 1;
      }
    },
  };
}
const hashWay = (name: string, hash: (id: string) => number): Way => ({
  name,
  async run(count) {
    for (let call = 0; call < count * hashesACall; call += 1) used += hash(hashes[call % hashes.length] as string);
  },
});

const flag = 'lighthouse_v5_primary';
const variantFlag = 'lighthouse_migration_mode';
const ways = [
  way('boolean_provider', evaluationContexts, (context) => ours.getBooleanValue(flag, false, context)),
  way('boolean_noop_provider', evaluationContexts, (context) => noop.getBooleanValue(flag, false, context)),
  way('boolean_unleash_client', unleashContexts, (context) => bare.isEnabled(flag, context, false)),
  way('string_provider', evaluationContexts, (context) => ours.getStringValue(variantFlag, '', context)),
  way('string_noop_provider', evaluationContexts, (context) => noop.getStringValue(variantFlag, '', context)),
  way('string_unleash_client', unleashContexts, (context) => bare.getVariant(variantFlag, context).name),
];
const hashWays = [
  hashWay('normalized_value', (id) => normalizedValue(id, defaultGroupId)),
  hashWay('murmurhash3js', (id) => (murmurhash3js.x86.hash32(`${defaultGroupId}:${id}`, 0) % 100) + 1),
];

const cpu = new Map<string, Series>();
await warmUp(ways, { rounds: 3, calls });
for (const [name, series] of await measureCpu(ways, { rounds, calls })) cpu.set(name, series);
const bytes = await measureBytes(ways);
await warmUp(hashWays, { rounds: 3, calls });
for (const [name, series] of await measureCpu(hashWays, { rounds, calls })) {
  cpu.set(
    name,
    series.map((us) => us / hashesACall),
  );
}
bare.destroy();
await OpenFeature.close();
if (used === 0) throw new Error('nothing was done');

const of = (name: string): Series => cpu.get(name) ?? [];
const sum = (one: Series, other: Series): Series => one.map((value, round) => value + (other[round] ?? Number.NaN));
const unleashClient = `unleash-client@${versionOf('unleash-client')}`;
const openFeature = `@openfeature/server-sdk@${versionOf('@openfeature/server-sdk')}`;
const murmurhash = `murmurhash3js@${versionOf('murmurhash3js')}`;
const evaluation = (kind: 'boolean' | 'string'): Result => ({
  name: `${kind}_to_noop_plus_client`,
  series: perRound(of(`${kind}_provider`), sum(of(`${kind}_noop_provider`), of(`${kind}_unleash_client`))),
  target: { op: '<=', bound: 1.15 },
  peer: unleashClient,
});
const peerOf = (name: string): { peer?: string } => {
  if (name.endsWith('unleash_client')) return { peer: unleashClient };
  if (name.endsWith('noop_provider')) return { peer: openFeature };
  return name === 'murmurhash3js' ? { peer: murmurhash } : {};
};
const results: readonly Result[] = [
  evaluation('boolean'),
  evaluation('string'),
  {
    name: 'normalized_value_to_murmurhash3js',
    series: perRound(of('normalized_value'), of('murmurhash3js')),
    target: { op: '<=', bound: 0.8 },
    peer: murmurhash,
  },
  ...[...cpu].map(([name, series]) => ({ name: `${name}_cpu`, series, unit: 'us/call', ...peerOf(name) })),
  ...[...bytes].map(([name, series]) => ({ name: `${name}_heap`, series, unit: 'bytes/call', ...peerOf(name) })),
];
const report: Report = {
  benchmark: 'flags',
  notes: [
    `median of ${rounds} interleaved rounds of ${calls} evaluations (${calls * hashesACall} hashes), in one process; a ratio is taken round by round`,
    'spread: the quarter points of the rounds',
    'cpu: process.cpuUsage, user and system, threads of the garbage collector and the compiler included',
    heapNote,
    'provider: an OpenFeature client with UnleashProvider; noop_provider: the same with a provider that answers a constant',
    'unleash_client: isEnabled and getVariant of the client alone; no metrics are counted in either',
    'boolean: a gradual rollout of 50 %; string: the same with two variants by weight; 1,000 block hashes in turn',
    "normalized_value, murmurhash3js: the bucket of 1,000 block hashes, as Unleash's own client computes it",
  ],
  results,
};
process.stdout.write(options.json ? asJson(report) : asText(report));
