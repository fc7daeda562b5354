import {
  type ExecutionPayload,
  engineJson,
  type ForkchoiceState,
  type Hash32,
  type PayloadAttributes,
  type PayloadEnvelope,
  type PayloadId,
  type ServedFork,
} from '@lighthouse-compat/conversions';
import {
  CompatError,
  type LighthouseCompat,
  type MigrationMode,
  type NewPayloadArguments,
} from '@lighthouse-compat/sdk';
import { encodeRlp } from 'ethers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fakeBlockHash } from '../support/fakeEngine/digest.js';
import { createHeldClock } from '../support/fakeEngine/heldClock.js';
import { isJsonObject, type JsonObject } from '../support/fakeEngine/params.js';
import { rawCall } from '../support/fakeEngine/rawCall.js';
import {
  attributesJson,
  buildRaw,
  insertRaw,
  payloadIdOf,
  resealed,
  beaconRoot as root,
  rooted,
  updateRaw,
} from '../support/fakeEngine/rawChain.js';
import { type SpecEngine, startSpecEngine } from '../support/fakeEngine/specEngine.js';
import type { SpecOptions } from '../support/fakeEngine/specMethods.js';
import type { Trouble } from '../support/fakeEngine/trouble.js';
import { openTwoSpecEngines, type TwoSpecEngines } from '../support/fakeEngine/twoSpecEngines.js';
import { gate } from '../support/gate.js';
import {
  capellaAttributes,
  capellaPayload,
  denebAttributes,
  denebPayload,
  forks,
  hash,
  parisAttributes,
  parisPayload,
} from '../support/samples.js';

const genesisHash = hash(0xabc);
const zero = hash(0);

describe('the fake engine keeps to what hive expects of an engine about Cancun', () => {
  async function open(options: Partial<SpecOptions> & { readonly headsFirst?: boolean } = {}): Promise<SpecEngine> {
    const engine = await startSpecEngine({ forks, genesis: { hash: genesisHash, timestamp: 110n }, ...options });
    onTestFinished(() => engine.stop());
    return engine;
  }

  const shanghaiTime = 160;
  const cancunTime = 260;
  const refused = (code: number) => ({ error: { code } });
  const status = (value: string, latestValidHash: unknown) => ({ result: { status: value, latestValidHash } });

  test('forkchoiceUpdatedV3 to a head of Shanghai without attributes is no error', async () => {
    expect(await updateRaw(await open(), 3)).toMatchObject({ result: { payloadStatus: { status: 'VALID' } } });
  });

  test.each([
    [
      3,
      'Shanghai-time attributes with a null root',
      attributesJson(shanghaiTime, { ...rooted, parentBeaconBlockRoot: null }),
      -38003,
    ],
    [3, 'Shanghai-time attributes without a root', attributesJson(shanghaiTime), -38003],
    [3, 'Shanghai-time attributes with a root', attributesJson(shanghaiTime, rooted), -38005],
    [2, 'Shanghai-time attributes with a root', attributesJson(shanghaiTime, rooted), -38003],
    [2, 'Cancun-time attributes with a root', attributesJson(cancunTime, rooted), -38003],
    [2, 'Cancun-time attributes without a root', attributesJson(cancunTime), -38005],
    [3, 'Cancun-time attributes without a root', attributesJson(cancunTime), -38003],
  ])(
    'forkchoiceUpdatedV%i with %s is refused, and the head moves all the same',
    async (version, _what, attrs, code) => {
      const engine = await open();
      const { payload } = await buildRaw(engine, 2, attributesJson(shanghaiTime - 10));
      await insertRaw(engine, 2, payload);
      expect(await updateRaw(engine, version, attrs, payload['blockHash'])).toMatchObject(refused(code));
      expect(engine.chain.forkchoice.head).toBe(payload['blockHash']);
    },
  );

  test('attributes that differ in the parent beacon block root alone give two payloadIds, and the same ones one', async () => {
    const engine = await open();
    const first = payloadIdOf(await updateRaw(engine, 3, attributesJson(cancunTime, rooted)));
    const other = await updateRaw(
      engine,
      3,
      attributesJson(cancunTime, { ...rooted, parentBeaconBlockRoot: hash(78) }),
    );
    expect(first).toMatch(/^0x[0-9a-f]{16}$/);
    expect(payloadIdOf(other)).not.toBe(first);
    expect(payloadIdOf(await updateRaw(engine, 3, attributesJson(cancunTime, rooted)))).toBe(first);
  });

  test('a build of Shanghai and then one of Cancun on one head are both served, each by its version alone', async () => {
    const engine = await open();
    const shanghai = await buildRaw(engine, 2, attributesJson(shanghaiTime));
    const cancun = await buildRaw(engine, 3, attributesJson(cancunTime, rooted));
    expect(shanghai.payload).not.toHaveProperty('blobGasUsed');
    expect(cancun.payload).toMatchObject({ blobGasUsed: '0x0', excessBlobGas: '0x0', timestamp: '0x104' });
    for (const [version, { payloadId }] of [
      [3, shanghai],
      [1, shanghai],
      [2, cancun],
      [1, cancun],
    ] as const) {
      expect(await rawCall(engine, `engine_getPayloadV${version}`, [payloadId])).toMatchObject(refused(-38005));
    }
  });

  const nulls: readonly [string, (payload: JsonObject) => readonly unknown[]][] = [
    ['blobGasUsed', (payload) => [{ ...payload, blobGasUsed: null }, [], root]],
    ['excessBlobGas', (payload) => [{ ...payload, excessBlobGas: null }, [], root]],
    ['expectedBlobVersionedHashes', (payload) => [payload, null, root]],
    ['parentBeaconBlockRoot', (payload) => [payload, [], null]],
  ];
  test.each(nulls)('newPayloadV3 with %s null is -32602 on either side of the fork', async (_what, params) => {
    const engine = await open();
    const { payload } = await buildRaw(engine, 3, attributesJson(cancunTime, rooted));
    const early = resealed(payload, { timestamp: '0xa0' }, root);
    expect(await rawCall(engine, 'engine_newPayloadV3', params(early))).toMatchObject(refused(-32602));
    expect(await rawCall(engine, 'engine_newPayloadV3', params(payload))).toMatchObject(refused(-32602));
  });

  test.each([
    ['before Cancun', '0xa0'],
    ['from Prague on', '0x12c'],
  ])('newPayloadV3 %s with nothing null is -38005', async (_when, timestamp) => {
    const engine = await open();
    const { payload } = await buildRaw(engine, 3, attributesJson(cancunTime, rooted));
    expect(await insertRaw(engine, 3, resealed(payload, { timestamp }, root))).toMatchObject(refused(-38005));
  });

  const versioned = (n: number, version = '01'): string => `0x${version}${hash(n).slice(4)}`;
  const blobTransaction = (...hashes: readonly string[]): string => {
    const fields = ['0x01', '0x', '0x01', '0x02', '0x5208', `0x${'bb'.repeat(20)}`, '0x', '0x', [], '0x01'];
    return `0x03${encodeRlp([...fields, [...hashes], '0x', '0x01', '0x01']).slice(2)}`;
  };
  const one = versioned(1);
  const two = versioned(2);
  test.each<[string, readonly string[], readonly string[], string]>([
    ['one is missing', [one, two], [one], '0x40000'],
    ['all are missing', [one, two], [], '0x40000'],
    ['one is extra', [one], [one, two], '0x20000'],
    ['there are some and no blob', [], [one], '0x0'],
    ['they are in another order', [one, two], [two, one], '0x40000'],
    ['one is repeated', [one, two], [one, one], '0x40000'],
    ['the version of one is wrong beside the payload', [one], [versioned(1, '02')], '0x20000'],
    ['the version of one is wrong in the payload too', [versioned(1, '02')], [versioned(1, '02')], '0x20000'],
  ])(
    'versioned hashes of which %s are INVALID without an ancestor, also while the engine syncs',
    async (_what, inside, beside, blobGasUsed) => {
      const engine = await open();
      const { payload } = await buildRaw(engine, 3, attributesJson(cancunTime, rooted));
      const transactions = inside.length === 0 ? [] : [blobTransaction(...inside)];
      const blobs = resealed(payload, { transactions, blobGasUsed }, root);
      const orphan = resealed(blobs, { parentHash: hash(0xdead) }, root);
      for (const each of [blobs, orphan]) {
        expect(await insertRaw(engine, 3, each, beside)).toMatchObject(status('INVALID', null));
      }
    },
  );

  test('the right versioned hashes of several transactions are VALID, a wrong blobGasUsed INVALID', async () => {
    const engine = await open();
    const { payload } = await buildRaw(engine, 3, attributesJson(cancunTime, rooted));
    const transactions = [blobTransaction(one), '0x02c0', blobTransaction(two)];
    const right = resealed(payload, { transactions, blobGasUsed: '0x40000' }, root);
    expect(await insertRaw(engine, 3, right, [one, two])).toMatchObject(status('VALID', right['blockHash']));
    const wrong = resealed(right, { blobGasUsed: '0x20000' }, root);
    expect(await insertRaw(engine, 3, wrong, [one, two])).toMatchObject(status('INVALID', genesisHash));
    const none = resealed(payload, { blobGasUsed: '0x1' }, root);
    expect(await insertRaw(engine, 3, none)).toMatchObject(status('INVALID', genesisHash));
  });
});

type Version = 'v4' | 'v5';

const modeOf: Readonly<Record<Version, MigrationMode>> = { v4: { kind: 'v4_only' }, v5: { kind: 'v5_only' } };
const withdrawals = [{ index: 1n, validatorIndex: 2n, address: `0x${'cc'.repeat(20)}` as const, amount: 3n }];
const attributesOf: Readonly<Record<ServedFork, PayloadAttributes>> = {
  paris: parisAttributes,
  shanghai: { ...capellaAttributes, withdrawals },
  cancun: { ...denebAttributes, withdrawals, parentBeaconBlockRoot: root },
};
const sampleOf = { paris: parisPayload(1), shanghai: capellaPayload(1), cancun: denebPayload(1) } as const;
const headAt = (headBlockHash: Hash32): ForkchoiceState => ({
  headBlockHash,
  safeBlockHash: zero,
  finalizedBlockHash: zero,
});

const beaconOf = (fork: ServedFork): Pick<NewPayloadArguments, 'parentBeaconBlockRoot'> =>
  fork === 'cancun' ? { parentBeaconBlockRoot: root } : {};

/** Adapter, fork, and the version of the methods on the wire. */
const served = [
  ['v4', 'paris', 1],
  ['v4', 'shanghai', 2],
  ['v5', 'paris', 1],
  ['v5', 'shanghai', 2],
  ['v5', 'cancun', 3],
] as const;

type Opened = TwoSpecEngines & { readonly engine: SpecEngine; readonly other: SpecEngine };

/** Opens the SDK so that this adapter answers, on a genesis from which the fork can be reached. */
async function openFor(
  version: Version,
  fork: ServedFork = 'shanghai',
  options: Parameters<typeof openTwoSpecEngines>[0] = {},
): Promise<Opened> {
  const genesis = { hash: genesisHash, timestamp: fork === 'paris' ? 10n : 110n };
  const two = await openTwoSpecEngines({
    mode: modeOf[version],
    ...options,
    engines: { genesis, ...options.engines },
  });
  return { ...two, engine: two[version], other: two[version === 'v4' ? 'v5' : 'v4'] };
}

async function buildOn(
  compat: LighthouseCompat,
  head: Hash32 | ForkchoiceState,
  attributes: PayloadAttributes,
): Promise<{ readonly payloadId: PayloadId } & PayloadEnvelope> {
  const state = typeof head === 'string' ? headAt(head) : head;
  const { payloadId } = await compat.forkchoiceUpdated(state, attributes);
  if (payloadId === null) throw new Error('nothing was built');
  return { payloadId, ...(await compat.getPayload(payloadId)) };
}

/** A block that no engine has seen, on any parent. */
function blockOn(parent: ExecutionPayload, parentHash: Hash32, fork: ServedFork): ExecutionPayload {
  const child = { ...parent, parentHash, blockNumber: parent.blockNumber + 1n, timestamp: parent.timestamp + 1n };
  const wire = engineJson.serializeExecutionPayload(child as ExecutionPayload);
  if (!isJsonObject(wire)) throw new Error('a payload is an object');
  return { ...child, blockHash: fakeBlockHash(wire, beaconOf(fork).parentBeaconBlockRoot) } as ExecutionPayload;
}

describe('the SDK against engines that keep to the letter of the specification', () => {
  test.each(served)(
    '%s builds, fetches, judges and sets a block of %s by V%i, and the other engine keeps up',
    async (version, fork, wire) => {
      const { compat, engine, other } = await openFor(version, fork);
      const { payloadId, executionPayload, ...rest } = await buildOn(compat, genesisHash, attributesOf[fork]);
      const { blockHash } = executionPayload;
      expect(payloadId).toMatch(/^0x[0-9a-f]{16}$/);
      expect(rest).toEqual(
        {
          paris: { blockValueWei: null },
          shanghai: { blockValueWei: 0n },
          cancun: {
            blockValueWei: 0n,
            blobsBundle: { commitments: [], proofs: [], blobs: [] },
            shouldOverrideBuilder: false,
          },
        }[fork],
      );
      expect(executionPayload).toMatchObject({
        extraData: version === 'v4' ? '0x04' : '0x05',
        timestamp: attributesOf[fork].timestamp,
        ...(fork === 'paris' ? {} : { withdrawals }),
      });
      expect('withdrawals' in executionPayload).toBe(fork !== 'paris');
      expect('blobGasUsed' in executionPayload).toBe(fork === 'cancun');

      expect(await compat.newPayload({ executionPayload, ...beaconOf(fork) })).toEqual({
        status: 'VALID',
        latestValidHash: blockHash,
      });
      const state = { headBlockHash: blockHash, safeBlockHash: genesisHash, finalizedBlockHash: genesisHash };
      expect(await compat.forkchoiceUpdated(state)).toEqual({
        payloadStatus: { status: 'VALID', latestValidHash: blockHash },
        payloadId: null,
      });
      await compat.drain();
      expect(engine.methods()).toEqual([
        `engine_forkchoiceUpdatedV${wire}`,
        `engine_getPayloadV${wire}`,
        `engine_newPayloadV${wire}`,
        `engine_forkchoiceUpdatedV${wire}`,
      ]);
      const applied = { head: blockHash, safe: genesisHash, finalized: genesisHash };
      expect(engine.chain.forkchoice).toEqual(applied);
      if (fork === 'cancun') {
        expect(other.methods().some((method) => method.endsWith('V3'))).toBe(false);
        expect(other.chain.forkchoice.head).toBe(genesisHash);
      } else {
        expect(other.chain.forkchoice).toEqual(applied);
        expect(other.methods().filter((method) => method.startsWith('engine_getPayload'))).toEqual([]);
      }
      expect([...engine.duplicates, ...other.duplicates]).toEqual([]);
    },
  );

  const rpcErrors = [
    [-32700, 'PARSE_ERROR'],
    [-32600, 'INVALID_REQUEST'],
    [-32601, 'METHOD_NOT_FOUND'],
    [-32602, 'INVALID_PARAMS'],
    [-32603, 'INTERNAL_ERROR'],
    [-32000, 'SERVER_ERROR'],
    [-38001, 'UNKNOWN_PAYLOAD'],
    [-38002, 'INVALID_FORKCHOICE_STATE'],
    [-38003, 'INVALID_PAYLOAD_ATTRIBUTES'],
    [-38004, 'TOO_LARGE_REQUEST'],
    [-38005, 'ENGINE_UNSUPPORTED_FORK'],
    [-38006, 'TOO_DEEP_REORG'],
  ] as const;

  const operations = {
    newPayload: (compat: LighthouseCompat, fork: ServedFork) =>
      compat.newPayload({ executionPayload: sampleOf[fork], ...beaconOf(fork) }),
    forkchoiceUpdated: (compat: LighthouseCompat, fork: ServedFork) =>
      compat.forkchoiceUpdated(headAt(genesisHash), attributesOf[fork]),
    getPayload: async (compat: LighthouseCompat, fork: ServedFork) => buildOn(compat, genesisHash, attributesOf[fork]),
  };
  const everyCall = served.flatMap(([version, fork, wire]) =>
    (['newPayload', 'forkchoiceUpdated', 'getPayload'] as const).map((name) => [version, name, fork, wire] as const),
  );

  test.each(everyCall)(
    '%s: every error code of %s of %s comes out by its name, with engine and method of V%i',
    async (version, name, fork, wire) => {
      const method = `engine_${name}V${wire}`;
      const { engine, reopen } = await openFor(version, fork);
      for (const [rpcCode, code] of rpcErrors) {
        // An engine that has failed is passed over, so that each code meets an SDK that knows of no failure.
        const compat = await reopen();
        engine.calm();
        engine.trouble(method, { kind: 'error', code: rpcCode });
        const error = await operations[name](compat, fork).catch((thrown: unknown) => thrown);
        expect(error, code).toBeInstanceOf(CompatError);
        expect(error).toMatchObject({ code, rpcCode, engine: version, method });
      }
    },
  );

  test.each<[string, Partial<SpecOptions>, (opened: Opened) => Promise<unknown>, object]>([
    [
      'an id that nobody issued',
      {},
      ({ compat }) => compat.getPayload('0x0102030405060708'),
      { code: 'UNKNOWN_PAYLOAD', rpcCode: -38001 },
    ],
    [
      'a finalized block off the chain of the head',
      {},
      ({ compat }) =>
        compat.forkchoiceUpdated({
          headBlockHash: genesisHash,
          safeBlockHash: genesisHash,
          finalizedBlockHash: hash(5),
        }),
      { code: 'INVALID_FORKCHOICE_STATE', rpcCode: -38002, method: 'engine_forkchoiceUpdatedV2' },
    ],
    [
      'attributes as old as the head',
      {},
      ({ compat }) => compat.forkchoiceUpdated(headAt(genesisHash), { ...capellaAttributes, timestamp: 110n }),
      { code: 'INVALID_PAYLOAD_ATTRIBUTES', rpcCode: -38003, method: 'engine_forkchoiceUpdatedV2' },
    ],
    [
      'a payload that is of Cancun for the engine',
      { forks: { shanghaiTime: 100n, cancunTime: 120n } },
      ({ compat }) => compat.newPayload({ executionPayload: capellaPayload(1) }),
      { code: 'ENGINE_UNSUPPORTED_FORK', rpcCode: -38005, method: 'engine_newPayloadV2' },
    ],
    [
      'attributes that are of Cancun for the engine',
      { forks: { shanghaiTime: 100n, cancunTime: 120n } },
      ({ compat }) => compat.forkchoiceUpdated(headAt(genesisHash), capellaAttributes),
      { code: 'ENGINE_UNSUPPORTED_FORK', rpcCode: -38005, method: 'engine_forkchoiceUpdatedV2' },
    ],
    [
      'an id of a Cancun payload that the SDK did not see issued',
      {},
      async ({ compat, v4, v5 }) => {
        // Both engines issue one id for one head and attributes, so it is found wherever it is looked for.
        const [answer] = await Promise.all([v4, v5].map((engine) => updateRaw(engine, 3, attributesJson(260, rooted))));
        return compat.getPayload(payloadIdOf(answer ?? {}) as PayloadId);
      },
      { code: 'ENGINE_UNSUPPORTED_FORK', rpcCode: -38005, method: 'engine_getPayloadV2' },
    ],
    [
      'a payload that is of Paris for the engine',
      { forks: { shanghaiTime: 190n } },
      ({ compat }) => compat.newPayload({ executionPayload: capellaPayload(1) }),
      { code: 'INVALID_PARAMS', rpcCode: -32602, method: 'engine_newPayloadV2' },
    ],
    [
      'attributes that are of Paris for the engine',
      { forks: { shanghaiTime: 190n } },
      ({ compat }) => compat.forkchoiceUpdated(headAt(genesisHash), capellaAttributes),
      { code: 'INVALID_PAYLOAD_ATTRIBUTES', rpcCode: -38003, method: 'engine_forkchoiceUpdatedV2' },
    ],
  ])(
    '%s is refused by the engine itself, and the caller is told its code in either mode',
    async (_what, engines, act, expected) => {
      for (const version of ['v4', 'v5'] as const) {
        const opened = await openFor(version, 'shanghai', { engines });
        await expect(act(opened)).rejects.toMatchObject({ name: 'CompatError', ...expected });
      }
    },
  );

  type Expected = { readonly status: string; readonly latestValidHash: Hash32 | null };
  const judgements: readonly (readonly [
    name: string,
    script: (engine: SpecEngine, blockHash: Hash32) => void,
    expected: (wire: number) => Expected,
  ])[] = [
    [
      'INVALID with the newest valid ancestor',
      (engine, block) => engine.chain.markInvalid(block),
      () => ({ status: 'INVALID', latestValidHash: genesisHash }),
    ],
    [
      'INVALID without one',
      (engine, block) => engine.chain.markInvalid(block, null),
      () => ({ status: 'INVALID', latestValidHash: null }),
    ],
    [
      'INVALID with the hash of zeros',
      (engine, block) => engine.chain.markInvalid(block, zero),
      () => ({ status: 'INVALID', latestValidHash: zero }),
    ],
    [
      'the answer to a wrong block hash',
      (engine, block) => engine.chain.tamper(block),
      (wire) => ({ status: wire === 1 ? 'INVALID_BLOCK_HASH' : 'INVALID', latestValidHash: null }),
    ],
    [
      'ACCEPTED',
      (engine) =>
        engine.trouble('engine_newPayload', {
          kind: 'status',
          payloadStatus: { status: 'ACCEPTED', latestValidHash: null, validationError: null },
        }),
      () => ({ status: 'ACCEPTED', latestValidHash: null }),
    ],
  ];

  describe.each(served)('%s and %s by V%i', (version, fork, wire) => {
    test.each(judgements)('%s comes out of new_payload as its type', async (_name, script, expected) => {
      const { compat, v4, v5 } = await openFor(version, fork);
      const { executionPayload } = await buildOn(compat, genesisHash, attributesOf[fork]);
      for (const engine of [v4, v5]) script(engine, executionPayload.blockHash);
      const answer = await compat.newPayload({ executionPayload, ...beaconOf(fork) });
      const { status, latestValidHash } = expected(wire);
      const withError = status.startsWith('INVALID') ? { validationError: expect.any(String) } : {};
      expect(answer).toEqual({ status, latestValidHash, ...withError });
    });

    test('a child of an INVALID block is INVALID, and so is a forkchoice to either', async () => {
      const { compat, v4, v5 } = await openFor(version, fork);
      const { executionPayload } = await buildOn(compat, genesisHash, attributesOf[fork]);
      for (const engine of [v4, v5]) engine.chain.markInvalid(executionPayload.blockHash);
      const child = blockOn(executionPayload, executionPayload.blockHash, fork);
      const invalid = { status: 'INVALID', latestValidHash: genesisHash, validationError: expect.any(String) };
      for (const each of [executionPayload, child]) {
        expect(await compat.newPayload({ executionPayload: each, ...beaconOf(fork) })).toEqual(invalid);
        expect(await compat.forkchoiceUpdated(headAt(each.blockHash))).toEqual({
          payloadStatus: invalid,
          payloadId: null,
        });
      }
    });

    test('a block whose parent is not known, and a head that is not, are SYNCING', async () => {
      const { compat, engine } = await openFor(version, fork);
      const syncing = { status: 'SYNCING', latestValidHash: null };
      const orphan = blockOn(sampleOf[fork], hash(0xdead), fork);
      expect(await compat.newPayload({ executionPayload: orphan, ...beaconOf(fork) })).toEqual(syncing);
      expect(await compat.forkchoiceUpdated(headAt(orphan.blockHash))).toEqual({
        payloadStatus: syncing,
        payloadId: null,
      });
      await compat.drain();
      expect(engine.methods()).toContain(`engine_newPayloadV${wire}`);
    });

    test.each<[string, Trouble, object]>([
      ['is HTTP 500', { kind: 'http', status: 500 }, { code: 'HTTP_ERROR', httpStatus: 500 }],
      ['is HTTP 401', { kind: 'http', status: 401, body: 'stale token' }, { code: 'UNAUTHORIZED', httpStatus: 401 }],
      ['is no JSON', { kind: 'body', text: '<html>' }, { code: 'RESPONSE_NOT_JSON' }],
      ['ends in its middle', { kind: 'halfClosed' }, { code: 'CONNECTION_LOST' }],
      ['is a reset', { kind: 'reset' }, { code: 'CONNECTION_LOST' }],
    ])('an answer that %s is one typed error of each operation', async (_what, trouble, expected) => {
      for (const name of ['newPayload', 'forkchoiceUpdated', 'getPayload'] as const) {
        const { compat, engine } = await openFor(version, fork);
        const method = `engine_${name}V${wire}`;
        engine.trouble(method, trouble);
        await expect(operations[name](compat, fork)).rejects.toMatchObject({ ...expected, engine: version, method });
      }
    });

    test.each<[string, Trouble]>([
      ['never comes', { kind: 'hang' }],
      ['ends with its headers', { kind: 'headersOnly' }],
    ])('an answer that %s is a TIMEOUT of each operation', async (_what, trouble) => {
      for (const name of ['newPayload', 'forkchoiceUpdated', 'getPayload'] as const) {
        const clock = createHeldClock();
        const { compat, engine } = await openFor(version, fork, { clock });
        const method = `engine_${name}V${wire}`;
        engine.trouble(method, trouble);
        const outcome = expect(operations[name](compat, fork)).rejects.toMatchObject({
          code: 'TIMEOUT',
          engine: version,
          method,
        });
        await engine.received(method);
        clock.expire();
        await outcome;
      }
    });

    test.each(['ACCEPTED', 'INVALID_BLOCK_HASH'])('%s, which no forkchoice may be, is malformed', async (status) => {
      const { compat, engine } = await openFor(version, fork);
      const method = `engine_forkchoiceUpdatedV${wire}`;
      const payloadStatus = { status, latestValidHash: null, validationError: null };
      engine.trouble(method, { kind: 'status', payloadStatus });
      await expect(operations.forkchoiceUpdated(compat, fork)).rejects.toMatchObject({
        code: 'MALFORMED_RESULT',
        engine: version,
        method,
      });
    });

    test('VALID for another block is no VALID', async () => {
      for (const name of ['newPayload', 'forkchoiceUpdated'] as const) {
        const { compat, engine } = await openFor(version, fork);
        const method = `engine_${name}V${wire}`;
        engine.trouble(method, { kind: 'foreignHash', hash: hash(0xbad) });
        await expect(operations[name](compat, fork)).rejects.toMatchObject({
          code: 'FOREIGN_LATEST_VALID_HASH',
          engine: version,
          method,
        });
      }
    });
  });

  test('an answer that comes byte by byte is an answer', async () => {
    const { compat, engine } = await openFor('v5');
    engine.trouble('engine_forkchoiceUpdated', { kind: 'drip', everyMs: 1 });
    expect(await compat.forkchoiceUpdated(headAt(genesisHash))).toMatchObject({ payloadStatus: { status: 'VALID' } });
  });

  test('attributes that are refused have moved the head all the same', async () => {
    const { compat, engine } = await openFor('v5');
    const { executionPayload } = await buildOn(compat, genesisHash, attributesOf.shanghai);
    await compat.newPayload({ executionPayload });
    const { blockHash, timestamp } = executionPayload;
    await expect(
      compat.forkchoiceUpdated(headAt(blockHash), { ...capellaAttributes, timestamp }),
    ).rejects.toMatchObject({
      rpcCode: -38003,
    });
    expect(engine.chain.forkchoice.head).toBe(blockHash);
  });

  const { withdrawals: _none, ...bareAttributes } = capellaAttributes;
  const wrongFork: readonly (readonly [string, (compat: LighthouseCompat) => Promise<unknown>, object])[] = [
    [
      'a payload of Prague',
      (compat) =>
        compat.newPayload({ executionPayload: { ...denebPayload(1), timestamp: 300n }, parentBeaconBlockRoot: root }),
      { code: 'UNSUPPORTED_FORK' },
    ],
    [
      'a Cancun-time payload without blob fields',
      (compat) =>
        compat.newPayload({ executionPayload: { ...capellaPayload(1), timestamp: 250n }, parentBeaconBlockRoot: root }),
      { code: 'FORK_MISMATCH' },
    ],
    [
      'a Cancun payload without a root',
      (compat) => compat.newPayload({ executionPayload: denebPayload(1) }),
      { code: 'MISSING_PARENT_BEACON_BLOCK_ROOT' },
    ],
    [
      'a Shanghai-time payload with blob fields',
      (compat) => compat.newPayload({ executionPayload: { ...denebPayload(1), timestamp: 150n } }),
      { code: 'FORK_MISMATCH' },
    ],
    [
      'a Shanghai payload with a root',
      (compat) => compat.newPayload({ executionPayload: capellaPayload(1), parentBeaconBlockRoot: root }),
      { code: 'FORK_MISMATCH' },
    ],
    [
      'a Shanghai payload with versioned hashes',
      (compat) => compat.newPayload({ executionPayload: capellaPayload(1), expectedBlobVersionedHashes: [] }),
      { code: 'FORK_MISMATCH' },
    ],
    [
      'a Shanghai-time payload without withdrawals',
      (compat) => compat.newPayload({ executionPayload: { ...parisPayload(1), timestamp: 150n } }),
      { code: 'FORK_MISMATCH' },
    ],
    [
      'a Paris-time payload with withdrawals',
      (compat) => compat.newPayload({ executionPayload: { ...capellaPayload(1), timestamp: 50n } }),
      { code: 'FORK_MISMATCH' },
    ],
    [
      'attributes of Prague',
      (compat) => compat.forkchoiceUpdated(headAt(genesisHash), { ...denebAttributes, timestamp: 300n }),
      { code: 'UNSUPPORTED_FORK' },
    ],
    [
      'Cancun-time attributes without a root',
      (compat) => compat.forkchoiceUpdated(headAt(genesisHash), { ...capellaAttributes, timestamp: 260n }),
      { code: 'MISSING_PARENT_BEACON_BLOCK_ROOT' },
    ],
    [
      'Shanghai-time attributes with a root',
      (compat) => compat.forkchoiceUpdated(headAt(genesisHash), { ...denebAttributes, timestamp: 160n }),
      { code: 'FORK_MISMATCH' },
    ],
    [
      'Shanghai-time attributes without withdrawals',
      (compat) => compat.forkchoiceUpdated(headAt(genesisHash), bareAttributes),
      { code: 'FORK_MISMATCH' },
    ],
    [
      'Paris-time attributes with withdrawals',
      (compat) => compat.forkchoiceUpdated(headAt(genesisHash), { ...capellaAttributes, timestamp: 60n }),
      { code: 'FORK_MISMATCH' },
    ],
  ];
  test.each(wrongFork)('%s is a typed error that reaches no engine in any mode', async (_what, act, expected) => {
    for (const version of ['v4', 'v5'] as const) {
      const { compat, v4, v5 } = await openFor(version);
      await expect(act(compat)).rejects.toMatchObject({ name: 'CompatError', ...expected });
      await compat.drain();
      expect([...v4.calls, ...v5.calls]).toEqual([]);
    }
  });

  test('calls made without waiting reach each engine one at a time and in order, also when one of them hangs', async () => {
    const clock = createHeldClock();
    // What a replay gives again has tests of its own.
    const { compat, v4, v5 } = await openFor('v4', 'shanghai', { clock, replay: { maxPayloads: 0 } });
    const blocks: ExecutionPayload[] = [];
    for (let n = 0, parent: ExecutionPayload = { ...capellaPayload(1), blockHash: genesisHash }; n < 6; n += 1) {
      parent = blockOn(parent, parent.blockHash, 'shanghai');
      blocks.push(parent);
    }
    const slow = gate();
    v5.trouble('engine_newPayload', { kind: 'delay', until: slow.opened }, { times: 1 });
    v4.trouble('engine_forkchoiceUpdated', { kind: 'hang' }, { times: 1 });
    const calls = blocks.flatMap((executionPayload) => [
      compat.newPayload({ executionPayload }),
      compat.forkchoiceUpdated(headAt(executionPayload.blockHash)),
    ]);
    const outcomes = Promise.allSettled(calls);
    await v4.received('engine_forkchoiceUpdatedV2');
    slow.open();
    await v5.received('engine_newPayloadV2', 2);
    // Of the timers that run now that of the hanging call is the oldest.
    clock.expireOldest();
    await outcomes;
    await compat.drain();
    const last = blocks.at(-1)?.blockHash;
    expect([v4.chain.forkchoice.head, v5.chain.forkchoice.head]).toEqual([last, last]);
    const payloads = (engine: SpecEngine) =>
      engine.calls
        .filter(({ method }) => method === 'engine_newPayloadV2')
        .map(({ params: [payload] }) => (payload as JsonObject)['blockHash']);
    for (const engine of [v4, v5]) expect(payloads(engine)).toEqual(blocks.map(({ blockHash }) => blockHash));
    expect([...v4.duplicates, ...v5.duplicates]).toEqual([]);
  });

  test.each<[string, MigrationMode, readonly string[]]>([
    ['v4_only', { kind: 'v4_only' }, ['0x04']],
    ['v5_only', { kind: 'v5_only' }, ['0x05']],
    ['canary 50', { kind: 'canary', percent: 50 }, ['0x04', '0x05']],
  ])('six blocks of Shanghai and six of Cancun grow on both engines in the mode %s', async (_name, mode, builders) => {
    const { compat, v4, v5 } = await openTwoSpecEngines({ mode });
    const chain: { readonly blockHash: Hash32; readonly builder: string }[] = [];
    let state = headAt(genesisHash);
    for (let n = 1; n <= 12; n += 1) {
      const fork = n <= 6 ? 'shanghai' : 'cancun';
      const timestamp = n <= 6 ? 120n + BigInt(n) * 12n : 200n + BigInt(n - 6) * 12n;
      const { executionPayload } = await buildOn(compat, state, { ...attributesOf[fork], timestamp });
      const { blockHash } = executionPayload;
      expect(executionPayload).toMatchObject({ parentHash: state.headBlockHash, blockNumber: BigInt(n), timestamp });
      chain.push({ blockHash, builder: executionPayload.extraData });
      const valid = { status: 'VALID', latestValidHash: blockHash };
      expect(await compat.newPayload({ executionPayload, ...beaconOf(fork) })).toEqual(valid);
      const back = chain.at(-3)?.blockHash ?? genesisHash;
      state = { headBlockHash: blockHash, safeBlockHash: back, finalizedBlockHash: back };
      expect(await compat.forkchoiceUpdated(state)).toEqual({ payloadStatus: valid, payloadId: null });
      if (n !== 6) continue;
      await compat.drain();
      const applied = { head: blockHash, safe: back, finalized: back };
      expect([v4.chain.forkchoice, v5.chain.forkchoice]).toEqual([applied, applied]);
    }
    await compat.drain();
    expect(v5.chain.forkchoice.head).toBe(state.headBlockHash);
    expect(v4.chain.forkchoice.head).toBe(chain[5]?.blockHash);
    expect(v4.methods().filter((method) => method.endsWith('V3'))).toEqual([]);
    for (const [engine, blocks] of [
      [v4, 6],
      [v5, 12],
    ] as const) {
      const count = (name: string): number => engine.methods().filter((method) => method.startsWith(name)).length;
      expect(count('engine_newPayload')).toBe(blocks);
      // Two a block, and for v4 the copy of the one whose attributes cross the fork.
      expect(count('engine_forkchoiceUpdated')).toBeLessThanOrEqual(blocks === 6 ? 13 : 24);
      expect(engine.duplicates).toEqual([]);
    }
    expect([...new Set(chain.slice(0, 6).map(({ builder }) => builder))].sort()).toEqual(builders);
    expect([...new Set(chain.slice(6).map(({ builder }) => builder))]).toEqual(['0x05']);
  });
});
