import { Transaction, Wallet } from 'ethers';
import { expect, test } from 'vitest';
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
import { openTwoEngines } from '../support/twoEngines.js';

const root = hash(71);

test.each<[string, unknown, string, string]>([
  ['no request', undefined, 'INVALID_TYPE', 'request'],
  [
    'an unknown key beside the payload',
    { executionPayload: capellaPayload(1), blobs: [] },
    'UNKNOWN_FIELD',
    'request.blobs',
  ],
  ['no payload', {}, 'INVALID_TYPE', 'executionPayload'],
  [
    'a payload without its stateRoot',
    { executionPayload: { ...capellaPayload(1), stateRoot: undefined } },
    'MISSING_FIELD',
    'executionPayload.stateRoot',
  ],
  [
    'a payload with a hash of 31 bytes',
    { executionPayload: { ...capellaPayload(1), parentHash: '0x00' } },
    'INVALID_LENGTH',
    'executionPayload.parentHash',
  ],
  [
    'a payload with a number for a quantity',
    { executionPayload: { ...capellaPayload(1), gasUsed: 7 } },
    'INVALID_TYPE',
    'executionPayload.gasUsed',
  ],
  [
    'a payload with an unknown field',
    { executionPayload: { ...capellaPayload(1), requestsHash: root } },
    'UNKNOWN_FIELD',
    'executionPayload.requestsHash',
  ],
  [
    'a Capella payload with a root',
    { executionPayload: capellaPayload(1), parentBeaconBlockRoot: root },
    'FORK_MISMATCH',
    'parentBeaconBlockRoot',
  ],
  [
    'a Capella payload with versioned hashes',
    { executionPayload: capellaPayload(1), expectedBlobVersionedHashes: [] },
    'FORK_MISMATCH',
    'expectedBlobVersionedHashes',
  ],
  [
    'blob fields before Cancun',
    { executionPayload: { ...denebPayload(1), timestamp: 150n } },
    'FORK_MISMATCH',
    'executionPayload.blobGasUsed',
  ],
  [
    'no blob fields in Cancun',
    { executionPayload: { ...capellaPayload(1), timestamp: 250n }, parentBeaconBlockRoot: root },
    'FORK_MISMATCH',
    'executionPayload.blobGasUsed',
  ],
  [
    'no root in Cancun',
    { executionPayload: denebPayload(1) },
    'MISSING_PARENT_BEACON_BLOCK_ROOT',
    'parentBeaconBlockRoot',
  ],
  [
    'a null root in Cancun',
    { executionPayload: denebPayload(1), parentBeaconBlockRoot: null },
    'MISSING_PARENT_BEACON_BLOCK_ROOT',
    'parentBeaconBlockRoot',
  ],
  [
    'a short root in Cancun',
    { executionPayload: denebPayload(1), parentBeaconBlockRoot: '0x00' },
    'INVALID_LENGTH',
    'parentBeaconBlockRoot',
  ],
  [
    'no withdrawals in Shanghai',
    { executionPayload: { ...parisPayload(1), timestamp: 150n } },
    'FORK_MISMATCH',
    'executionPayload.withdrawals',
  ],
  [
    'withdrawals in Paris',
    { executionPayload: { ...capellaPayload(1), timestamp: 50n } },
    'FORK_MISMATCH',
    'executionPayload.withdrawals',
  ],
  [
    'a payload of Prague',
    { executionPayload: { ...denebPayload(1), timestamp: 300n }, parentBeaconBlockRoot: root },
    'UNSUPPORTED_FORK',
    'executionPayload.timestamp',
  ],
])('new_payload with %s is refused by code and path, and nothing is sent', async (_what, request, code, path) => {
  const { compat, v4, v5 } = await openTwoEngines();
  await expect(compat.newPayload(request as never)).rejects.toMatchObject({ code, path });
  await compat.drain();
  expect([...v4.calls, ...v5.calls]).toEqual([]);
});

test.each<[string, unknown, unknown, string, string]>([
  ['no state', undefined, undefined, 'INVALID_TYPE', 'forkchoiceState'],
  [
    'a state without a safe hash',
    { ...headAt(1), safeBlockHash: undefined },
    undefined,
    'MISSING_FIELD',
    'forkchoiceState.safeBlockHash',
  ],
  [
    'attributes without a timestamp',
    headAt(1),
    { ...capellaAttributes, timestamp: undefined },
    'MISSING_FIELD',
    'payloadAttributes.timestamp',
  ],
  ['attributes that are a text', headAt(1), 'soon', 'INVALID_TYPE', 'payloadAttributes'],
  [
    'no withdrawals in Shanghai',
    headAt(1),
    { ...parisAttributes, timestamp: 160n },
    'FORK_MISMATCH',
    'payloadAttributes.withdrawals',
  ],
  [
    'withdrawals in Paris',
    headAt(1),
    { ...capellaAttributes, timestamp: 60n },
    'FORK_MISMATCH',
    'payloadAttributes.withdrawals',
  ],
  [
    'a root before Cancun',
    headAt(1),
    { ...denebAttributes, timestamp: 160n },
    'FORK_MISMATCH',
    'payloadAttributes.parentBeaconBlockRoot',
  ],
  [
    'no root in Cancun',
    headAt(1),
    { ...capellaAttributes, timestamp: 260n },
    'MISSING_PARENT_BEACON_BLOCK_ROOT',
    'payloadAttributes.parentBeaconBlockRoot',
  ],
  [
    'attributes of Prague',
    headAt(1),
    { ...denebAttributes, timestamp: 300n },
    'UNSUPPORTED_FORK',
    'payloadAttributes.timestamp',
  ],
])(
  'forkchoice_updated with %s is refused by code and path, and nothing is sent',
  async (_what, state, attributes, code, path) => {
    const { compat, v4, v5 } = await openTwoEngines();
    await expect(compat.forkchoiceUpdated(state as never, attributes as never)).rejects.toMatchObject({ code, path });
    await compat.drain();
    expect([...v4.calls, ...v5.calls]).toEqual([]);
  },
);

test.each<[string, unknown, string, string]>([
  ['a payloadId of 7 bytes', '0x00', 'INVALID_LENGTH', 'payloadId'],
  ['no payloadId', undefined, 'INVALID_TYPE', 'payloadId'],
])('get_payload with %s is refused', async (_what, payloadId, code, path) => {
  const { compat } = await openTwoEngines();
  await expect(compat.getPayload(payloadId as never)).rejects.toMatchObject({ code, path });
});

test.each<[unknown, string]>([
  [{ sessionId: '' }, 'options.sessionId'],
  [{ sessionId: 7 }, 'options.sessionId'],
  [{ signal: {} }, 'options.signal'],
  [{ timeout: 1 }, 'options.timeout'],
  ['x', 'options'],
])('options %j are refused by path', async (options, path) => {
  const { compat } = await openTwoEngines();
  await expect(compat.newPayload({ executionPayload: capellaPayload(1) }, options as never)).rejects.toMatchObject({
    path,
  });
});

test("the versioned hashes come from the payload's own transactions unless they are given", async () => {
  const { compat, v5 } = await openTwoEngines();
  const blobVersionedHashes = [`0x01${'ab'.repeat(31)}`, `0x01${'cd'.repeat(31)}`];
  const transaction = Transaction.from({
    type: 3,
    chainId: 1n,
    nonce: 0,
    maxPriorityFeePerGas: 1n,
    maxFeePerGas: 2n,
    gasLimit: 21_000n,
    to: `0x${'11'.repeat(20)}`,
    value: 0n,
    maxFeePerBlobGas: 1n,
    blobVersionedHashes,
  });
  transaction.signature = new Wallet(`0x${'01'.repeat(32)}`).signingKey.sign(transaction.unsignedHash);
  const executionPayload = { ...denebPayload(1), transactions: [transaction.serialized as `0x${string}`] };
  await compat.newPayload({ executionPayload, parentBeaconBlockRoot: root });
  await compat.newPayload({ executionPayload, parentBeaconBlockRoot: root, expectedBlobVersionedHashes: [hash(70)] });
  const sent = v5.calls.filter(({ method }) => method === 'engine_newPayloadV3').map(({ params }) => params.slice(1));
  expect(sent).toEqual([
    [blobVersionedHashes, root],
    [[hash(70)], root],
  ]);
});

test('a caller that changes its payload after the call changes nothing on the wire', async () => {
  const { compat, v4 } = await openTwoEngines();
  const payload = { ...capellaPayload(1), transactions: ['0x01' as const] as `0x${string}`[] };
  const answered = compat.newPayload({ executionPayload: payload });
  payload.blockHash = hash(666);
  payload.transactions.push('0x02');
  await answered;
  expect(v4.calls.at(-1)?.params[0]).toMatchObject({ blockHash: hash(1), transactions: ['0x01'] });
});
