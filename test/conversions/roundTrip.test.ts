import { type ExecutionPayload, engineJson, type Fork } from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it, test } from 'vitest';
import {
  arbitraryExecutionPayloadCapella,
  arbitraryExecutionPayloadDeneb,
  arbitraryExecutionPayloadParis,
  arbitraryForkchoiceState,
  arbitraryForkchoiceStateV3,
  arbitraryForkchoiceUpdatedResult,
  arbitraryPayloadAttributesV1,
  arbitraryPayloadAttributesV2,
  arbitraryPayloadAttributesV3,
  arbitraryPayloadEnvelopeV1,
  arbitraryPayloadEnvelopeV2,
  arbitraryPayloadEnvelopeV3,
  arbitraryPayloadStatus,
  arbitraryWithdrawal,
} from '../support/arbitraries.js';
import {
  attributesV1Json,
  attributesV2Json,
  attributesV3Json,
  capellaJson,
  denebJson,
  envelopeV2Json,
  envelopeV3Json,
  parisJson,
  stateJson,
  updatedJson,
  validStatusJson,
  withdrawalJson,
} from './samples.js';

const {
  parseExecutionPayload,
  parseForkchoiceState,
  parseForkchoiceUpdatedResult,
  parsePayloadAttributes,
  parsePayloadEnvelope,
  parsePayloadStatus,
  parseWithdrawal,
  serializeExecutionPayload,
  serializeForkchoiceState,
  serializeForkchoiceUpdatedResult,
  serializePayloadAttributes,
  serializePayloadEnvelope,
  serializePayloadStatus,
  serializeWithdrawal,
} = engineJson;

type Noun = {
  name: string;
  arbitrary: fc.Arbitrary<unknown>;
  parse: (json: unknown) => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the table holds serializers of different nouns.
  serialize: (value: any) => unknown;
  sample: () => unknown;
};

const nouns: Noun[] = [
  {
    name: 'a Paris payload',
    arbitrary: arbitraryExecutionPayloadParis,
    parse: (json) => parseExecutionPayload(json, 'paris'),
    serialize: serializeExecutionPayload,
    sample: parisJson,
  },
  {
    name: 'a Capella payload',
    arbitrary: arbitraryExecutionPayloadCapella,
    parse: (json) => parseExecutionPayload(json, 'shanghai'),
    serialize: serializeExecutionPayload,
    sample: capellaJson,
  },
  {
    name: 'a Deneb payload',
    arbitrary: arbitraryExecutionPayloadDeneb,
    parse: (json) => parseExecutionPayload(json, 'cancun'),
    serialize: serializeExecutionPayload,
    sample: denebJson,
  },
  {
    name: 'a withdrawal',
    arbitrary: arbitraryWithdrawal,
    parse: (json) => parseWithdrawal(json),
    serialize: serializeWithdrawal,
    sample: withdrawalJson,
  },
  {
    name: 'a forkchoice state',
    arbitrary: arbitraryForkchoiceState,
    parse: (json) => parseForkchoiceState(json),
    serialize: serializeForkchoiceState,
    sample: stateJson,
  },
  {
    name: 'attributes V1',
    arbitrary: arbitraryPayloadAttributesV1,
    parse: (json) => parsePayloadAttributes(json, 'paris'),
    serialize: serializePayloadAttributes,
    sample: attributesV1Json,
  },
  {
    name: 'attributes V2',
    arbitrary: arbitraryPayloadAttributesV2,
    parse: (json) => parsePayloadAttributes(json, 'shanghai'),
    serialize: serializePayloadAttributes,
    sample: attributesV2Json,
  },
  {
    name: 'attributes V3',
    arbitrary: arbitraryPayloadAttributesV3,
    parse: (json) => parsePayloadAttributes(json, 'cancun'),
    serialize: serializePayloadAttributes,
    sample: attributesV3Json,
  },
  {
    name: 'a payload status',
    arbitrary: arbitraryPayloadStatus,
    parse: (json) => parsePayloadStatus(json),
    serialize: serializePayloadStatus,
    sample: validStatusJson,
  },
  {
    name: 'an answer of forkchoiceUpdated',
    arbitrary: arbitraryForkchoiceUpdatedResult,
    parse: (json) => parseForkchoiceUpdatedResult(json),
    serialize: serializeForkchoiceUpdatedResult,
    sample: updatedJson,
  },
  {
    name: 'an answer of getPayloadV1',
    arbitrary: arbitraryPayloadEnvelopeV1,
    parse: (json) => parsePayloadEnvelope(json, 'paris'),
    serialize: serializePayloadEnvelope,
    sample: parisJson,
  },
  {
    name: 'an answer of getPayloadV2',
    arbitrary: arbitraryPayloadEnvelopeV2,
    parse: (json) => parsePayloadEnvelope(json, 'shanghai'),
    serialize: serializePayloadEnvelope,
    sample: envelopeV2Json,
  },
  {
    name: 'an answer of getPayloadV3',
    arbitrary: arbitraryPayloadEnvelopeV3,
    parse: (json) => parsePayloadEnvelope(json, 'cancun'),
    serialize: serializePayloadEnvelope,
    sample: envelopeV3Json,
  },
];

describe.each(nouns)('$name in Engine API JSON', ({ arbitrary, parse, serialize, sample }) => {
  it('is read back as it was written, over the text of the JSON', () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(parse(JSON.parse(JSON.stringify(serialize(value))))).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });

  it('is written as it was read, keys in the same order', () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        const text = JSON.stringify(serialize(value));
        expect(JSON.stringify(serialize(parse(JSON.parse(text))))).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it('gives a known document back exactly, hex case included', () => {
    expect(JSON.stringify(serialize(parse(sample())))).toBe(JSON.stringify(sample()));
  });
});

describe('serializeExecutionPayload', () => {
  const common = Object.keys(parisJson());

  test.each([
    ['paris', parisJson, common],
    ['shanghai', capellaJson, [...common, 'withdrawals']],
    ['cancun', denebJson, [...common, 'withdrawals', 'blobGasUsed', 'excessBlobGas']],
  ] as const)('emits exactly the keys of %s, though the payload carries undefined ones', (fork, json, keys) => {
    const absent = { withdrawals: undefined, blobGasUsed: undefined, excessBlobGas: undefined };
    const payload = { ...absent, ...parseExecutionPayload(json(), fork) } as ExecutionPayload;
    expect(Object.keys(serializeExecutionPayload(payload))).toEqual(keys);
  });

  it('writes quantities in the shortest form and leaves DATA alone', () => {
    const payload = {
      ...parseExecutionPayload(denebJson(), 'cancun'),
      gasUsed: 0n,
      gasLimit: 255n,
      extraData: '0xAa',
    } as const;
    expect(serializeExecutionPayload(payload)).toMatchObject({ gasUsed: '0x0', gasLimit: '0xff', extraData: '0xAa' });
  });
});

describe('serializeForkchoiceState', () => {
  it('sends three hashes and never the justified one', () => {
    fc.assert(
      fc.property(arbitraryForkchoiceStateV3, (state) => {
        const { justifiedBlockHash: _, ...wire } = state;
        expect(serializeForkchoiceState(state)).toEqual(wire);
      }),
    );
  });
});

describe('the type of what is parsed', () => {
  it('follows the literal of the fork', () => {
    const forkOnlyKnownAtRunTime = 'shanghai' as Fork;
    expectTypeOf(parseExecutionPayload(parisJson(), 'paris').withdrawals).toEqualTypeOf<undefined>();
    expectTypeOf(parseExecutionPayload(denebJson(), 'cancun').blobGasUsed).toEqualTypeOf<bigint>();
    expectTypeOf(parseExecutionPayload(capellaJson(), forkOnlyKnownAtRunTime)).toEqualTypeOf<ExecutionPayload>();
    expectTypeOf(
      serializeExecutionPayload(parseExecutionPayload(denebJson(), 'cancun')).blobGasUsed,
    ).toExtend<string>();
    expectTypeOf(parsePayloadEnvelope(parisJson(), 'paris').blockValueWei).toEqualTypeOf<null>();
    expect(parsePayloadAttributes(attributesV3Json(), 'cancun').parentBeaconBlockRoot).toBe(
      attributesV3Json().parentBeaconBlockRoot,
    );
  });
});
