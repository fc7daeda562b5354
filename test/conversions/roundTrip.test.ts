import { type ExecutionPayload, engineJson, type Fork } from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it, test } from 'vitest';
import { arbitraryForkchoiceStateV3 } from '../support/arbitraries.js';
import { printedSeed } from '../support/seed.js';
import { beaconNouns } from './beaconNouns.js';
import { engineNouns } from './engineNouns.js';
import { attributesV3Json, capellaJson, denebJson, parisJson } from './samples.js';

const {
  parseExecutionPayload,
  parsePayloadAttributes,
  parsePayloadEnvelope,
  serializeExecutionPayload,
  serializeForkchoiceState,
} = engineJson;

const options = { numRuns: 1000, seed: printedSeed('round trips of every noun') };

const nouns = [
  ...engineNouns.map((noun) => ({ ...noun, encoding: 'Engine API' })),
  ...beaconNouns.map((noun) => ({ ...noun, encoding: 'Beacon API' })),
];

describe.each(nouns)('$name in $encoding JSON', ({ arbitrary, parse, serialize, sample }) => {
  it('is read back as it was written over the text of the JSON, and written as it was read', () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        const text = JSON.stringify(serialize(value));
        const back = parse(JSON.parse(text));
        expect(back).toEqual(value);
        expect(JSON.stringify(serialize(back)) === text).toBe(true);
      }),
      options,
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
