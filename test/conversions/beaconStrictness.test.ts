import {
  beaconJson,
  type ConversionErrorCode,
  checkSignedBeaconBlock,
  engineJson,
} from '@lighthouse-compat/conversions';
import { describe, expect, it, test } from 'vitest';
import { bitlistOf } from '../support/beaconArbitraries.js';
import {
  attributesV2Beacon,
  attributesV3Beacon,
  bodyDenebBeacon,
  capellaBeacon,
  denebBeacon,
  envelopeV3Beacon,
  parisBeacon,
  signedCapellaBeacon,
  signedDenebBeacon,
  stateV3Beacon,
  withdrawalBeacon,
} from './beaconSamples.js';
import { addressOf, capellaJson, envelopeV3Json, expectRefusal, hashOf, withdrawalJson } from './samples.js';

const parsePayload = (field: string, value: unknown) => () =>
  beaconJson.parseExecutionPayload({ ...denebBeacon(), [field]: value }, 'cancun');

describe('an integer', () => {
  test.each<[ConversionErrorCode, unknown]>([
    ['INVALID_TYPE', 0],
    ['INVALID_TYPE', 0n],
    ['INVALID_TYPE', null],
    ['INVALID_TYPE', []],
    ['INVALID_TYPE', ['1']],
    ['INVALID_DECIMAL', ''],
    ['INVALID_DECIMAL', '00'],
    ['INVALID_DECIMAL', '01'],
    ['INVALID_DECIMAL', '+1'],
    ['INVALID_DECIMAL', '-1'],
    ['INVALID_DECIMAL', '-0'],
    ['INVALID_DECIMAL', ' 1'],
    ['INVALID_DECIMAL', '1\n'],
    ['INVALID_DECIMAL', '1.0'],
    ['INVALID_DECIMAL', '1e3'],
    ['INVALID_DECIMAL', '1_000'],
    ['INVALID_DECIMAL', '0x1'],
    ['INVALID_DECIMAL', '\u0661'],
    ['OUT_OF_RANGE', '18446744073709551616'],
    ['OUT_OF_RANGE', '9'.repeat(79)],
    ['OUT_OF_RANGE', '9'.repeat(1_000_000)],
  ])('is refused with %s: %o', (code, value) => {
    expectRefusal(parsePayload('gas_used', value), code, 'execution_payload.gas_used');
  });

  it('is a uint64, or a uint256 where the specification says so', () => {
    expect(parsePayload('gas_used', '18446744073709551615')().gasUsed).toBe(2n ** 64n - 1n);
    expect(parsePayload('base_fee_per_gas', (2n ** 256n - 1n).toString())().baseFeePerGas).toBe(2n ** 256n - 1n);
    const tooGreat = (2n ** 256n).toString();
    expectRefusal(parsePayload('base_fee_per_gas', tooGreat), 'OUT_OF_RANGE', 'execution_payload.base_fee_per_gas');
  });
});

describe('missing, null, 0 and []', () => {
  it('are four things', () => {
    const { withdrawals: _, ...withoutWithdrawals } = capellaBeacon();
    const path = 'execution_payload.withdrawals';
    const parse = (json: unknown) => beaconJson.parseExecutionPayload(json, 'shanghai');
    expectRefusal(() => parse(withoutWithdrawals), 'MISSING_FIELD', path);
    expectRefusal(() => parse({ ...capellaBeacon(), withdrawals: null }), 'INVALID_TYPE', path);
    expectRefusal(() => parse({ ...capellaBeacon(), withdrawals: '0' }), 'INVALID_TYPE', path);
    expect(parse({ ...capellaBeacon(), withdrawals: [] }).withdrawals).toEqual([]);
  });

  it('are so for a field of another fork too', () => {
    expectRefusal(
      () => beaconJson.parseExecutionPayload({ ...parisBeacon(), withdrawals: null }, 'paris'),
      'UNKNOWN_FIELD',
      'execution_payload.withdrawals',
    );
  });
});

describe('the fields of a block', () => {
  const path = 'signed_beacon_block.message.body';
  const withBody = (changes: object) => {
    const { message, signature } = signedDenebBeacon();
    return { message: { ...message, body: { ...message.body, ...changes } }, signature };
  };
  const parse = (json: unknown) => beaconJson.parseSignedBeaconBlock(json, 'cancun');

  test.each(Object.keys(bodyDenebBeacon()))('are all required: %s', (name) => {
    expectRefusal(() => parse(withBody({ [name]: undefined })), 'MISSING_FIELD', `${path}.${name}`);
    expectRefusal(() => parse(withBody({ [name]: null })), 'INVALID_TYPE', `${path}.${name}`);
  });

  test.each([
    ['attestations', 128],
    ['proposer_slashings', 16],
    ['attester_slashings', 2],
    ['deposits', 16],
    ['voluntary_exits', 16],
    ['bls_to_execution_changes', 16],
    ['blob_kzg_commitments', 4096],
  ] as const)('have the limit of mainnet: %s, %i', (name, limit) => {
    const [item] = bodyDenebBeacon()[name] as unknown[];
    const full = new Array(limit).fill(item);
    expect(() => parse(withBody({ [name]: full }))).not.toThrow();
    expectRefusal(() => parse(withBody({ [name]: [...full, item] })), 'INVALID_LENGTH', `${path}.${name}`);
  });

  it.each([32, 34, 0])('have a deposit proof of 33 hashes, not %i', (length) => {
    const [deposit] = bodyDenebBeacon().deposits;
    const deposits = [{ ...deposit, proof: new Array(length).fill(hashOf('01')) }];
    expectRefusal(() => parse(withBody({ deposits })), 'INVALID_LENGTH', `${path}.deposits[0].proof`);
  });

  it('have at most 2048 attesting indices', () => {
    const [slashing] = bodyDenebBeacon().attester_slashings;
    const withIndices = (length: number) => {
      const attestation_2 = { ...slashing?.attestation_2, attesting_indices: new Array(length).fill('7') };
      return withBody({ attester_slashings: [{ ...slashing, attestation_2 }] });
    };
    expect(() => parse(withIndices(2048))).not.toThrow();
    const indices = `${path}.attester_slashings[0].attestation_2.attesting_indices`;
    expectRefusal(() => parse(withIndices(2049)), 'INVALID_LENGTH', indices);
  });

  const withBits = (aggregation_bits: unknown) => {
    const [attestation] = bodyDenebBeacon().attestations;
    return withBody({ attestations: [{ ...attestation, aggregation_bits }] });
  };

  test.each<[ConversionErrorCode, unknown]>([
    ['INVALID_TYPE', 1],
    ['INVALID_DATA', '0x0'],
    ['INVALID_LENGTH', '0x'],
    ['INVALID_DATA', '0x00'],
    ['INVALID_DATA', '0xff00'],
    ['INVALID_LENGTH', bitlistOf(2049)],
    ['INVALID_LENGTH', `0x${'00'.repeat(256)}80`],
    ['INVALID_LENGTH', `0x${'00'.repeat(257)}01`],
  ])('have bits with a delimiting bit, at most 2048: %s for %o', (code, bits) => {
    expectRefusal(() => parse(withBits(bits)), code, `${path}.attestations[0].aggregation_bits`);
  });

  it.each([0, 1, 7, 8, 9, 2047, 2048])('have bits of any number up to 2048: %i', (bits) => {
    expect(parse(withBits(bitlistOf(bits))).message.body.attestations[0]?.aggregationBits).toBe(bitlistOf(bits));
  });

  test.each<[ConversionErrorCode, object, string]>([
    ['INVALID_LENGTH', { randao_reveal: hashOf('01') }, 'randao_reveal'],
    ['INVALID_LENGTH', { graffiti: '0x' }, 'graffiti'],
    ['INVALID_LENGTH', { blob_kzg_commitments: [hashOf('01')] }, 'blob_kzg_commitments[0]'],
    [
      'INVALID_LENGTH',
      { sync_aggregate: { ...bodyDenebBeacon().sync_aggregate, sync_committee_bits: `0x${'00'.repeat(63)}` } },
      'sync_aggregate.sync_committee_bits',
    ],
    ['UNKNOWN_FIELD', { eth1_data: { ...bodyDenebBeacon().eth1_data, extra: '0' } }, 'eth1_data.extra'],
    ['UNKNOWN_FIELD', { randaoReveal: '0x' }, 'randaoReveal'],
    ['UNKNOWN_FIELD', { execution_requests: {} }, 'execution_requests'],
  ])('are refused with %s: case %#', (code, changes, field) => {
    expectRefusal(() => parse(withBody(changes)), code, `${path}.${field}`);
  });

  it('of Deneb are unknown in Capella, and missed the other way', () => {
    expectRefusal(
      () => beaconJson.parseSignedBeaconBlock(signedDenebBeacon(), 'shanghai'),
      'UNKNOWN_FIELD',
      `${path}.blob_kzg_commitments`,
    );
    expectRefusal(() => parse(signedCapellaBeacon()), 'MISSING_FIELD', `${path}.execution_payload.blob_gas_used`);
  });
});

describe('the withdrawals of an engine that gives more than mainnet', () => {
  const many = (length: number) => new Array(length).fill(withdrawalBeacon());
  const payload = engineJson.parseExecutionPayload(
    { ...capellaJson(), withdrawals: new Array(17).fill(withdrawalJson()) },
    'shanghai',
  );
  const { message, signature } = beaconJson.parseSignedBeaconBlock(signedCapellaBeacon(), 'shanghai');
  const body = { ...message.body, executionPayload: payload };
  const field = 'execution_payload.withdrawals';

  it('are read and written in a payload, attributes and an answer of getPayload', () => {
    const json = beaconJson.serializeExecutionPayload(payload);
    expect(beaconJson.parseExecutionPayload(json, 'shanghai')).toEqual(payload);
    const attributes = beaconJson.parsePayloadAttributes(
      { ...attributesV2Beacon(), withdrawals: many(17) },
      'shanghai',
    );
    expect(beaconJson.serializePayloadAttributes(attributes).withdrawals).toHaveLength(17);
    const envelope = { executionPayload: payload, blockValueWei: 1n };
    const envelopeJson = beaconJson.serializePayloadEnvelope(envelope);
    expect(beaconJson.parsePayloadEnvelope(envelopeJson, 'shanghai')).toEqual(envelope);
  });

  it('are refused in a block over 16, in reading, checking and writing', () => {
    const withCount = (length: number) => {
      const block = signedCapellaBeacon();
      const execution_payload = { ...block.message.body.execution_payload, withdrawals: many(length) };
      return { ...block, message: { ...block.message, body: { ...block.message.body, execution_payload } } };
    };
    expect(() => beaconJson.parseSignedBeaconBlock(withCount(16), 'shanghai')).not.toThrow();
    expectRefusal(
      () => beaconJson.parseSignedBeaconBlock(withCount(17), 'shanghai'),
      'INVALID_LENGTH',
      `signed_beacon_block.message.body.${field}`,
    );
    expectRefusal(
      () => checkSignedBeaconBlock({ message: { ...message, body }, signature }),
      'INVALID_LENGTH',
      'signedBeaconBlock.message.body.executionPayload.withdrawals',
    );
    expectRefusal(() => beaconJson.serializeBeaconBlockBody(body), 'INVALID_LENGTH', `beacon_block_body.${field}`);
    expectRefusal(
      () => beaconJson.serializeBeaconBlock({ ...message, body }),
      'INVALID_LENGTH',
      `beacon_block.body.${field}`,
    );
    expectRefusal(
      () => beaconJson.serializeSignedBeaconBlock({ message: { ...message, body }, signature }),
      'INVALID_LENGTH',
      `signed_beacon_block.message.body.${field}`,
    );
  });
});

describe('the limits of lists outside blocks', () => {
  it('are 4096 blobs, of which there are as many commitments and proofs, in either encoding', () => {
    const commitments = new Array(4097).fill(`0x${'11'.repeat(48)}`);
    const engine = { ...envelopeV3Json(), blobsBundle: { ...envelopeV3Json().blobsBundle, commitments } };
    expectRefusal(
      () => engineJson.parsePayloadEnvelope(engine, 'cancun'),
      'INVALID_LENGTH',
      'payloadEnvelope.blobsBundle.commitments',
    );
    const beacon = { ...envelopeV3Beacon(), blobs_bundle: { ...envelopeV3Beacon().blobs_bundle, proofs: [] } };
    expectRefusal(
      () => beaconJson.parsePayloadEnvelope(beacon, 'cancun'),
      'INVALID_LENGTH',
      'payload_envelope.blobs_bundle',
    );
  });
});

describe('a fork that has no such structure', () => {
  test.each(['paris', 'prague', 'osaka', '', '__proto__', 'toString', 3, null, undefined] as never[])(
    'is refused: %o',
    (fork) => {
      const code = 'UNSUPPORTED_FORK';
      expectRefusal(() => beaconJson.parseSignedBeaconBlock({}, fork), code, 'signed_beacon_block');
      expectRefusal(() => beaconJson.parseBeaconBlock({}, fork), code, 'beacon_block');
      expectRefusal(() => beaconJson.parseBeaconBlockBody({}, fork), code, 'beacon_block_body');
      if (fork === 'paris') return;
      expectRefusal(() => beaconJson.parseExecutionPayload({}, fork), code, 'execution_payload');
      expectRefusal(() => beaconJson.parsePayloadAttributes({}, fork), code, 'payload_attributes');
      expectRefusal(() => beaconJson.parsePayloadEnvelope({}, fork), code, 'payload_envelope');
    },
  );
});

describe('attributes and states', () => {
  it('have a root that is never null, missing or made up', () => {
    const path = 'payload_attributes.parent_beacon_block_root';
    const parse = (json: unknown) => () => beaconJson.parsePayloadAttributes(json, 'cancun');
    expectRefusal(parse(attributesV2Beacon()), 'MISSING_FIELD', path);
    expectRefusal(parse({ ...attributesV3Beacon(), parent_beacon_block_root: null }), 'INVALID_TYPE', path);
    const attributes = { ...parse(attributesV3Beacon())(), parentBeaconBlockRoot: null };
    expectRefusal(() => beaconJson.serializePayloadAttributes(attributes), 'MISSING_FIELD', path);
  });

  it('have a justified hash in V3 alone, which is never in the Engine JSON', () => {
    const state = beaconJson.parseForkchoiceStateV3(stateV3Beacon());
    expect(Object.keys(engineJson.serializeForkchoiceState(state))).toHaveLength(3);
    const path = 'forkchoice_state.justified_block_hash';
    expectRefusal(() => beaconJson.parseForkchoiceState(stateV3Beacon()), 'UNKNOWN_FIELD', path);
  });
});

describe('an address', () => {
  it('is taken with and without a checksum in its case, and keeps it', () => {
    const checksummed = withdrawalBeacon().address as `0x${string}`;
    expect(beaconJson.parseWithdrawal(withdrawalBeacon()).address).toBe(checksummed);
    const fee_recipient = checksummed.toLowerCase();
    expect(parsePayload('fee_recipient', fee_recipient)().feeRecipient).toBe(fee_recipient);
    expectRefusal(
      () => beaconJson.parseWithdrawal({ ...withdrawalBeacon(), address: addressOf('zz') }),
      'INVALID_DATA',
      'withdrawal.address',
    );
  });
});
