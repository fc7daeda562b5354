import { type ConversionErrorCode, engineJson } from '@lighthouse-compat/conversions';
import { describe, expect, it, test } from 'vitest';
import {
  addressOf,
  attributesV1Json,
  attributesV2Json,
  attributesV3Json,
  capellaJson,
  denebJson,
  errorOf,
  expectRefusal,
  hashOf,
  parisJson,
  stateJson,
  withdrawalJson,
} from './samples.js';

const { parseExecutionPayload, parseForkchoiceState, parsePayloadAttributes, parseWithdrawal } = engineJson;

const parseWith = (field: string, value: unknown) => () =>
  parseExecutionPayload({ ...denebJson(), [field]: value }, 'cancun');

describe('a field of a payload', () => {
  const cases: [ConversionErrorCode, string, unknown][] = [
    ['INVALID_TYPE', 'parentHash', 1],
    ['INVALID_TYPE', 'parentHash', [hashOf('01')]],
    ['INVALID_TYPE', 'parentHash', { toString: () => hashOf('01') }],
    ['INVALID_TYPE', 'parentHash', true],
    ['INVALID_DATA', 'parentHash', ''],
    ['INVALID_DATA', 'parentHash', '01'.repeat(32)],
    ['INVALID_DATA', 'parentHash', `0X${'01'.repeat(32)}`],
    ['INVALID_DATA', 'parentHash', `0x${'0g'.repeat(32)}`],
    ['INVALID_DATA', 'parentHash', ` ${hashOf('01')}`],
    ['INVALID_DATA', 'parentHash', `${hashOf('01')}\n`],
    ['INVALID_DATA', 'parentHash', `${hashOf('01')}0`],
    ['INVALID_LENGTH', 'parentHash', '0x'],
    ['INVALID_LENGTH', 'parentHash', `0x${'01'.repeat(31)}`],
    ['INVALID_LENGTH', 'parentHash', `0x${'01'.repeat(33)}`],
    ['INVALID_LENGTH', 'feeRecipient', hashOf('01')],
    ['INVALID_LENGTH', 'logsBloom', `0x${'00'.repeat(255)}`],
    ['INVALID_LENGTH', 'logsBloom', `0x${'00'.repeat(257)}`],
    ['INVALID_LENGTH', 'extraData', `0x${'00'.repeat(33)}`],
    ['INVALID_DATA', 'extraData', '0x0'],
    ['INVALID_TYPE', 'gasUsed', 0],
    ['INVALID_TYPE', 'gasUsed', 0n],
    ['INVALID_TYPE', 'gasUsed', {}],
    ['INVALID_QUANTITY', 'gasUsed', ''],
    ['INVALID_QUANTITY', 'gasUsed', '0x'],
    ['INVALID_QUANTITY', 'gasUsed', '0x00'],
    ['INVALID_QUANTITY', 'gasUsed', '0x01'],
    ['INVALID_QUANTITY', 'gasUsed', '0X1'],
    ['INVALID_QUANTITY', 'gasUsed', '12'],
    ['INVALID_QUANTITY', 'gasUsed', '-0x1'],
    ['INVALID_QUANTITY', 'gasUsed', '0x-1'],
    ['INVALID_QUANTITY', 'gasUsed', '0x1_0'],
    ['INVALID_QUANTITY', 'gasUsed', '0x1 '],
    ['INVALID_QUANTITY', 'gasUsed', '0x1\n'],
    ['INVALID_QUANTITY', 'gasUsed', '0x1.0'],
    ['INVALID_QUANTITY', 'gasUsed', `0x${'1'.repeat(100)}g`],
    ['OUT_OF_RANGE', 'gasUsed', `0x1${'0'.repeat(16)}`],
    ['OUT_OF_RANGE', 'gasUsed', `0x${'1'.repeat(100_000)}`],
    ['OUT_OF_RANGE', 'excessBlobGas', `0x${'f'.repeat(17)}`],
    ['OUT_OF_RANGE', 'baseFeePerGas', `0x1${'0'.repeat(64)}`],
    ['INVALID_TYPE', 'transactions', '0xc0'],
    ['INVALID_TYPE', 'transactions', { 0: '0xc0', length: 1 }],
    ['INVALID_LENGTH', 'transactions', new Array(2 ** 20 + 1).fill('0xc0')],
    ['INVALID_TYPE', 'withdrawals', {}],
    ['MISSING_FIELD', 'withdrawals', null],
    ['MISSING_FIELD', 'blobGasUsed', undefined],
  ];

  test.each(cases)('is refused with %s: %s = %o', (code, field, value) => {
    expectRefusal(parseWith(field, value), code, `executionPayload.${field}`);
  });

  it.each([
    ['extraData', `0x${'00'.repeat(32)}`],
    ['gasUsed', `0x${'f'.repeat(16)}`],
    ['gasUsed', '0xFf'],
    ['baseFeePerGas', `0x${'F'.repeat(64)}`],
    ['baseFeePerGas', '0x0'],
    ['transactions', []],
    ['withdrawals', []],
    ['withdrawals', new Array(1000).fill(withdrawalJson())],
  ])('is accepted at the edge of what the specification allows: %s = %o', (field, value) => {
    expect(parseWith(field, value)).not.toThrow();
  });

  it('is named by its index in a list', () => {
    expectRefusal(parseWith('transactions', ['0xc0', '0x']), 'INVALID_LENGTH', 'executionPayload.transactions[1]');
    expectRefusal(parseWith('transactions', ['0xc0', null]), 'INVALID_TYPE', 'executionPayload.transactions[1]');
    expectRefusal(parseWith('transactions', new Array(1)), 'INVALID_TYPE', 'executionPayload.transactions[0]');
    const withdrawals = [withdrawalJson(), { ...withdrawalJson(), amount: '0x00' }];
    expectRefusal(parseWith('withdrawals', withdrawals), 'INVALID_QUANTITY', 'executionPayload.withdrawals[1].amount');
    expectRefusal(parseWith('withdrawals', [[]]), 'INVALID_TYPE', 'executionPayload.withdrawals[0]');
  });

  test.each(Object.keys(denebJson()))('is required: %s', (field) => {
    const { [field]: _, ...rest } = denebJson() as Record<string, unknown>;
    expectRefusal(() => parseExecutionPayload(rest, 'cancun'), 'MISSING_FIELD', `executionPayload.${field}`);
    expectRefusal(parseWith(field, null), 'MISSING_FIELD', `executionPayload.${field}`);
  });

  it('is never taken from the prototype', () => {
    expectRefusal(
      () => parseExecutionPayload(Object.create(denebJson()), 'cancun'),
      'MISSING_FIELD',
      'executionPayload.parentHash',
    );
  });
});

describe('DATA', () => {
  const isAccepted = (text: string) => {
    try {
      parseExecutionPayload({ ...parisJson(), transactions: [text] }, 'paris');
      return true;
    } catch {
      return false;
    }
  };

  // Wherever the character stands: the digits are tested in groups, and in chunks.
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 16_380, 16_381, 16_382, 16_383, 16_384, 32_766, 32_767, 39_999])(
    'is hex digits and nothing else at digit %i',
    (index) => {
      const length = index < 8 ? 8 : 40_000;
      for (let code = 0; code < 0x180; code++) {
        const character = String.fromCharCode(code);
        const text = `0x${'a'.repeat(index)}${character}${'B'.repeat(length - index - 1)}`;
        if (isAccepted(text) !== /[0-9a-fA-F]/.test(character)) expect.fail(`U+${code.toString(16)} at ${index}`);
      }
    },
  );

  it('is refused with any character that is not ASCII', () => {
    for (let code = 0x80; code < 0x10000; code += 1) {
      if (isAccepted(`0xab${String.fromCharCode(code)}c`)) expect.fail(`U+${code.toString(16)} was taken`);
    }
    expect(isAccepted('0x\u{1F600}')).toBe(false);
  });

  test.each([1, 8, 9, 16_382, 16_384, 16_390, 100_002])('may have %i digits if that is even', (digits) => {
    expect(isAccepted(`0x${'0'.repeat(digits)}`)).toBe(digits % 2 === 0);
  });
});

describe('the fields of another fork', () => {
  test.each([
    ['paris', capellaJson(), 'executionPayload.withdrawals'],
    ['shanghai', denebJson(), 'executionPayload.blobGasUsed'],
    ['cancun', { ...denebJson(), parentBeaconBlockRoot: hashOf('01') }, 'executionPayload.parentBeaconBlockRoot'],
  ] as const)('are unknown in a payload of %s', (fork, json, path) => {
    expectRefusal(() => parseExecutionPayload(json, fork), 'UNKNOWN_FIELD', path);
  });

  test.each([
    ['paris', attributesV2Json(), 'payloadAttributes.withdrawals'],
    ['shanghai', attributesV3Json(), 'payloadAttributes.parentBeaconBlockRoot'],
    ['cancun', { ...attributesV3Json(), slotNumber: '0x1' }, 'payloadAttributes.slotNumber'],
  ] as const)('are unknown in attributes of %s', (fork, json, path) => {
    expectRefusal(() => parsePayloadAttributes(json, fork), 'UNKNOWN_FIELD', path);
  });

  it('count as absent when they are null', () => {
    const json = { ...parisJson(), withdrawals: null, blobGasUsed: null, excessBlobGas: null };
    expect(parseExecutionPayload(json, 'paris')).toEqual(parseExecutionPayload(parisJson(), 'paris'));
    expect(Object.keys(parseExecutionPayload(json, 'paris'))).toEqual(Object.keys(parisJson()));
  });

  test.each([
    ['shanghai', parisJson(), 'executionPayload.withdrawals'],
    ['cancun', capellaJson(), 'executionPayload.blobGasUsed'],
  ] as const)('are missed in a payload of %s', (fork, json, path) => {
    expectRefusal(() => parseExecutionPayload(json, fork), 'MISSING_FIELD', path);
  });

  it('are missed in attributes', () => {
    const path = 'payloadAttributes.parentBeaconBlockRoot';
    expectRefusal(() => parsePayloadAttributes(attributesV2Json(), 'cancun'), 'MISSING_FIELD', path);
    const json = { ...attributesV3Json(), parentBeaconBlockRoot: null };
    expectRefusal(() => parsePayloadAttributes(json, 'cancun'), 'MISSING_FIELD', path);
    expectRefusal(
      () => parsePayloadAttributes(attributesV1Json(), 'shanghai'),
      'MISSING_FIELD',
      'payloadAttributes.withdrawals',
    );
  });
});

describe('a fork that is not served', () => {
  test.each(['prague', 'osaka', '', 'toString', '__proto__', 3, null, undefined] as never[])(
    'is refused: %o',
    (fork) => {
      expectRefusal(() => parseExecutionPayload(denebJson(), fork), 'UNSUPPORTED_FORK', 'executionPayload');
      expectRefusal(() => parsePayloadAttributes(attributesV3Json(), fork), 'UNSUPPORTED_FORK', 'payloadAttributes');
      expectRefusal(() => engineJson.parsePayloadEnvelope({}, fork), 'UNSUPPORTED_FORK', 'payloadEnvelope');
    },
  );
});

describe('a forkchoice state', () => {
  it('has three hashes and no justified one on the wire', () => {
    const json = { ...stateJson(), justifiedBlockHash: hashOf('0c') };
    expectRefusal(() => parseForkchoiceState(json), 'UNKNOWN_FIELD', 'forkchoiceState.justifiedBlockHash');
    const { safeBlockHash: _, ...rest } = stateJson();
    expectRefusal(() => parseForkchoiceState(rest), 'MISSING_FIELD', 'forkchoiceState.safeBlockHash');
  });
});

describe('attributes without a root', () => {
  it('are never written as V3', () => {
    const attributes = { ...parsePayloadAttributes(attributesV3Json(), 'cancun'), parentBeaconBlockRoot: null };
    expectRefusal(
      () => engineJson.serializePayloadAttributes(attributes),
      'MISSING_FIELD',
      'payloadAttributes.parentBeaconBlockRoot',
    );
    expectRefusal(
      () => engineJson.serializePayloadAttributes(attributes, 'params[1]'),
      'MISSING_FIELD',
      'params[1].parentBeaconBlockRoot',
    );
  });
});

describe('the path of an error', () => {
  it('starts with what the caller calls the value', () => {
    const withdrawals = [{ ...withdrawalJson(), address: addressOf('zz') }];
    expectRefusal(
      () => parseExecutionPayload({ ...capellaJson(), withdrawals }, 'shanghai', 'params[0]'),
      'INVALID_DATA',
      'params[0].withdrawals[0].address',
    );
    expectRefusal(() => parseExecutionPayload('0x', 'paris', 'params[0]'), 'INVALID_TYPE', 'params[0]');
    expectRefusal(() => parseForkchoiceState(7, 'state'), 'INVALID_TYPE', 'state');
    expectRefusal(() => parsePayloadAttributes([], 'paris', 'attributes'), 'INVALID_TYPE', 'attributes');
    expectRefusal(() => parseWithdrawal(null), 'INVALID_TYPE', 'withdrawal');
    expectRefusal(() => parseWithdrawal({}, 'w'), 'MISSING_FIELD', 'w.index');
  });

  it('is short however long a foreign name is', () => {
    const error = errorOf(parseWith('x'.repeat(100_000), 1));
    expect(error.path).toBe(`executionPayload.${'x'.repeat(64)}...`);
    expect(error.message.length).toBeLessThan(200);
  });

  it('comes with no value of the payload in the message', () => {
    expect(errorOf(parseWith('parentHash', '0xsecret')).message).not.toContain('secret');
  });

  it('is called a value where there is none', () => {
    expect(errorOf(() => parseWithdrawal(1, '')).message).toMatch(/^value: /);
  });
});
