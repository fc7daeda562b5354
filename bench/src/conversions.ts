import { parseArgs } from 'node:util';
import { createBlockFromExecutionPayload } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { engineJson, v4ToV5, v5ToV4, verifyBlockHash } from '@lighthouse-compat/conversions';
import { createKeccak } from 'hash-wasm';
import { fullPayload, parentBeaconBlockRoot } from './fullPayload.js';
import { measureCpu, type Way, warmUp } from './harness.js';
import { versionOf } from './peers.js';
import { asJson, asText, type Report, type Result } from './report.js';
import { perRound, type Series } from './series.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '11' } },
});
const rounds = Number(options.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds: a whole number above 0 is needed');

const { parsePayloadEnvelope, serializeExecutionPayload, serializeRequest } = engineJson;

// As it comes from an engine: strings that were parsed, not concatenated.
const json = JSON.parse(JSON.stringify(serializeExecutionPayload(fullPayload())));
const answerOf = (blobs: number): string => {
  const list = (bytes: number): string[] => Array.from({ length: blobs }, () => `0x${'5a'.repeat(bytes)}`);
  const blobsBundle = { commitments: list(48), proofs: list(48), blobs: list(131_072) };
  const result = { executionPayload: json, blockValue: '0x1234', blobsBundle, shouldOverrideBuilder: false };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, result });
};
const answer = answerOf(0);
const answerWithBlobs = answerOf(3);
const parse = (text: string): number =>
  parsePayloadEnvelope(JSON.parse(text).result, 'cancun').executionPayload.transactions.length;

const payload = parsePayloadEnvelope(JSON.parse(answer).result, 'cancun').executionPayload;
const raw = payload.transactions.map((transaction) => Uint8Array.from(Buffer.from(transaction.slice(2), 'hex')));
const params = [json, [], parentBeaconBlockRoot] as const;
const method = 'engine_newPayloadV3';
const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
const kept = Buffer.alloc(body.length + 64);
const capella = v5ToV4.convertExecutionPayload(payload);
const deneb = v4ToV5.convertExecutionPayload(capella);
const denebWithoutTransactions = { ...deneb, transactions: [] };
const hasher = await createKeccak(256);
const common = new Common({ chain: Mainnet, hardfork: Hardfork.Cancun });

let used = 0;
const repeats = new Map<string, number>();
/** A way of which one measured call is `repeat` real ones, so that the clock can tell it. */
function way(name: string, repeat: number, act: () => number | Promise<number>): Way {
  repeats.set(name, repeat);
  return {
    name,
    async run(calls) {
      for (let left = calls * repeat; left > 0; left -= 1) {
        const result = act();
        used += typeof result === 'number' ? result : await result;
      }
    },
  };
}

const serialize = (allocate?: (size: number) => Uint8Array): number =>
  serializeRequest({ id: 1, method, params: [serializeExecutionPayload(payload), [], parentBeaconBlockRoot] }, allocate)
    .length;

const ways = [
  way('verify', 40, () => {
    verifyBlockHash(payload, { parentBeaconBlockRoot });
    return 1;
  }),
  way('keccak_hash_wasm', 40, () => {
    for (const bytes of raw) hasher.init().update(bytes).digest('binary');
    return 1;
  }),
  way('verify_ethereumjs', 1, async () => {
    const block = await createBlockFromExecutionPayload({ ...json, parentBeaconBlockRoot }, { common });
    return block.transactions.length;
  }),
  way('json_parse', 100, () => JSON.parse(answer).id),
  way('parse', 100, () => parse(answer)),
  way('json_parse_blobs', 50, () => JSON.parse(answerWithBlobs).id),
  way('parse_blobs', 50, () => parse(answerWithBlobs)),
  way('json_stringify', 100, () => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }).length),
  way('copy', 1000, () => body.copy(kept)),
  way('serialize', 1000, () => serialize(() => kept)),
  way('copy_new_buffer', 100, () => Buffer.from(body).length),
  way('serialize_new_buffer', 100, () => serialize()),
  way('v4_to_v5', 100_000, () => v4ToV5.convertExecutionPayload(capella).withdrawals.length),
  way('v5_to_v4', 50_000, () => v5ToV4.convertExecutionPayload(deneb).withdrawals.length),
  way(
    'v5_to_v4_no_transactions',
    100_000,
    () => v5ToV4.convertExecutionPayload(denebWithoutTransactions).withdrawals.length,
  ),
];
await warmUp(ways, { rounds: 2, calls: 2 });
const measured = await measureCpu(ways, { rounds, calls: 2 });
if (used === 0) throw new Error('nothing was done');

const of = (name: string): Series => (measured.get(name) ?? []).map((us) => us / (repeats.get(name) ?? 1));
const ethereumjs = `@ethereumjs/block@${versionOf('@ethereumjs/block')}`;
const hashWasm = `hash-wasm@${versionOf('hash-wasm')}`;
const ratio = (name: string, ours: string, theirs: string, bound: number, peer?: string): Result => ({
  name,
  series: perRound(of(ours), of(theirs)),
  target: { op: '<=', bound },
  ...(peer === undefined ? {} : { peer }),
});
const peerOf: Readonly<Record<string, string>> = { verify_ethereumjs: ethereumjs, keccak_hash_wasm: hashWasm };
const bounds: Readonly<Record<string, number>> = { v4_to_v5: 1, v5_to_v4_no_transactions: 1 };
const results: readonly Result[] = [
  ratio('verify_to_ethereumjs', 'verify', 'verify_ethereumjs', 0.04, ethereumjs),
  ratio('verify_to_keccak_alone', 'verify', 'keccak_hash_wasm', 2.2, hashWasm),
  ratio('parse_to_json_parse', 'parse', 'json_parse', 2),
  ratio('parse_to_json_parse_with_3_blobs', 'parse_blobs', 'json_parse_blobs', 2),
  ratio('serialize_to_json_stringify', 'serialize', 'json_stringify', 0.1),
  ratio('serialize_to_copy', 'serialize', 'copy', 4),
  ratio('serialize_new_buffer_to_copy_new_buffer', 'serialize_new_buffer', 'copy_new_buffer', 4),
  ...ways.map(({ name }) => ({
    name: `${name}_cpu`,
    series: of(name),
    unit: 'us/call',
    ...(bounds[name] === undefined ? {} : { target: { op: '<=' as const, bound: bounds[name] } }),
    ...(peerOf[name] === undefined ? {} : { peer: peerOf[name] }),
  })),
];
const report: Report = {
  benchmark: 'conversions',
  notes: [
    `median of ${rounds} interleaved rounds, in one process; a ratio is taken round by round`,
    'spread: the quarter points of the rounds',
    'cpu: process.cpuUsage, user and system, threads of the garbage collector and the compiler included',
    `the payload: Deneb, ${payload.transactions.length} transactions of ${raw.reduce((sum, { length }) => sum + length, 0)} bytes, 16 withdrawals; its newPayloadV3 is ${body.length} bytes`,
    "verify: the payload's check, hex decoding, both tries and the header; keccak_hash_wasm: the same transactions' bytes hashed once each",
    'parse: JSON.parse of the whole answer and the check of every field; json_parse: JSON.parse alone',
    'serialize, copy: into a buffer that is used again; new_buffer: into a new one each time, whose memory has to be had first',
    'json_stringify: of the hex object into a string, which is not turned into bytes',
    'v5_to_v4: with one pass over the types of the transactions, which its target does not count',
  ],
  results,
};
process.stdout.write(options.json ? asJson(report) : asText(report));
