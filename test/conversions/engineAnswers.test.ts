import { engineJson } from '@lighthouse-compat/conversions';
import { describe, expect, it, test, vi } from 'vitest';
import {
  blobsBundleJson,
  capellaJson,
  denebJson,
  envelopeV2Json,
  envelopeV3Json,
  expectRefusal,
  hashOf,
  parisJson,
  updatedJson,
  validStatusJson,
  withdrawalJson,
} from './samples.js';

const { parseExecutionPayload, parseForkchoiceUpdatedResult, parsePayloadEnvelope, parsePayloadStatus } = engineJson;

const hash = hashOf('0c');

describe('parsePayloadStatus', () => {
  test.each([
    [
      { status: 'VALID', latestValidHash: hash },
      { status: 'VALID', latestValidHash: hash },
    ],
    [
      { status: 'VALID', latestValidHash: hash, validationError: 'of no account' },
      { status: 'VALID', latestValidHash: hash },
    ],
    [
      { status: 'INVALID', latestValidHash: hash, validationError: 'bad root' },
      { status: 'INVALID', latestValidHash: hash, validationError: 'bad root' },
    ],
    [{ status: 'INVALID' }, { status: 'INVALID', latestValidHash: null, validationError: null }],
    [
      { status: 'INVALID', latestValidHash: null, validationError: null },
      { status: 'INVALID', latestValidHash: null, validationError: null },
    ],
    [
      { status: 'SYNCING', latestValidHash: hash },
      { status: 'SYNCING', latestValidHash: null },
    ],
    [
      { status: 'ACCEPTED', latestValidHash: hash },
      { status: 'ACCEPTED', latestValidHash: null },
    ],
    [{ status: 'SYNCING' }, { status: 'SYNCING', latestValidHash: null }],
    [
      { status: 'INVALID_BLOCK_HASH', latestValidHash: hash, validationError: 'mismatch' },
      { status: 'INVALID_BLOCK_HASH', latestValidHash: null, validationError: 'mismatch' },
    ],
  ])('narrows %o to what the status may carry', (json, expected) => {
    expect(parsePayloadStatus(json)).toEqual(expected);
  });

  test.each([
    [{ status: 'VALID' }, 'MISSING_FIELD', 'payloadStatus.latestValidHash'],
    [{ status: 'VALID', latestValidHash: null }, 'MISSING_FIELD', 'payloadStatus.latestValidHash'],
    [{ status: 'VALID', latestValidHash: '0x' }, 'INVALID_LENGTH', 'payloadStatus.latestValidHash'],
    [{ status: 'SYNCING', latestValidHash: 'soon' }, 'INVALID_DATA', 'payloadStatus.latestValidHash'],
    [{ latestValidHash: hash }, 'MISSING_FIELD', 'payloadStatus.status'],
    [{ status: null }, 'MISSING_FIELD', 'payloadStatus.status'],
    [{ status: 'valid', latestValidHash: hash }, 'INVALID_ENUM', 'payloadStatus.status'],
    [{ status: 'INVALID_TERMINAL_BLOCK' }, 'INVALID_ENUM', 'payloadStatus.status'],
    [{ status: '__proto__' }, 'INVALID_ENUM', 'payloadStatus.status'],
    [{ status: 1 }, 'INVALID_TYPE', 'payloadStatus.status'],
    [{ status: 'INVALID', validationError: 5 }, 'INVALID_TYPE', 'payloadStatus.validationError'],
    ['VALID', 'INVALID_TYPE', 'payloadStatus'],
    [null, 'INVALID_TYPE', 'payloadStatus'],
  ] as const)('refuses %o with %s', (json, code, path) => {
    expectRefusal(() => parsePayloadStatus(json), code, path);
  });
});

describe('parseForkchoiceUpdatedResult', () => {
  it('takes an absent payloadId for null', () => {
    const { payloadId: _, ...json } = updatedJson();
    expect(parseForkchoiceUpdatedResult(json).payloadId).toBeNull();
  });

  test.each(['SYNCING', 'INVALID', 'ACCEPTED'])('refuses a payloadId beside %s', (status) => {
    const json = { ...updatedJson(), payloadStatus: { status } };
    expectRefusal(() => parseForkchoiceUpdatedResult(json), 'UNKNOWN_FIELD', 'forkchoiceUpdatedResult.payloadId');
    expect(parseForkchoiceUpdatedResult({ ...json, payloadId: null }).payloadStatus.status).toBe(status);
  });

  test.each([
    [{ payloadId: '0x01' }, 'INVALID_LENGTH', 'forkchoiceUpdatedResult.payloadId'],
    [{ payloadId: 1 }, 'INVALID_TYPE', 'forkchoiceUpdatedResult.payloadId'],
    [{ payloadStatus: null }, 'MISSING_FIELD', 'forkchoiceUpdatedResult.payloadStatus'],
    [{ payloadStatus: {} }, 'MISSING_FIELD', 'forkchoiceUpdatedResult.payloadStatus.status'],
    [{ payloadStatus: { status: 'VALID' } }, 'MISSING_FIELD', 'forkchoiceUpdatedResult.payloadStatus.latestValidHash'],
  ] as const)('refuses %o with %s', (fields, code, path) => {
    expectRefusal(() => parseForkchoiceUpdatedResult({ ...updatedJson(), ...fields }), code, path);
  });
});

describe('parsePayloadEnvelope', () => {
  it('takes the bare payload of V1 for an answer without a block value', () => {
    expect(parsePayloadEnvelope(parisJson(), 'paris')).toEqual({
      executionPayload: parseExecutionPayload(parisJson(), 'paris'),
      blockValueWei: null,
    });
    expectRefusal(
      () => parsePayloadEnvelope({ ...parisJson(), gasUsed: '0x' }, 'paris'),
      'INVALID_QUANTITY',
      'payloadEnvelope.gasUsed',
    );
  });

  it('gives the block value in wei, as large as it may be', () => {
    const json = { ...envelopeV2Json(), blockValue: `0x${'f'.repeat(64)}` };
    expect(parsePayloadEnvelope(json, 'shanghai').blockValueWei).toBe(2n ** 256n - 1n);
  });

  test.each([
    ['shanghai', { executionPayload: parisJson() }, 'MISSING_FIELD', 'executionPayload.withdrawals'],
    ['shanghai', { executionPayload: denebJson() }, 'UNKNOWN_FIELD', 'executionPayload.blobGasUsed'],
    ['shanghai', { executionPayload: null }, 'MISSING_FIELD', 'executionPayload'],
    ['shanghai', { blockValue: undefined }, 'MISSING_FIELD', 'blockValue'],
    ['shanghai', { blockValue: '1000' }, 'INVALID_QUANTITY', 'blockValue'],
    ['shanghai', { blockValue: `0x1${'0'.repeat(64)}` }, 'OUT_OF_RANGE', 'blockValue'],
    ['cancun', { executionPayload: capellaJson() }, 'MISSING_FIELD', 'executionPayload.blobGasUsed'],
    ['cancun', { blobsBundle: null }, 'MISSING_FIELD', 'blobsBundle'],
    ['cancun', { blobsBundle: { ...blobsBundleJson(), proofs: [] } }, 'INVALID_LENGTH', 'blobsBundle'],
    ['cancun', { blobsBundle: { ...blobsBundleJson(), commitments: [] } }, 'INVALID_LENGTH', 'blobsBundle'],
    ['cancun', { blobsBundle: { ...blobsBundleJson(), blobs: [] } }, 'INVALID_LENGTH', 'blobsBundle'],
    ['cancun', { blobsBundle: { ...blobsBundleJson(), blobs: ['0x00'] } }, 'INVALID_LENGTH', 'blobsBundle.blobs[0]'],
    ['cancun', { blobsBundle: { ...blobsBundleJson(), proofs: undefined } }, 'MISSING_FIELD', 'blobsBundle.proofs'],
    ['cancun', { shouldOverrideBuilder: 'false' }, 'INVALID_TYPE', 'shouldOverrideBuilder'],
    ['cancun', { shouldOverrideBuilder: null }, 'MISSING_FIELD', 'shouldOverrideBuilder'],
  ] as const)('refuses an answer of %s with %o: %s', (fork, fields, code, path) => {
    const json = fork === 'cancun' ? { ...envelopeV3Json(), ...fields } : { ...envelopeV2Json(), ...fields };
    expectRefusal(() => parsePayloadEnvelope(json, fork), code, `payloadEnvelope.${path}`);
  });

  it('writes the Paris payload that getPayloadV2 may hold', () => {
    const executionPayload = parseExecutionPayload(parisJson(), 'paris');
    const json = engineJson.serializePayloadEnvelope({ executionPayload, blockValueWei: 9n });
    expect(json).toEqual({ executionPayload: parisJson(), blockValue: '0x9' });
  });
});

describe('an unknown field of an answer', () => {
  const report = (parse: (onUnknownField: (path: string) => void) => unknown): string[] => {
    const paths: string[] = [];
    parse((path) => paths.push(path));
    return paths;
  };

  it('is ignored', () => {
    const status = { ...validStatusJson(), witness: '0x' };
    expect(parsePayloadStatus(status)).toEqual(parsePayloadStatus(validStatusJson()));
    expect(parseForkchoiceUpdatedResult({ ...updatedJson(), extra: 1 })).toEqual(
      parseForkchoiceUpdatedResult(updatedJson()),
    );
    expect(parsePayloadEnvelope({ ...envelopeV3Json(), executionRequests: [] }, 'cancun')).toEqual(
      parsePayloadEnvelope(envelopeV3Json(), 'cancun'),
    );
  });

  it('is told by its path, wherever it stands', () => {
    const status = { ...validStatusJson(), witness: '0x' };
    expect(report((onUnknownField) => parsePayloadStatus(status, { onUnknownField }))).toEqual([
      'payloadStatus.witness',
    ]);
    const updated = { ...updatedJson(), payloadStatus: status, extra: 1 };
    expect(
      report((onUnknownField) => parseForkchoiceUpdatedResult(updated, { onUnknownField, path: 'result' })),
    ).toEqual(['result.extra', 'result.payloadStatus.witness']);
    const envelope = { ...envelopeV3Json(), extra: 1, blobsBundle: { ...blobsBundleJson(), cells: [] } };
    expect(report((onUnknownField) => parsePayloadEnvelope(envelope, 'cancun', { onUnknownField }))).toEqual([
      'payloadEnvelope.extra',
      'payloadEnvelope.blobsBundle.cells',
    ]);
    const v2 = { ...envelopeV2Json(), blobsBundle: blobsBundleJson() };
    expect(report((onUnknownField) => parsePayloadEnvelope(v2, 'shanghai', { onUnknownField }))).toEqual([
      'payloadEnvelope.blobsBundle',
    ]);
  });

  it('is not told when it is null', () => {
    const onUnknownField = vi.fn();
    parsePayloadStatus({ ...validStatusJson(), witness: null }, { onUnknownField });
    expect(onUnknownField).not.toHaveBeenCalled();
  });

  it('is an error inside the payload and its withdrawals all the same', () => {
    const onUnknownField = vi.fn();
    const parse = (executionPayload: unknown) => () =>
      parsePayloadEnvelope({ ...envelopeV3Json(), executionPayload }, 'cancun', { onUnknownField });
    expectRefusal(parse({ ...denebJson(), extra: 1 }), 'UNKNOWN_FIELD', 'payloadEnvelope.executionPayload.extra');
    expectRefusal(
      parse({ ...denebJson(), withdrawals: [{ ...withdrawalJson(), extra: 1 }] }),
      'UNKNOWN_FIELD',
      'payloadEnvelope.executionPayload.withdrawals[0].extra',
    );
    expectRefusal(
      () => parsePayloadEnvelope({ ...parisJson(), withdrawals: [] }, 'paris', { onUnknownField }),
      'UNKNOWN_FIELD',
      'payloadEnvelope.withdrawals',
    );
    expect(onUnknownField).not.toHaveBeenCalled();
  });
});
