import type {
  Attestation,
  AttestationData,
  AttesterSlashing,
  BeaconBlockBodyCapella,
  BeaconBlockBodyDeneb,
  Checkpoint,
  Data,
  Deposit,
  IndexedAttestation,
  ProposerSlashing,
  SignedBeaconBlockCapella,
  SignedBeaconBlockDeneb,
  SignedBeaconBlockHeader,
  SignedBlsToExecutionChange,
  SignedVoluntaryExit,
  Withdrawal,
} from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import {
  arbitraryAddress,
  arbitraryData,
  arbitraryExecutionPayloadCapella,
  arbitraryExecutionPayloadDeneb,
  arbitraryHash32,
  arbitraryUint64,
  record,
} from './arbitraries.js';

// Arbitrary beacon blocks with every operation in them, few of each.

/** Keeps of a payload as many withdrawals as a beacon block holds. */
function fitted<T extends { readonly withdrawals: readonly Withdrawal[] }>(
  arbitrary: fc.Arbitrary<T>,
): fc.Arbitrary<T> {
  return arbitrary.map((value) => ({ ...value, withdrawals: value.withdrawals.slice(0, 16) }));
}

const uint64 = arbitraryUint64;
const hash = arbitraryHash32;
const publicKey = arbitraryData(48);
const signature: fc.Arbitrary<Data> = hash.map((bytes) => `0x${bytes.slice(2).repeat(3)}` as const);

const few = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(arbitrary, { maxLength: 2 });

/** The DATA of an SSZ bitlist of a number of bits, of which every third is set. */
export function bitlistOf(bits: number): Data {
  const bytes = new Uint8Array(Math.floor(bits / 8) + 1);
  for (let bit = 0; bit < bits; bit += 3) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  bytes[bits >> 3] = (bytes[bits >> 3] ?? 0) | (1 << (bits & 7));
  return `0x${Buffer.from(bytes).toString('hex')}` as const;
}

const checkpoint = record<Checkpoint>({ epoch: uint64, root: hash });

const attestationData = record<AttestationData>({
  slot: uint64,
  index: uint64,
  beaconBlockRoot: hash,
  source: checkpoint,
  target: checkpoint,
});

const attestation = record<Attestation>({
  aggregationBits: fc.integer({ min: 0, max: 2048 }).map(bitlistOf),
  data: attestationData,
  signature,
});

const indexedAttestation = record<IndexedAttestation>({
  attestingIndices: fc.array(uint64, { maxLength: 5 }),
  data: attestationData,
  signature,
});

const signedHeader = record<SignedBeaconBlockHeader>({
  message: record({ slot: uint64, proposerIndex: uint64, parentRoot: hash, stateRoot: hash, bodyRoot: hash }),
  signature,
});

const bodyFields = {
  randaoReveal: signature,
  eth1Data: record({ depositRoot: hash, depositCount: uint64, blockHash: hash }),
  graffiti: hash,
  proposerSlashings: few(record<ProposerSlashing>({ signedHeader1: signedHeader, signedHeader2: signedHeader })),
  attesterSlashings: fc.array(
    record<AttesterSlashing>({ attestation1: indexedAttestation, attestation2: indexedAttestation }),
    { maxLength: 1 },
  ),
  attestations: few(attestation),
  deposits: fc.array(
    record<Deposit>({
      proof: hash.map((each) => new Array<Data>(33).fill(each)),
      data: record({ pubkey: publicKey, withdrawalCredentials: hash, amount: uint64, signature }),
    }),
    { maxLength: 1 },
  ),
  voluntaryExits: few(
    record<SignedVoluntaryExit>({ message: record({ epoch: uint64, validatorIndex: uint64 }), signature }),
  ),
  syncAggregate: record({ syncCommitteeBits: arbitraryData(64), syncCommitteeSignature: signature }),
  blsToExecutionChanges: few(
    record<SignedBlsToExecutionChange>({
      message: record({ validatorIndex: uint64, fromBlsPubkey: publicKey, toExecutionAddress: arbitraryAddress }),
      signature,
    }),
  ),
};

export const arbitraryBodyCapella: fc.Arbitrary<BeaconBlockBodyCapella> = record<BeaconBlockBodyCapella>({
  ...bodyFields,
  executionPayload: fitted(arbitraryExecutionPayloadCapella),
} as never);

export const arbitraryBodyDeneb: fc.Arbitrary<BeaconBlockBodyDeneb> = record<BeaconBlockBodyDeneb>({
  ...bodyFields,
  executionPayload: fitted(arbitraryExecutionPayloadDeneb),
  blobKzgCommitments: few(publicKey),
});

const blockFields = { slot: uint64, proposerIndex: uint64, parentRoot: hash, stateRoot: hash };

export const arbitrarySignedBlockCapella: fc.Arbitrary<SignedBeaconBlockCapella> = record({
  message: record({ ...blockFields, body: arbitraryBodyCapella }),
  signature,
});

export const arbitrarySignedBlockDeneb: fc.Arbitrary<SignedBeaconBlockDeneb> = record({
  message: record({ ...blockFields, body: arbitraryBodyDeneb }),
  signature,
});
