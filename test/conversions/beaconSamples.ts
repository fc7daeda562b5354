import { addressOf, hashOf } from './samples.js';

// Plain Beacon API documents of each noun, written out by hand so that the names are not derived from the code's own.

const signature = (byte: string): `0x${string}` => `0x${byte.repeat(96)}`;
const publicKey = (byte: string): `0x${string}` => `0x${byte.repeat(48)}`;

export const withdrawalBeacon = () => ({
  index: '0',
  validator_index: '31',
  // EIP-55's own example of a checksum address.
  address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  amount: '18446744073709551615',
});

export const parisBeacon = () => ({
  parent_hash: hashOf('01'),
  fee_recipient: addressOf('02'),
  state_root: hashOf('03'),
  receipts_root: hashOf('04'),
  logs_bloom: `0x${'05'.repeat(256)}`,
  prev_randao: hashOf('06'),
  block_number: '7',
  gas_limit: '30000000',
  gas_used: '0',
  timestamp: '1710338135',
  extra_data: '0x',
  base_fee_per_gas: (2n ** 256n - 1n).toString(),
  block_hash: hashOf('0C'),
  transactions: ['0x02aa', '0xc0'],
});

export const capellaBeacon = () => ({ ...parisBeacon(), withdrawals: [withdrawalBeacon(), withdrawalBeacon()] });

export const denebBeacon = () => ({ ...capellaBeacon(), blob_gas_used: '131072', excess_blob_gas: '0' });

export const stateBeacon = () => ({
  head_block_hash: hashOf('0a'),
  safe_block_hash: hashOf('0b'),
  finalized_block_hash: hashOf('0c'),
});

export const stateV3Beacon = () => ({ ...stateBeacon(), justified_block_hash: hashOf('0d') });

export const attributesV1Beacon = () => ({
  timestamp: '1710338135',
  prev_randao: hashOf('06'),
  suggested_fee_recipient: addressOf('02'),
});

export const attributesV2Beacon = () => ({ ...attributesV1Beacon(), withdrawals: [withdrawalBeacon()] });

export const attributesV3Beacon = () => ({ ...attributesV2Beacon(), parent_beacon_block_root: hashOf('0d') });

export const envelopeV2Beacon = () => ({ execution_payload: capellaBeacon(), block_value: '4660' });

export const envelopeV3Beacon = () => ({
  execution_payload: denebBeacon(),
  block_value: '4660',
  blobs_bundle: {
    commitments: [publicKey('11')],
    proofs: [publicKey('22')],
    blobs: [`0x${'33'.repeat(131_072)}`],
  },
  should_override_builder: false,
});

const header = (byte: string) => ({
  message: {
    slot: '1',
    proposer_index: '2',
    parent_root: hashOf(byte),
    state_root: hashOf('22'),
    body_root: hashOf('23'),
  },
  signature: signature(byte),
});

const attestationDataBeacon = (byte: string) => ({
  slot: '3',
  index: '4',
  beacon_block_root: hashOf(byte),
  source: { epoch: '5', root: hashOf('24') },
  target: { epoch: '6', root: hashOf('25') },
});

const indexedAttestationBeacon = (byte: string) => ({
  attesting_indices: ['1', '2', '1048575'],
  data: attestationDataBeacon(byte),
  signature: signature(byte),
});

const operations = () => ({
  randao_reveal: signature('30'),
  eth1_data: { deposit_root: hashOf('31'), deposit_count: '1181', block_hash: hashOf('32') },
  graffiti: hashOf('33'),
  proposer_slashings: [{ signed_header_1: header('34'), signed_header_2: header('35') }],
  attester_slashings: [
    { attestation_1: indexedAttestationBeacon('36'), attestation_2: indexedAttestationBeacon('37') },
  ],
  attestations: [{ aggregation_bits: '0xff01', data: attestationDataBeacon('38'), signature: signature('39') }],
  deposits: [
    {
      proof: new Array<string>(33).fill(hashOf('40')),
      data: {
        pubkey: publicKey('41'),
        withdrawal_credentials: hashOf('42'),
        amount: '32000000000',
        signature: signature('43'),
      },
    },
  ],
  voluntary_exits: [{ message: { epoch: '7', validator_index: '8' }, signature: signature('44') }],
  sync_aggregate: {
    sync_committee_bits: `0x${'fe'.repeat(64)}`,
    sync_committee_signature: signature('45'),
  },
});

const blsToExecutionChanges = () => [
  {
    message: {
      validator_index: '9',
      from_bls_pubkey: publicKey('46'),
      to_execution_address: '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
    },
    signature: signature('47'),
  },
];

export const bodyCapellaBeacon = () => ({
  ...operations(),
  execution_payload: capellaBeacon(),
  bls_to_execution_changes: blsToExecutionChanges(),
});

export const bodyDenebBeacon = () => ({
  ...operations(),
  execution_payload: denebBeacon(),
  bls_to_execution_changes: blsToExecutionChanges(),
  blob_kzg_commitments: [publicKey('48'), publicKey('49')],
});

const block = <Body>(body: Body) => ({
  slot: '88160',
  proposer_index: '583',
  parent_root: hashOf('50'),
  state_root: hashOf('51'),
  body,
});

export const blockCapellaBeacon = () => block(bodyCapellaBeacon());
export const blockDenebBeacon = () => block(bodyDenebBeacon());

export const signedCapellaBeacon = () => ({ message: blockCapellaBeacon(), signature: signature('52') });
export const signedDenebBeacon = () => ({ message: blockDenebBeacon(), signature: signature('52') });
