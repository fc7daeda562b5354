import {
  type ConversionError,
  type ExecutionPayloadDeneb,
  type ForkchoiceStateV3,
  v4ToV5,
  v5ToV4,
} from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  arbitraryBlobTransaction,
  arbitraryExecutionPayloadCapella,
  arbitraryForkchoiceState,
  arbitraryHash32,
  arbitraryPayloadAttributesV2,
  arbitraryUint64,
} from '../support/arbitraries.js';
import { printedSeed } from '../support/seed.js';
import { errorOf, hashOf } from './samples.js';

fc.configureGlobal({ numRuns: 1000, seed: printedSeed('conversions') });

const factsOf = ({ code, feature, value, path }: ConversionError) => ({ code, feature, value, path });
const code = 'INCOMPATIBLE_FEATURE';

const sample = <T>(arbitrary: fc.Arbitrary<T>): T => fc.sample(arbitrary, { numRuns: 1, seed: 1 })[0] as T;
const capella = sample(arbitraryExecutionPayloadCapella);
const deneb = (fields: Partial<ExecutionPayloadDeneb> = {}): ExecutionPayloadDeneb => ({
  ...v4ToV5.convertExecutionPayload(capella),
  ...fields,
});

describe('v4 to v5 and back', () => {
  it('is the identity for payloads, keys in the same order', () => {
    fc.assert(
      fc.property(arbitraryExecutionPayloadCapella, (payload) => {
        const back = v5ToV4.convertExecutionPayload(v4ToV5.convertExecutionPayload(payload));
        expect(back).toStrictEqual(payload);
        expect(Object.keys(back)).toEqual(Object.keys(payload));
      }),
    );
  });

  it('is the identity for forkchoice states', () => {
    fc.assert(
      fc.property(arbitraryForkchoiceState, (state) => {
        expect(v5ToV4.convertForkchoiceState(v4ToV5.convertForkchoiceState(state))).toStrictEqual(state);
      }),
    );
  });

  it('is the identity for attributes', () => {
    fc.assert(
      fc.property(arbitraryPayloadAttributesV2, (attributes) => {
        expect(v5ToV4.convertPayloadAttributes(v4ToV5.convertPayloadAttributes(attributes))).toStrictEqual(attributes);
      }),
    );
  });
});

describe('v4ToV5', () => {
  it('gives a payload both blob gas fields as zero and keeps the rest, the lists by reference', () => {
    fc.assert(
      fc.property(arbitraryExecutionPayloadCapella, (payload) => {
        const converted = v4ToV5.convertExecutionPayload(payload);
        expect(converted).toStrictEqual({ ...payload, blobGasUsed: 0n, excessBlobGas: 0n });
        expect(converted.transactions).toBe(payload.transactions);
        expect(converted.withdrawals).toBe(payload.withdrawals);
      }),
    );
  });

  it('takes the finalized hash for the justified one unless the caller gives it', () => {
    fc.assert(
      fc.property(arbitraryForkchoiceState, arbitraryHash32, (state, justifiedBlockHash) => {
        const { finalizedBlockHash } = state;
        const expected = { ...state, justifiedBlockHash: finalizedBlockHash };
        expect(v4ToV5.convertForkchoiceState(state)).toStrictEqual(expected);
        expect(v4ToV5.convertForkchoiceState(state, { justifiedBlockHash: undefined })).toStrictEqual(expected);
        expect(v4ToV5.convertForkchoiceState(state, { justifiedBlockHash })).toStrictEqual({
          ...state,
          justifiedBlockHash,
        });
      }),
    );
  });

  it('gives attributes a root of null, never a zero', () => {
    fc.assert(
      fc.property(arbitraryPayloadAttributesV2, (attributes) => {
        const expected = { ...attributes, parentBeaconBlockRoot: null };
        expect(v4ToV5.convertPayloadAttributes(attributes)).toStrictEqual(expected);
      }),
    );
  });
});

describe('v5ToV4 refuses a payload', () => {
  const positive = arbitraryUint64.filter((amount) => amount > 0n);

  it('with blob gas used, told in decimal', () => {
    fc.assert(
      fc.property(positive, (blobGasUsed) => {
        expect(factsOf(errorOf(() => v5ToV4.convertExecutionPayload(deneb({ blobGasUsed }))))).toEqual({
          code,
          feature: 'blobGasUsed',
          value: blobGasUsed.toString(10),
          path: 'executionPayload.blobGasUsed',
        });
      }),
    );
  });

  it('with excess blob gas, told in decimal', () => {
    fc.assert(
      fc.property(positive, (excessBlobGas) => {
        expect(factsOf(errorOf(() => v5ToV4.convertExecutionPayload(deneb({ excessBlobGas }))))).toEqual({
          code,
          feature: 'excessBlobGas',
          value: excessBlobGas.toString(10),
          path: 'executionPayload.excessBlobGas',
        });
      }),
    );
  });

  it('with a blob transaction, told by its type and place', () => {
    fc.assert(
      fc.property(arbitraryBlobTransaction, fc.nat({ max: 3 }), ({ transaction }, index) => {
        const transactions = ['0x01aa', '0x02bb', '0xc0', '0x0400'].toSpliced(index, 0, transaction) as `0x${string}`[];
        expect(factsOf(errorOf(() => v5ToV4.convertExecutionPayload(deneb({ transactions }))))).toEqual({
          code,
          feature: 'transactions',
          value: '0x03',
          path: `executionPayload.transactions[${index}]`,
        });
      }),
    );
  });

  it('with a root handed beside it', () => {
    fc.assert(
      fc.property(arbitraryHash32, (parentBeaconBlockRoot) => {
        const convert = () => v5ToV4.convertExecutionPayload(deneb(), { parentBeaconBlockRoot });
        expect(factsOf(errorOf(convert))).toEqual({
          code,
          feature: 'parentBeaconBlockRoot',
          value: parentBeaconBlockRoot,
          path: 'parentBeaconBlockRoot',
        });
      }),
    );
    expect(() => v5ToV4.convertExecutionPayload(deneb(), { parentBeaconBlockRoot: null })).not.toThrow();
    expect(() => v5ToV4.convertExecutionPayload(deneb(), { parentBeaconBlockRoot: undefined })).not.toThrow();
  });

  const features = ['blobGasUsed', 'excessBlobGas', 'transactions', 'parentBeaconBlockRoot'] as const;
  const everySubset = Array.from({ length: 15 }, (_, i) => features.filter((_, bit) => (i + 1) & (1 << bit)));

  test.each(everySubset.map((subset) => [subset]))('with %o together, naming the first', (subset) => {
    const has = (feature: (typeof features)[number]) => subset.includes(feature);
    const payload = deneb({
      blobGasUsed: has('blobGasUsed') ? 131_072n : 0n,
      excessBlobGas: has('excessBlobGas') ? 1n : 0n,
      transactions: has('transactions') ? ['0x03c0'] : [],
    });
    const parentBeaconBlockRoot = has('parentBeaconBlockRoot') ? hashOf('00') : null;
    const error = errorOf(() => v5ToV4.convertExecutionPayload(payload, { parentBeaconBlockRoot }));
    expect({ code: error.code, feature: error.feature }).toEqual({ code, feature: subset[0] });
  });
});

describe('v5ToV4 refuses', () => {
  const state: ForkchoiceStateV3 = {
    headBlockHash: hashOf('0a'),
    safeBlockHash: hashOf('0b'),
    finalizedBlockHash: hashOf('0c'),
    justifiedBlockHash: hashOf('0C'),
  };

  it('a justified hash that is not the finalized one, whatever else it equals', () => {
    const justifiedBlockHash = state.safeBlockHash;
    expect(factsOf(errorOf(() => v5ToV4.convertForkchoiceState({ ...state, justifiedBlockHash })))).toEqual({
      code,
      feature: 'justifiedBlockHash',
      value: justifiedBlockHash,
      path: 'forkchoiceState.justifiedBlockHash',
    });
  });

  it('no justified hash that differs from the finalized one in hex case alone', () => {
    const { justifiedBlockHash: _, ...v4 } = state;
    expect(v5ToV4.convertForkchoiceState(state)).toStrictEqual(v4);
  });

  it('attributes with a root, be it zero', () => {
    const attributes = v4ToV5.convertPayloadAttributes(sample(arbitraryPayloadAttributesV2));
    const parentBeaconBlockRoot = hashOf('00');
    expect(factsOf(errorOf(() => v5ToV4.convertPayloadAttributes({ ...attributes, parentBeaconBlockRoot })))).toEqual({
      code,
      feature: 'parentBeaconBlockRoot',
      value: parentBeaconBlockRoot,
      path: 'payloadAttributes.parentBeaconBlockRoot',
    });
  });
});

describe('the table of effects', () => {
  const added = (before: object, after: object) => Object.keys(after).filter((key) => !(key in before));
  const made = (name: keyof typeof v4ToV5.effects) => v4ToV5.effects[name].makesUp.map(({ field }) => field);

  it('lists exactly the fields that a conversion to v5 makes up', () => {
    const state = sample(arbitraryForkchoiceState);
    const attributes = sample(arbitraryPayloadAttributesV2);
    expect(made('convertExecutionPayload')).toEqual(added(capella, deneb()));
    expect(made('convertForkchoiceState')).toEqual(added(state, v4ToV5.convertForkchoiceState(state)));
    expect(made('convertPayloadAttributes')).toEqual(added(attributes, v4ToV5.convertPayloadAttributes(attributes)));
  });

  it('lists every feature that a conversion to v4 refuses', () => {
    const refused = Object.values(v5ToV4.effects).map(({ refuses }) => refuses.map(({ field }) => field));
    expect(refused).toEqual([
      ['blobGasUsed', 'excessBlobGas', 'transactions', 'parentBeaconBlockRoot'],
      ['justifiedBlockHash'],
      ['parentBeaconBlockRoot'],
      [
        'message.body.executionPayload.blobGasUsed',
        'message.body.executionPayload.excessBlobGas',
        'message.body.executionPayload.transactions',
        'message.body.blobKzgCommitments',
      ],
    ]);
  });

  it('has an entry for every conversion that is exported', () => {
    for (const direction of [v4ToV5, v5ToV4]) {
      const { effects, ...conversions } = direction;
      expect(Object.keys(effects).sort()).toEqual(Object.keys(conversions).sort());
    }
    expect(v4ToV5.effects.convertExecutionPayload.invalidates.map(({ field }) => field)).toEqual(['blockHash']);
  });
});
