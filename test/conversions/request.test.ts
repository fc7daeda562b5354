import { engineJson } from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { arbitraryExecutionPayload, arbitraryHash32 } from '../support/arbitraries.js';
import { arbitraryHashablePayload } from '../support/realPayloads.js';
import { printedSeed } from '../support/seed.js';
import { attributesV3Json, denebJson, hashOf, stateJson } from './samples.js';

const { serializeExecutionPayload, serializeRequest } = engineJson;
const seed = printedSeed('requests');

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe('serializeRequest', () => {
  const newPayload = (payload: fc.Arbitrary<Parameters<typeof serializeExecutionPayload>[0]>) =>
    fc.record({ payload, hashes: fc.array(arbitraryHash32, { maxLength: 3 }), root: arbitraryHash32, id: fc.nat() });

  it.each([
    ['2,000 payloads of every fork', 2_000, newPayload(arbitraryExecutionPayload)],
    [
      '20 payloads of up to 300 transactions',
      20,
      newPayload(arbitraryHashablePayload({ minTransactions: 17, maxTransactions: 300 }).map(({ payload }) => payload)),
    ],
  ])('gives the bytes that JSON.stringify gives: %s', (_, numRuns, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ({ payload, hashes, root, id }) => {
        const request = {
          id,
          method: 'engine_newPayloadV3',
          params: [serializeExecutionPayload(payload), hashes, root],
        };
        expect(text(serializeRequest(request))).toBe(JSON.stringify({ jsonrpc: '2.0', ...request }));
      }),
      { numRuns, seed, endOnFailure: numRuns < 1_000 },
    );
  });

  test.each([
    ['a forkchoice state with attributes', [stateJson(), attributesV3Json()]],
    ['a forkchoice state without attributes', [stateJson(), null]],
    ['a payload id', ['0x0102030405060708']],
    ['names of methods', [['engine_newPayloadV3', 'engine_\u00e9\u4e2d"\\']]],
    ['nothing', []],
    ['a payload without transactions', [{ ...denebJson(), transactions: [] }]],
    ['a payload with one transaction', [{ ...denebJson(), transactions: ['0x02'] }]],
    ['a field that looks like the transactions', [{ a: '"transactions":[]', ...denebJson() }, [], hashOf('01')]],
    ['transactions that are no list', [{ transactions: 'none' }]],
  ])('gives the bytes that JSON.stringify gives: %s', (_, params) => {
    const request = { id: 7, method: 'engine_\u00e9"x', params };
    expect(text(serializeRequest(request))).toBe(JSON.stringify({ jsonrpc: '2.0', ...request }));
  });

  it('writes into the memory that it is given, and into nothing behind its size', () => {
    const memory = new Uint8Array(100_000).fill(0xee);
    let asked = 0;
    const body = serializeRequest({ id: 1, method: 'm', params: [denebJson()] }, (size) => {
      asked = size;
      return memory.subarray(10);
    });
    expect(body.length).toBe(asked);
    expect(body.buffer).toBe(memory.buffer);
    expect(body.byteOffset).toBe(10);
    expect(memory.subarray(0, 10).every((byte) => byte === 0xee)).toBe(true);
    expect(memory.subarray(10 + asked).every((byte) => byte === 0xee)).toBe(true);
  });

  it('asks for its own size in bytes, also for text that is not ASCII', () => {
    const sizes: number[] = [];
    const body = serializeRequest({ id: 1, method: '\u4e2d', params: [] }, (size) => {
      sizes.push(size);
      return new Uint8Array(size);
    });
    expect(sizes).toEqual([body.length]);
  });
});
