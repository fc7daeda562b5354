import { address, bitlist, data, type Fields, hash32, list, record, type Shape, uint64, vector } from './shape.js';
import { executionPayloadCapellaFields, executionPayloadDenebFields, kzgCommitments, withdrawal } from './shapes.js';
import type {
  BeaconBlockBodyCapella,
  BeaconBlockBodyDeneb,
  BeaconBlockCapella,
  BeaconBlockDeneb,
  SignedBeaconBlockCapella,
  SignedBeaconBlockDeneb,
} from './types/beaconBlock.js';
import type {
  Attestation,
  AttestationData,
  AttesterSlashing,
  BeaconBlockHeader,
  Checkpoint,
  Deposit,
  DepositData,
  Eth1Data,
  IndexedAttestation,
  ProposerSlashing,
  SignedBeaconBlockHeader,
  SignedBlsToExecutionChange,
  SignedVoluntaryExit,
  SyncAggregate,
} from './types/beaconOperations.js';
import type { ExecutionPayloadCapella, ExecutionPayloadDeneb } from './types/executionPayload.js';
import type { Withdrawal } from './types/withdrawal.js';

// Every structure of a beacon block, in the order of the consensus specs. The limits of lists are those of the mainnet
// preset, on which the hash tree roots depend (consensus-specs, presets/mainnet).

export const MAX_WITHDRAWALS_PER_PAYLOAD = 16;
const MAX_PROPOSER_SLASHINGS = 16;
const MAX_ATTESTER_SLASHINGS = 2;
const MAX_ATTESTATIONS = 128;
const MAX_DEPOSITS = 16;
const MAX_VOLUNTARY_EXITS = 16;
const MAX_BLS_TO_EXECUTION_CHANGES = 16;
const MAX_VALIDATORS_PER_COMMITTEE = 2048;
/** DEPOSIT_CONTRACT_TREE_DEPTH + 1. */
const DEPOSIT_PROOF_LENGTH = 33;
/** SYNC_COMMITTEE_SIZE bits. */
const SYNC_COMMITTEE_BYTES = 64;

const signature = data(96);
const publicKey = data(48);

// The payload of a block and no other: a payload or attributes by themselves have the shape that they have on the wire.
const blockWithdrawals: Shape<readonly Withdrawal[]> = list(withdrawal, MAX_WITHDRAWALS_PER_PAYLOAD);

const blockPayloadCapella = record<ExecutionPayloadCapella>({
  ...executionPayloadCapellaFields,
  withdrawals: blockWithdrawals,
});

const blockPayloadDeneb = record<ExecutionPayloadDeneb>({
  ...executionPayloadDenebFields,
  withdrawals: blockWithdrawals,
});

const eth1Data = record<Eth1Data>({ depositRoot: hash32, depositCount: uint64, blockHash: hash32 });

const blockHeader = record<BeaconBlockHeader>({
  slot: uint64,
  proposerIndex: uint64,
  parentRoot: hash32,
  stateRoot: hash32,
  bodyRoot: hash32,
});

const signedBlockHeader = record<SignedBeaconBlockHeader>({ message: blockHeader, signature });

const proposerSlashing = record<ProposerSlashing>({
  signedHeader1: signedBlockHeader,
  signedHeader2: signedBlockHeader,
});

const checkpoint = record<Checkpoint>({ epoch: uint64, root: hash32 });

const attestationData = record<AttestationData>({
  slot: uint64,
  index: uint64,
  beaconBlockRoot: hash32,
  source: checkpoint,
  target: checkpoint,
});

const indexedAttestation = record<IndexedAttestation>({
  attestingIndices: list(uint64, MAX_VALIDATORS_PER_COMMITTEE),
  data: attestationData,
  signature,
});

const attesterSlashing = record<AttesterSlashing>({
  attestation1: indexedAttestation,
  attestation2: indexedAttestation,
});

const attestation = record<Attestation>({
  aggregationBits: bitlist(MAX_VALIDATORS_PER_COMMITTEE),
  data: attestationData,
  signature,
});

const depositData = record<DepositData>({
  pubkey: publicKey,
  withdrawalCredentials: hash32,
  amount: uint64,
  signature,
});

const deposit = record<Deposit>({ proof: vector(hash32, DEPOSIT_PROOF_LENGTH), data: depositData });

const signedVoluntaryExit = record<SignedVoluntaryExit>({
  message: record<SignedVoluntaryExit['message']>({ epoch: uint64, validatorIndex: uint64 }),
  signature,
});

const syncAggregate = record<SyncAggregate>({
  syncCommitteeBits: data(SYNC_COMMITTEE_BYTES),
  syncCommitteeSignature: signature,
});

const signedBlsToExecutionChange = record<SignedBlsToExecutionChange>({
  message: record<SignedBlsToExecutionChange['message']>({
    validatorIndex: uint64,
    fromBlsPubkey: publicKey,
    toExecutionAddress: address,
  }),
  signature,
});

const bodyCapellaFields: Fields<BeaconBlockBodyCapella> = {
  randaoReveal: signature,
  eth1Data,
  graffiti: hash32,
  proposerSlashings: list(proposerSlashing, MAX_PROPOSER_SLASHINGS),
  attesterSlashings: list(attesterSlashing, MAX_ATTESTER_SLASHINGS),
  attestations: list(attestation, MAX_ATTESTATIONS),
  deposits: list(deposit, MAX_DEPOSITS),
  voluntaryExits: list(signedVoluntaryExit, MAX_VOLUNTARY_EXITS),
  syncAggregate,
  executionPayload: blockPayloadCapella,
  blsToExecutionChanges: list(signedBlsToExecutionChange, MAX_BLS_TO_EXECUTION_CHANGES),
};

export const bodyCapella: Shape<BeaconBlockBodyCapella> = record(bodyCapellaFields);

export const bodyDeneb: Shape<BeaconBlockBodyDeneb> = record<BeaconBlockBodyDeneb>({
  ...bodyCapellaFields,
  executionPayload: blockPayloadDeneb,
  blobKzgCommitments: kzgCommitments,
});

const blockFields = { slot: uint64, proposerIndex: uint64, parentRoot: hash32, stateRoot: hash32 };

export const blockCapella: Shape<BeaconBlockCapella> = record<BeaconBlockCapella>({
  ...blockFields,
  body: bodyCapella,
});

export const blockDeneb: Shape<BeaconBlockDeneb> = record<BeaconBlockDeneb>({ ...blockFields, body: bodyDeneb });

export const signedBlockCapella: Shape<SignedBeaconBlockCapella> = record<SignedBeaconBlockCapella>({
  message: blockCapella,
  signature,
});

export const signedBlockDeneb: Shape<SignedBeaconBlockDeneb> = record<SignedBeaconBlockDeneb>({
  message: blockDeneb,
  signature,
});
