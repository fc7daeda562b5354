import {
  beaconJson,
  checkSignedBeaconBlock,
  type SignedBeaconBlockDeneb,
  v4ToV5,
  v5ToV4,
} from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  arbitraryExecutionPayloadCapella,
  arbitraryForkchoiceState,
  arbitraryPayloadAttributesV2,
} from '../support/arbitraries.js';
import { arbitrarySignedBlockCapella, arbitrarySignedBlockDeneb } from '../support/beaconArbitraries.js';
import { printedSeed } from '../support/seed.js';
import { signedCapellaBeacon, signedDenebBeacon } from './beaconSamples.js';
import { errorOf, expectRefusal } from './samples.js';

const options = { numRuns: 1000, seed: printedSeed('conversions of blocks') };
const code = 'INCOMPATIBLE_FEATURE';
const bodyPath = 'signedBeaconBlock.message.body';

type Body = SignedBeaconBlockDeneb['message']['body'];
type Changes = Partial<Body> & { payload?: Partial<Body['executionPayload']> };

/** The v5 structure of a Capella block, changed. */
function denebBlock({ payload, ...fields }: Changes = {}): SignedBeaconBlockDeneb {
  const capella = beaconJson.parseSignedBeaconBlock(signedCapellaBeacon(), 'shanghai');
  const { message, signature } = v4ToV5.convertBlock(capella);
  const executionPayload = { ...message.body.executionPayload, ...payload };
  return { message: { ...message, body: { ...message.body, executionPayload, ...fields } }, signature };
}

describe('v4 to v5 and back', () => {
  it('is the identity for signed blocks, and gives Deneb the fields that it has more', () => {
    fc.assert(
      fc.property(arbitrarySignedBlockCapella, (block) => {
        const converted = v4ToV5.convertBlock(block);
        expect(v5ToV4.convertBlock(converted)).toStrictEqual(block);
        const { body, ...message } = block.message;
        const executionPayload = { ...body.executionPayload, blobGasUsed: 0n, excessBlobGas: 0n };
        expect(converted).toStrictEqual({
          message: { ...message, body: { ...body, executionPayload, blobKzgCommitments: [] } },
          signature: block.signature,
        });
        expect(converted.message.body.attestations).toBe(body.attestations);
      }),
      options,
    );
  });

  it('gives documents of each fork whose keys stand in the order of its specification', () => {
    const capella = beaconJson.parseSignedBeaconBlock(signedCapellaBeacon(), 'shanghai');
    const { message } = beaconJson.serializeSignedBeaconBlock(v4ToV5.convertBlock(capella));
    const { body } = signedDenebBeacon().message;
    expect(Object.keys(message.body)).toEqual(Object.keys(body));
    expect(Object.keys(message.body.execution_payload)).toEqual(Object.keys(body.execution_payload));
  });
});

describe('v5ToV4.convertBlock refuses', () => {
  const features = {
    blobGasUsed: ['executionPayload.blobGasUsed', '131072'],
    excessBlobGas: ['executionPayload.excessBlobGas', '1'],
    transactions: ['executionPayload.transactions[1]', '0x03'],
    blobKzgCommitments: ['blobKzgCommitments[0]', `0x${'ab'.repeat(48)}`],
  } as const;
  type Feature = keyof typeof features;
  const names = Object.keys(features) as Feature[];
  const everySubset = Array.from({ length: 15 }, (_, i) => names.filter((_, bit) => (i + 1) & (1 << bit)));

  test.each(everySubset.map((subset) => [subset]))('%o, naming the first', (subset) => {
    const has = (feature: Feature) => subset.includes(feature);
    const block = denebBlock({
      payload: {
        blobGasUsed: has('blobGasUsed') ? 131_072n : 0n,
        excessBlobGas: has('excessBlobGas') ? 1n : 0n,
        transactions: has('transactions') ? ['0x02c0', '0x03c0'] : [],
      },
      blobKzgCommitments: has('blobKzgCommitments') ? [features.blobKzgCommitments[1]] : [],
    });
    const error = errorOf(() => v5ToV4.convertBlock(block));
    const feature = subset[0] as Feature;
    const [path, value] = features[feature];
    expect({ code: error.code, feature: error.feature, value: error.value, path: error.path }).toEqual({
      code,
      feature,
      value,
      path: `${bodyPath}.${path}`,
    });
  });

  it('every block in which anything of Deneb is, and no other', () => {
    fc.assert(
      fc.property(arbitrarySignedBlockDeneb, (block) => {
        const { executionPayload, blobKzgCommitments } = block.message.body;
        const { blobGasUsed, excessBlobGas, transactions } = executionPayload;
        const isDeneb =
          blobGasUsed > 0n ||
          excessBlobGas > 0n ||
          blobKzgCommitments.length > 0 ||
          transactions.some((transaction) => transaction.startsWith('0x03'));
        if (isDeneb) expect(errorOf(() => v5ToV4.convertBlock(block)).code).toBe(code);
        else expect(v4ToV5.convertBlock(v5ToV4.convertBlock(block))).toStrictEqual(block);
      }),
      options,
    );
  });
});

describe('a conversion given what its type does not have', () => {
  const sample = <T>(arbitrary: fc.Arbitrary<T>): T => fc.sample(arbitrary, { numRuns: 1, seed: 1 })[0] as T;
  const capella = sample(arbitraryExecutionPayloadCapella);
  const block = sample(arbitrarySignedBlockCapella);

  test.each([
    ['executionPayload.blobGasUsed', () => v4ToV5.convertExecutionPayload({ ...capella, blobGasUsed: 1n } as never)],
    ['executionPayload.extra', () => v4ToV5.convertExecutionPayload({ ...capella, extra: 0 } as never)],
    [
      'executionPayload.extra',
      () => v5ToV4.convertExecutionPayload({ ...v4ToV5.convertExecutionPayload(capella), extra: null } as never),
    ],
    [
      'forkchoiceState.extra',
      () => v4ToV5.convertForkchoiceState({ ...sample(arbitraryForkchoiceState), extra: [] } as never),
    ],
    [
      'payloadAttributes.parentBeaconBlockRoot',
      () =>
        v4ToV5.convertPayloadAttributes({
          ...sample(arbitraryPayloadAttributesV2),
          parentBeaconBlockRoot: '0x',
        } as never),
    ],
    ['signedBeaconBlock.extra', () => v4ToV5.convertBlock({ ...block, extra: 1 } as never)],
    ['signedBeaconBlock.message.extra', () => convertMessage({ extra: 1 })],
    [
      `${bodyPath}.blobKzgCommitments`,
      () => convertMessage({ body: { ...block.message.body, blobKzgCommitments: [] } }),
    ],
    [`${bodyPath}.extra`, () => v5ToV4.convertBlock(denebBlock({ extra: 1 } as never))],
    [`${bodyPath}.executionPayload.extra`, () => v5ToV4.convertBlock(denebBlock({ payload: { extra: 1 } as never }))],
  ])('refuses it rather than dropping it: %s', (path, convert) => {
    expectRefusal(convert, 'UNKNOWN_FIELD', path);
  });

  it('counts a key that is undefined as absent', () => {
    expect(v4ToV5.convertExecutionPayload({ ...capella, blobGasUsed: undefined } as never).blobGasUsed).toBe(0n);
  });

  function convertMessage(changes: object): unknown {
    return v4ToV5.convertBlock({ ...block, message: { ...block.message, ...changes } } as never);
  }
});

describe('the table of effects', () => {
  it('names fields that are there', () => {
    const block = denebBlock();
    for (const { effects } of [v4ToV5, v5ToV4]) {
      const { makesUp, invalidates, refuses } = effects.convertBlock;
      for (const { field } of [...makesUp, ...invalidates, ...refuses]) {
        const value = field.split('.').reduce<unknown>((each, name) => (each as Record<string, unknown>)[name], block);
        expect({ field, isThere: value !== undefined }).toEqual({ field, isThere: true });
      }
    }
  });

  it('says that a demoted payload keeps the hash of another header', () => {
    expect(v5ToV4.effects.convertExecutionPayload.invalidates.map(({ field }) => field)).toEqual(['blockHash']);
  });
});

describe('checkSignedBeaconBlock', () => {
  it('gives an equal copy of a block of either fork', () => {
    fc.assert(
      fc.property(fc.oneof(arbitrarySignedBlockCapella, arbitrarySignedBlockDeneb), (block) => {
        const checked = checkSignedBeaconBlock(block);
        expect(checked).toEqual(block);
        expect(checked.message.body.attestations).not.toBe(block.message.body.attestations);
      }),
      { ...options, numRuns: 100 },
    );
  });

  const { message, signature } = denebBlock();
  test.each([
    [{ message }, 'MISSING_FIELD', 'signedBeaconBlock.signature'],
    [{ signature }, 'MISSING_FIELD', 'signedBeaconBlock.message'],
    [{ message: null, signature }, 'INVALID_TYPE', 'signedBeaconBlock.message'],
    [{ message: { ...message, body: 7 }, signature }, 'INVALID_TYPE', bodyPath],
    [{ message: { ...message, body: undefined }, signature }, 'MISSING_FIELD', bodyPath],
    [{ message: { ...message, slot: 1 }, signature }, 'INVALID_TYPE', 'signedBeaconBlock.message.slot'],
    [{ message: { ...message, extra: 1 }, signature }, 'UNKNOWN_FIELD', 'signedBeaconBlock.message.extra'],
    [
      { message: { ...message, body: { ...message.body, blobKzgCommitments: undefined } }, signature },
      'UNKNOWN_FIELD',
      `${bodyPath}.executionPayload.blobGasUsed`,
    ],
    ['block', 'INVALID_TYPE', 'signedBeaconBlock'],
  ] as const)('refuses what is no block: case %#, %s', (...[value, refusal, path]) => {
    expectRefusal(() => checkSignedBeaconBlock(value), refusal, path);
  });
});
