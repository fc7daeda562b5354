import {
  blockCapella,
  blockDeneb,
  bodyCapella,
  bodyDeneb,
  signedBlockCapella,
  signedBlockDeneb,
} from '../beaconShapes.js';
import type { Codec } from '../codec.js';
import { ConversionError } from '../errors.js';
import type { Fork } from '../fork.js';
import type {
  BeaconBlock,
  BeaconBlockBody,
  BeaconBlockBodyByFork,
  BeaconBlockBodyCapella,
  BeaconBlockBodyDeneb,
  BeaconBlockByFork,
  BeaconBlockCapella,
  BeaconBlockDeneb,
  SignedBeaconBlock,
  SignedBeaconBlockByFork,
  SignedBeaconBlockCapella,
  SignedBeaconBlockDeneb,
} from '../types/beaconBlock.js';
import { beaconCodec } from './encoding.js';
import type { BeaconJson } from './json.js';
import { requireWithdrawalsFit } from './withdrawals.js';

type Codecs<ByFork extends Record<Fork, unknown>> = {
  readonly [F in Fork]: Codec<ByFork[F], BeaconJson<ByFork[F]>>;
};

const unservedFork: Codec<never, never> = { parse: refuseFork, serialize: refuseFork };
const unserved = { paris: unservedFork, prague: unservedFork };

const bodies: Codecs<BeaconBlockBodyByFork> = {
  ...unserved,
  shanghai: beaconCodec(bodyCapella),
  cancun: beaconCodec(bodyDeneb),
};

const blocks: Codecs<BeaconBlockByFork> = {
  ...unserved,
  shanghai: beaconCodec(blockCapella),
  cancun: beaconCodec(blockDeneb),
};

const signedBlocks: Codecs<SignedBeaconBlockByFork> = {
  ...unserved,
  shanghai: beaconCodec(signedBlockCapella),
  cancun: beaconCodec(signedBlockDeneb),
};

/**
 * Reads the BeaconBlockBody of a fork: Capella's for Shanghai, Deneb's for Cancun.
 *
 * @throws ConversionError `UNSUPPORTED_FORK` for Paris and Prague, `INVALID_LENGTH` for a list over its limit in the mainnet preset; else at the field that is missing, unknown or malformed
 * @see https://github.com/ethereum/consensus-specs/blob/master/specs/deneb/beacon-chain.md#beaconblockbody
 */
export function parseBeaconBlockBody<F extends Fork>(
  json: unknown,
  fork: F,
  path: string = 'beacon_block_body',
): BeaconBlockBodyByFork[F] {
  return codecAt(bodies, fork, path).parse(json, path);
}

/**
 * Reads the BeaconBlock of a fork: Capella's for Shanghai, Deneb's for Cancun.
 *
 * @throws ConversionError as {@link parseBeaconBlockBody}
 * @see https://github.com/ethereum/consensus-specs/blob/master/specs/phase0/beacon-chain.md#beaconblock
 */
export function parseBeaconBlock<F extends Fork>(
  json: unknown,
  fork: F,
  path: string = 'beacon_block',
): BeaconBlockByFork[F] {
  return codecAt(blocks, fork, path).parse(json, path);
}

/**
 * Reads the SignedBeaconBlock of a fork: Capella's for Shanghai, Deneb's for Cancun; the signature is not verified.
 *
 * @throws ConversionError as {@link parseBeaconBlockBody}
 * @see https://github.com/ethereum/consensus-specs/blob/master/specs/phase0/beacon-chain.md#signedbeaconblock
 */
export function parseSignedBeaconBlock<F extends Fork>(
  json: unknown,
  fork: F,
  path: string = 'signed_beacon_block',
): SignedBeaconBlockByFork[F] {
  return codecAt(signedBlocks, fork, path).parse(json, path);
}

/**
 * Writes exactly the fields of the body's own fork, in the order of the specification.
 *
 * @throws ConversionError `INVALID_LENGTH` for over 16 withdrawals
 */
export function serializeBeaconBlockBody(body: BeaconBlockBodyCapella): BeaconJson<BeaconBlockBodyCapella>;
export function serializeBeaconBlockBody(body: BeaconBlockBodyDeneb): BeaconJson<BeaconBlockBodyDeneb>;
export function serializeBeaconBlockBody(body: BeaconBlockBody): BeaconJson<BeaconBlockBody>;
export function serializeBeaconBlockBody(body: BeaconBlockBody): BeaconJson<BeaconBlockBody> {
  requireWithdrawalsFit(body.executionPayload.withdrawals, 'beacon_block_body.execution_payload');
  return body.blobKzgCommitments === undefined ? bodies.shanghai.serialize(body) : bodies.cancun.serialize(body);
}

/**
 * Writes exactly the fields of the block's own fork, in the order of the specification.
 *
 * @throws ConversionError `INVALID_LENGTH` for over 16 withdrawals
 */
export function serializeBeaconBlock(block: BeaconBlockCapella): BeaconJson<BeaconBlockCapella>;
export function serializeBeaconBlock(block: BeaconBlockDeneb): BeaconJson<BeaconBlockDeneb>;
export function serializeBeaconBlock(block: BeaconBlock): BeaconJson<BeaconBlock>;
export function serializeBeaconBlock(block: BeaconBlock): BeaconJson<BeaconBlock> {
  requireWithdrawalsFit(block.body.executionPayload.withdrawals, 'beacon_block.body.execution_payload');
  return isDeneb(block) ? blocks.cancun.serialize(block) : blocks.shanghai.serialize(block);
}

/**
 * Writes exactly the fields of the signed block's own fork, in the order of the specification.
 *
 * @throws ConversionError `INVALID_LENGTH` for over 16 withdrawals
 */
export function serializeSignedBeaconBlock(block: SignedBeaconBlockCapella): BeaconJson<SignedBeaconBlockCapella>;
export function serializeSignedBeaconBlock(block: SignedBeaconBlockDeneb): BeaconJson<SignedBeaconBlockDeneb>;
export function serializeSignedBeaconBlock(block: SignedBeaconBlock): BeaconJson<SignedBeaconBlock>;
export function serializeSignedBeaconBlock(block: SignedBeaconBlock): BeaconJson<SignedBeaconBlock> {
  const { withdrawals } = block.message.body.executionPayload;
  requireWithdrawalsFit(withdrawals, 'signed_beacon_block.message.body.execution_payload');
  return isSignedDeneb(block) ? signedBlocks.cancun.serialize(block) : signedBlocks.shanghai.serialize(block);
}

function isDeneb(block: BeaconBlock): block is BeaconBlockDeneb {
  return block.body.blobKzgCommitments !== undefined;
}

function isSignedDeneb(block: SignedBeaconBlock): block is SignedBeaconBlockDeneb {
  return isDeneb(block.message);
}

/** The codec of a fork, or a refusal of what is no fork that has such blocks. */
function codecAt<ByFork extends Record<Fork, unknown>, F extends Fork>(
  codecs: Codecs<ByFork>,
  fork: F,
  path: string,
): Codecs<ByFork>[F] {
  if (fork !== 'shanghai' && fork !== 'cancun') refuseFork(fork, path);
  return codecs[fork];
}

function refuseFork(_value: unknown, path: string = 'fork'): never {
  throw new ConversionError('UNSUPPORTED_FORK', path, 'expected shanghai or cancun');
}
