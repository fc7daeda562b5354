import type { ConversionErrorCode } from '@lighthouse-compat/conversions';
import { ConversionError } from '@lighthouse-compat/conversions';
import { expect } from 'vitest';

// Plain documents of each noun, made anew for every test so that one may be spoilt.

export const hashOf = (byte: string): `0x${string}` => `0x${byte.repeat(32)}`;
export const addressOf = (byte: string): `0x${string}` => `0x${byte.repeat(20)}`;

export const withdrawalJson = () => ({
  index: '0x0',
  validatorIndex: '0x1f',
  address: addressOf('aB'),
  amount: '0xffffffffffffffff',
});

export const parisJson = () => ({
  parentHash: hashOf('01'),
  feeRecipient: addressOf('02'),
  stateRoot: hashOf('03'),
  receiptsRoot: hashOf('04'),
  logsBloom: `0x${'05'.repeat(256)}`,
  prevRandao: hashOf('06'),
  blockNumber: '0x7',
  gasLimit: '0x1c9c380',
  gasUsed: '0x0',
  timestamp: '0x65f1b057',
  extraData: '0x',
  baseFeePerGas: `0x${'f'.repeat(64)}`,
  blockHash: hashOf('0C'),
  transactions: ['0x02aa', '0xc0'],
});

export const capellaJson = () => ({ ...parisJson(), withdrawals: [withdrawalJson(), withdrawalJson()] });

export const denebJson = () => ({ ...capellaJson(), blobGasUsed: '0x20000', excessBlobGas: '0x0' });

export const stateJson = () => ({
  headBlockHash: hashOf('0a'),
  safeBlockHash: hashOf('0b'),
  finalizedBlockHash: hashOf('0c'),
});

export const attributesV1Json = () => ({
  timestamp: '0x65f1b057',
  prevRandao: hashOf('06'),
  suggestedFeeRecipient: addressOf('02'),
});

export const attributesV2Json = () => ({ ...attributesV1Json(), withdrawals: [withdrawalJson()] });

export const attributesV3Json = () => ({ ...attributesV2Json(), parentBeaconBlockRoot: hashOf('0d') });

export const validStatusJson = () => ({ status: 'VALID', latestValidHash: hashOf('0c'), validationError: null });

export const updatedJson = () => ({ payloadStatus: validStatusJson(), payloadId: '0x0102030405060708' });

export const blobsBundleJson = () => ({
  commitments: [`0x${'11'.repeat(48)}`],
  proofs: [`0x${'22'.repeat(48)}`],
  blobs: [`0x${'33'.repeat(131_072)}`],
});

export const envelopeV2Json = () => ({ executionPayload: capellaJson(), blockValue: '0x1234' });

export const envelopeV3Json = () => ({
  executionPayload: denebJson(),
  blockValue: '0x1234',
  blobsBundle: blobsBundleJson(),
  shouldOverrideBuilder: false,
});

/** What `act` throws, which has to be a ConversionError. */
export function errorOf(act: () => unknown): ConversionError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConversionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Expects a ConversionError of a code at a path, whose message starts with the path. */
export function expectRefusal(act: () => unknown, code: ConversionErrorCode, path: string): void {
  const error = errorOf(act);
  expect({ code: error.code, path: error.path }).toEqual({ code, path });
  expect(error.message.startsWith(`${path}: `)).toBe(true);
}
