import type { Address, Data, Hash32 } from './scalars.js';

// The operations of a beacon block, which are the same in Capella and Deneb (consensus-specs, phase0, altair and
// capella/beacon-chain.md). Slots, epochs and indices are uint64, amounts are uint64 Gwei, public keys have 48 bytes and
// signatures 96.

/** The vote of the deposit contract's state. */
export type Eth1Data = {
  readonly depositRoot: Hash32;
  readonly depositCount: bigint;
  readonly blockHash: Hash32;
};

/** An epoch and the root of the block at its start. */
export type Checkpoint = {
  readonly epoch: bigint;
  readonly root: Hash32;
};

/** What attesters vote for. */
export type AttestationData = {
  readonly slot: bigint;
  readonly index: bigint;
  readonly beaconBlockRoot: Hash32;
  readonly source: Checkpoint;
  readonly target: Checkpoint;
};

/** A vote of a part of one committee. */
export type Attestation = {
  /** An SSZ bitlist of at most 2048 bits with its delimiting bit. */
  readonly aggregationBits: Data;
  readonly data: AttestationData;
  readonly signature: Data;
};

/** A vote with its attesters by index, at most 2048. */
export type IndexedAttestation = {
  readonly attestingIndices: readonly bigint[];
  readonly data: AttestationData;
  readonly signature: Data;
};

/** Two votes that contradict each other. */
export type AttesterSlashing = {
  readonly attestation1: IndexedAttestation;
  readonly attestation2: IndexedAttestation;
};

/** A block with its body by root alone. */
export type BeaconBlockHeader = {
  readonly slot: bigint;
  readonly proposerIndex: bigint;
  readonly parentRoot: Hash32;
  readonly stateRoot: Hash32;
  readonly bodyRoot: Hash32;
};

/** A signed {@link BeaconBlockHeader}. */
export type SignedBeaconBlockHeader = {
  readonly message: BeaconBlockHeader;
  readonly signature: Data;
};

/** Two blocks of one proposer in one slot. */
export type ProposerSlashing = {
  readonly signedHeader1: SignedBeaconBlockHeader;
  readonly signedHeader2: SignedBeaconBlockHeader;
};

/** What a deposit says; the amount in Gwei. */
export type DepositData = {
  readonly pubkey: Data;
  readonly withdrawalCredentials: Hash32;
  readonly amount: bigint;
  readonly signature: Data;
};

/** A deposit with the 33 hashes that prove it. */
export type Deposit = {
  readonly proof: readonly Hash32[];
  readonly data: DepositData;
};

/** A validator's wish to leave. */
export type SignedVoluntaryExit = {
  readonly message: { readonly epoch: bigint; readonly validatorIndex: bigint };
  readonly signature: Data;
};

/** The sync committee's signature; the bits are 64 bytes. */
export type SyncAggregate = {
  readonly syncCommitteeBits: Data;
  readonly syncCommitteeSignature: Data;
};

/** The address that a validator's withdrawals go to from now on. */
export type SignedBlsToExecutionChange = {
  readonly message: {
    readonly validatorIndex: bigint;
    readonly fromBlsPubkey: Data;
    readonly toExecutionAddress: Address;
  };
  readonly signature: Data;
};
