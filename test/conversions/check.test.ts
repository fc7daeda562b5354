import {
  checkExecutionPayload,
  checkForkchoiceState,
  checkHash32,
  checkPayloadAttributes,
  checkPayloadId,
  checkVersionedHashes,
  engineJson,
} from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  arbitraryExecutionPayload,
  arbitraryForkchoiceState,
  arbitraryForkchoiceStateV3,
  arbitraryPayloadAttributesV1,
  arbitraryPayloadAttributesV2,
  arbitraryPayloadAttributesV3,
} from '../support/arbitraries.js';
import { attributesV3Json, denebJson, expectRefusal, hashOf, stateJson } from './samples.js';

const deneb = () => engineJson.parseExecutionPayload(denebJson(), 'cancun');
const { withdrawals: denebWithdrawals, blobGasUsed, excessBlobGas, ...parisFields } = deneb();
const attributes = () => engineJson.parsePayloadAttributes(attributesV3Json(), 'cancun');

describe('checkExecutionPayload', () => {
  it('gives an equal copy of a payload of any fork', () => {
    fc.assert(
      fc.property(arbitraryExecutionPayload, (payload) => {
        const checked = checkExecutionPayload(payload);
        expect(checked).toEqual(payload);
        expect(Object.keys(checked)).toEqual(Object.keys(payload));
        expect(checked).not.toBe(payload);
        expect(checked.transactions).not.toBe(payload.transactions);
      }),
      { numRuns: 50 },
    );
  });

  it('gives a copy that later changes by the caller do not reach', () => {
    const transactions = [...deneb().transactions];
    const withdrawals = deneb().withdrawals.map((withdrawal) => ({ ...withdrawal }));
    const given = { ...deneb(), transactions, withdrawals };
    const checked = checkExecutionPayload(given);
    transactions[0] = '0xc1';
    transactions.push('0xc2');
    for (const withdrawal of withdrawals) withdrawal.amount = 0n;
    Object.assign(given, { gasUsed: -1n });
    expect(checked).toEqual(deneb());
  });

  it('counts a key that is undefined as absent', () => {
    const checked = checkExecutionPayload({
      ...parisFields,
      withdrawals: undefined,
      blobGasUsed: undefined,
      excessBlobGas: undefined,
      anything: undefined,
    });
    expect(Object.keys(checked)).toEqual(Object.keys(parisFields));
  });

  const withdrawals = denebWithdrawals;
  test.each([
    [{ ...parisFields, withdrawals, blobGasUsed }, 'MISSING_FIELD', 'excessBlobGas'],
    [{ ...parisFields, withdrawals, excessBlobGas }, 'MISSING_FIELD', 'blobGasUsed'],
    [{ ...parisFields, blobGasUsed, excessBlobGas }, 'MISSING_FIELD', 'withdrawals'],
    [{ ...deneb(), parentBeaconBlockRoot: hashOf('01') }, 'UNKNOWN_FIELD', 'parentBeaconBlockRoot'],
    [{ ...deneb(), gasUsed: 1 }, 'INVALID_TYPE', 'gasUsed'],
    [{ ...deneb(), gasUsed: '0x1' }, 'INVALID_TYPE', 'gasUsed'],
    [{ ...deneb(), gasUsed: null }, 'INVALID_TYPE', 'gasUsed'],
    [{ ...deneb(), gasUsed: undefined }, 'MISSING_FIELD', 'gasUsed'],
    [{ ...deneb(), gasUsed: -1n }, 'OUT_OF_RANGE', 'gasUsed'],
    [{ ...deneb(), gasUsed: 2n ** 64n }, 'OUT_OF_RANGE', 'gasUsed'],
    [{ ...deneb(), baseFeePerGas: 2n ** 256n }, 'OUT_OF_RANGE', 'baseFeePerGas'],
    [{ ...deneb(), blockHash: new Uint8Array(32) }, 'INVALID_TYPE', 'blockHash'],
    [{ ...deneb(), blockHash: '0x01' }, 'INVALID_LENGTH', 'blockHash'],
    [{ ...deneb(), blockHash: hashOf('zz') }, 'INVALID_DATA', 'blockHash'],
    [{ ...deneb(), transactions: ['0x'] }, 'INVALID_LENGTH', 'transactions[0]'],
    [{ ...deneb(), withdrawals: null }, 'INVALID_TYPE', 'withdrawals'],
    [{ ...deneb(), withdrawals: [{ ...withdrawals[0], amount: 1 }] }, 'INVALID_TYPE', 'withdrawals[0].amount'],
    [{ ...deneb(), withdrawals: [{ ...withdrawals[0], extra: 1 }] }, 'UNKNOWN_FIELD', 'withdrawals[0].extra'],
  ] as const)('refuses what is not a payload: case %#, %s', (...[value, code, path]) => {
    expectRefusal(() => checkExecutionPayload(value), code, `executionPayload.${path}`);
  });

  test.each([null, undefined, 1n, 'payload', [], Symbol('payload'), () => deneb()])('refuses %o', (value) => {
    expectRefusal(
      () => checkExecutionPayload(value, 'request.executionPayload'),
      'INVALID_TYPE',
      'request.executionPayload',
    );
  });
});

describe('checkForkchoiceState', () => {
  it('gives an equal copy with and without a justified hash', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryForkchoiceState, arbitraryForkchoiceStateV3), (state) => {
        expect(checkForkchoiceState(state)).toEqual(state);
        expect(checkForkchoiceState(state)).not.toBe(state);
      }),
    );
  });

  test.each([
    [{ ...stateJson(), justifiedBlockHash: null }, 'INVALID_TYPE', 'forkchoiceState.justifiedBlockHash'],
    [{ ...stateJson(), justifiedBlockHash: '0x' }, 'INVALID_LENGTH', 'forkchoiceState.justifiedBlockHash'],
    [{ ...stateJson(), headBlockHash: undefined }, 'MISSING_FIELD', 'forkchoiceState.headBlockHash'],
    [{ ...stateJson(), head: '0x' }, 'UNKNOWN_FIELD', 'forkchoiceState.head'],
    [[], 'INVALID_TYPE', 'forkchoiceState'],
  ] as const)('refuses %o with %s', (value, code, path) => {
    expectRefusal(() => checkForkchoiceState(value), code, path);
  });
});

describe('checkPayloadAttributes', () => {
  it('gives an equal copy of every version, a null root included', () => {
    const arbitrary = fc.oneof(
      arbitraryPayloadAttributesV1,
      arbitraryPayloadAttributesV2,
      arbitraryPayloadAttributesV3,
      arbitraryPayloadAttributesV3.map((v3) => ({ ...v3, parentBeaconBlockRoot: null })),
    );
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(checkPayloadAttributes(value)).toEqual(value);
        expect(checkPayloadAttributes(value)).not.toBe(value);
      }),
    );
  });

  test.each([
    [{ ...attributes(), withdrawals: undefined }, 'MISSING_FIELD', 'payloadAttributes.withdrawals'],
    [{ ...attributes(), parentBeaconBlockRoot: '0x00' }, 'INVALID_LENGTH', 'payloadAttributes.parentBeaconBlockRoot'],
    [{ ...attributes(), timestamp: 1 }, 'INVALID_TYPE', 'payloadAttributes.timestamp'],
    [{ ...attributes(), timestamp: -1n }, 'OUT_OF_RANGE', 'payloadAttributes.timestamp'],
    [{ ...attributes(), slot: 1n }, 'UNKNOWN_FIELD', 'payloadAttributes.slot'],
    ['attributes', 'INVALID_TYPE', 'payloadAttributes'],
  ] as const)('refuses what are no attributes: case %#, %s', (...[value, code, path]) => {
    expectRefusal(() => checkPayloadAttributes(value), code, path);
  });
});

describe('checkHash32, checkPayloadId and checkVersionedHashes', () => {
  it('give what they were given, in its own case', () => {
    expect(checkHash32(hashOf('aB'), 'blockHash')).toBe(hashOf('aB'));
    expect(checkPayloadId('0x00000000000000Ff', 'payloadId')).toBe('0x00000000000000Ff');
    const hashes = [hashOf('01'), hashOf('02')];
    const checked = checkVersionedHashes(hashes, 'expectedBlobVersionedHashes');
    hashes.pop();
    expect(checked).toEqual([hashOf('01'), hashOf('02')]);
    expect(checkVersionedHashes([], 'expectedBlobVersionedHashes')).toEqual([]);
  });

  it('refuse other sizes and types at the path', () => {
    expectRefusal(() => checkHash32('0x', 'blockHash'), 'INVALID_LENGTH', 'blockHash');
    expectRefusal(() => checkHash32(null, 'blockHash'), 'INVALID_TYPE', 'blockHash');
    expectRefusal(() => checkPayloadId(hashOf('01'), 'payloadId'), 'INVALID_LENGTH', 'payloadId');
    expectRefusal(() => checkPayloadId(7n, 'payloadId'), 'INVALID_TYPE', 'payloadId');
    expectRefusal(() => checkVersionedHashes(null, 'hashes'), 'INVALID_TYPE', 'hashes');
    expectRefusal(() => checkVersionedHashes([hashOf('01'), '0x01'], 'hashes'), 'INVALID_LENGTH', 'hashes[1]');
  });
});
