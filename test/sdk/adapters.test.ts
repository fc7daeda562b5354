import { ConversionError } from '@lighthouse-compat/conversions';
import { expect, test } from 'vitest';
import type { LighthouseApi } from '../../packages/sdk/src/adapters/lighthouseApi.js';
import { createV4Adapter } from '../../packages/sdk/src/adapters/v4Adapter.js';
import { createV5Adapter } from '../../packages/sdk/src/adapters/v5Adapter.js';
import type { EngineClient } from '../../packages/sdk/src/engine/engineClient.js';
import type { EngineMethods } from '../../packages/sdk/src/engine/methods.js';
import {
  capellaAttributes,
  capellaPayload,
  denebAttributes,
  denebPayload,
  hash,
  headAt,
  parisAttributes,
  parisPayload,
} from '../support/samples.js';

type Sent = { method: keyof EngineMethods; params: readonly unknown[] };

/** What an adapter puts on the wire, taken at the engine client. */
async function wireOf(
  prepare: (adapter: LighthouseApi) => { send(): Promise<unknown> },
  version: 'v4' | 'v5',
): Promise<Sent> {
  let sent: Sent | undefined;
  const engine: EngineClient = {
    name: version,
    call: (choices) => {
      const [first] = choices;
      if (first !== undefined) sent = { method: first.method, params: first.params };
      return Promise.reject(new Error('not answered'));
    },
    close: async () => {},
  };
  const adapter = version === 'v4' ? createV4Adapter(engine) : createV5Adapter(engine);
  await prepare(adapter)
    .send()
    .catch(() => {});
  if (sent === undefined) throw new Error('nothing was sent');
  return sent;
}

const v1Keys = [
  'parentHash',
  'feeRecipient',
  'stateRoot',
  'receiptsRoot',
  'logsBloom',
  'prevRandao',
  'blockNumber',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'extraData',
  'baseFeePerGas',
  'blockHash',
  'transactions',
];
const v2Keys = [...v1Keys, 'withdrawals'];
const v3Keys = [...v2Keys, 'blobGasUsed', 'excessBlobGas'];

const paris = { fork: 'paris', executionPayload: parisPayload(1) } as const;
const shanghai = { fork: 'shanghai', executionPayload: capellaPayload(1) } as const;
const cancun = {
  fork: 'cancun',
  executionPayload: denebPayload(1),
  expectedBlobVersionedHashes: [hash(70)],
  parentBeaconBlockRoot: hash(71),
} as const;

test.each([
  ['v4', paris, 'engine_newPayloadV1', v1Keys],
  ['v4', shanghai, 'engine_newPayloadV2', v2Keys],
  ['v5', paris, 'engine_newPayloadV1', v1Keys],
  ['v5', shanghai, 'engine_newPayloadV2', v2Keys],
  ['v5', cancun, 'engine_newPayloadV3', v3Keys],
] as const)('%s sends a new_payload of $fork by %s with exactly its keys', async (version, request, method, keys) => {
  const sent = await wireOf((adapter) => adapter.newPayload(request), version);
  expect(sent.method).toBe(method);
  expect(Object.keys(sent.params[0] as object)).toEqual(keys);
  expect(sent.params).toHaveLength(request.fork === 'cancun' ? 3 : 1);
});

test('v5 sends a Capella payload as v4 does, block hash and all', async () => {
  const prepare = (adapter: LighthouseApi) => adapter.newPayload(shanghai);
  expect(await wireOf(prepare, 'v5')).toEqual(await wireOf(prepare, 'v4'));
});

test('newPayloadV3 gets the versioned hashes and the parent beacon block root', async () => {
  const { params } = await wireOf((adapter) => adapter.newPayload(cancun), 'v5');
  expect(params.slice(1)).toEqual([[hash(70)], hash(71)]);
});

const forkchoiceState = headAt(3);
const wireState = { headBlockHash: hash(3), safeBlockHash: hash(0), finalizedBlockHash: hash(0) };
const updates = {
  paris: { fork: 'paris', forkchoiceState, payloadAttributes: parisAttributes },
  shanghai: { fork: 'shanghai', forkchoiceState, payloadAttributes: capellaAttributes },
  cancun: { fork: 'cancun', forkchoiceState, payloadAttributes: denebAttributes },
} as const;
const attributeKeys = {
  paris: ['timestamp', 'prevRandao', 'suggestedFeeRecipient'],
  shanghai: ['timestamp', 'prevRandao', 'suggestedFeeRecipient', 'withdrawals'],
  cancun: ['timestamp', 'prevRandao', 'suggestedFeeRecipient', 'withdrawals', 'parentBeaconBlockRoot'],
};

test.each([
  ['v4', 'paris', 1],
  ['v4', 'shanghai', 2],
  ['v5', 'paris', 1],
  ['v5', 'shanghai', 2],
  ['v5', 'cancun', 3],
] as const)('%s sends a forkchoice_updated and a get_payload of %s by V%i', async (version, fork, wireVersion) => {
  const updated = await wireOf((adapter) => adapter.forkchoiceUpdated(updates[fork]), version);
  expect(updated.method).toBe(`engine_forkchoiceUpdatedV${wireVersion}`);
  expect(updated.params[0]).toEqual(wireState);
  expect(Object.keys(updated.params[1] as object)).toEqual(attributeKeys[fork]);

  const bare = await wireOf(
    (adapter) => adapter.forkchoiceUpdated({ ...updates[fork], payloadAttributes: null }),
    version,
  );
  expect(bare).toEqual({ method: updated.method, params: [wireState, null] });

  const payloadId = '0x0102030405060708' as const;
  expect(await wireOf((adapter) => adapter.getPayload({ fork, payloadId }), version)).toEqual({
    method: `engine_getPayloadV${wireVersion}`,
    params: [payloadId],
  });
});

test.each([
  ['new_payload', (adapter: LighthouseApi) => adapter.newPayload(cancun)],
  ['forkchoice_updated', (adapter: LighthouseApi) => adapter.forkchoiceUpdated(updates.cancun)],
  ['get_payload', (adapter: LighthouseApi) => adapter.getPayload({ fork: 'cancun', payloadId: '0x0102030405060708' })],
])('v4 refuses a %s of Cancun before anything is sent', async (_operation, prepare) => {
  await expect(wireOf(prepare, 'v4')).rejects.toMatchObject({ code: 'UNSUPPORTED_FORK' });
});

test("v5's justified hash never goes on the wire, and v4 refuses one that it would lose", async () => {
  const withJustified = (justified: number): Parameters<LighthouseApi['forkchoiceUpdated']>[0] => ({
    fork: 'shanghai',
    forkchoiceState: {
      ...wireState,
      headBlockHash: hash(3),
      safeBlockHash: hash(0),
      finalizedBlockHash: hash(0),
      justifiedBlockHash: hash(justified),
    },
    payloadAttributes: null,
  });
  const sent = await wireOf((adapter) => adapter.forkchoiceUpdated(withJustified(2)), 'v5');
  expect(sent.params[0]).toEqual(wireState);
  await expect(wireOf((adapter) => adapter.forkchoiceUpdated(withJustified(2)), 'v4')).rejects.toThrow(ConversionError);
  await expect(wireOf((adapter) => adapter.forkchoiceUpdated(withJustified(2)), 'v4')).rejects.toMatchObject({
    code: 'INCOMPATIBLE_FEATURE',
    feature: 'justifiedBlockHash',
    value: hash(2),
  });
  expect((await wireOf((adapter) => adapter.forkchoiceUpdated(withJustified(0)), 'v4')).params[0]).toEqual(wireState);
});
