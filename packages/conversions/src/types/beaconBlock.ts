import type {
  Attestation,
  AttesterSlashing,
  Deposit,
  Eth1Data,
  ProposerSlashing,
  SignedBlsToExecutionChange,
  SignedVoluntaryExit,
  SyncAggregate,
} from './beaconOperations.js';
import type { ExecutionPayloadCapella, ExecutionPayloadDeneb } from './executionPayload.js';
import type { Data, Hash32 } from './scalars.js';

type BeaconBlockBodyCommon = {
  /** 96 bytes. */
  readonly randaoReveal: Data;
  readonly eth1Data: Eth1Data;
  readonly graffiti: Hash32;
  readonly proposerSlashings: readonly ProposerSlashing[];
  readonly attesterSlashings: readonly AttesterSlashing[];
  readonly attestations: readonly Attestation[];
  readonly deposits: readonly Deposit[];
  readonly voluntaryExits: readonly SignedVoluntaryExit[];
  readonly syncAggregate: SyncAggregate;
  readonly blsToExecutionChanges: readonly SignedBlsToExecutionChange[];
};

// As in the payloads, `never` keeps a Deneb body from passing for a Capella one.

/** BeaconBlockBody of Capella (consensus-specs, capella/beacon-chain.md), Lighthouse v4's newest. */
export type BeaconBlockBodyCapella = BeaconBlockBodyCommon & {
  readonly executionPayload: ExecutionPayloadCapella;
  readonly blobKzgCommitments?: never;
};

/** BeaconBlockBody of Deneb (consensus-specs, deneb/beacon-chain.md), Lighthouse v5's; commitments of 48 bytes. */
export type BeaconBlockBodyDeneb = BeaconBlockBodyCommon & {
  readonly executionPayload: ExecutionPayloadDeneb;
  readonly blobKzgCommitments: readonly Data[];
};

type BeaconBlockOf<Body> = {
  readonly slot: bigint;
  readonly proposerIndex: bigint;
  readonly parentRoot: Hash32;
  readonly stateRoot: Hash32;
  readonly body: Body;
};

type SignedBeaconBlockOf<Body> = {
  readonly message: BeaconBlockOf<Body>;
  /** 96 bytes. */
  readonly signature: Data;
};

/** BeaconBlock of Capella: slot and proposer index are uint64. */
export type BeaconBlockCapella = BeaconBlockOf<BeaconBlockBodyCapella>;
/** BeaconBlock of Deneb: slot and proposer index are uint64. */
export type BeaconBlockDeneb = BeaconBlockOf<BeaconBlockBodyDeneb>;

/** SignedBeaconBlock of Capella; the signature has 96 bytes. */
export type SignedBeaconBlockCapella = SignedBeaconBlockOf<BeaconBlockBodyCapella>;
/** SignedBeaconBlock of Deneb; the signature has 96 bytes. */
export type SignedBeaconBlockDeneb = SignedBeaconBlockOf<BeaconBlockBodyDeneb>;

/** The body of any fork that is served; `'blobKzgCommitments' in body` tells them apart. */
export type BeaconBlockBody = BeaconBlockBodyCapella | BeaconBlockBodyDeneb;
/** The block of any fork that is served. */
export type BeaconBlock = BeaconBlockCapella | BeaconBlockDeneb;
/** The signed block of any fork that is served. */
export type SignedBeaconBlock = SignedBeaconBlockCapella | SignedBeaconBlockDeneb;

type ByFork<Capella, Deneb> = {
  readonly paris: never;
  readonly shanghai: Capella;
  readonly cancun: Deneb;
  readonly prague: never;
};

/** The body's type by the execution fork of its payload; those of Paris and Prague are not served. */
export type BeaconBlockBodyByFork = ByFork<BeaconBlockBodyCapella, BeaconBlockBodyDeneb>;
/** The block's type by the execution fork of its payload; those of Paris and Prague are not served. */
export type BeaconBlockByFork = ByFork<BeaconBlockCapella, BeaconBlockDeneb>;
/** The signed block's type by the execution fork of its payload; those of Paris and Prague are not served. */
export type SignedBeaconBlockByFork = ByFork<SignedBeaconBlockCapella, SignedBeaconBlockDeneb>;
