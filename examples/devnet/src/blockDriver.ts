import type {
  Address,
  Data,
  ExecutionPayload,
  ForkchoiceState,
  Hash32,
  PayloadAttributes,
  PayloadId,
  PayloadStatus,
  Withdrawal,
} from '@lighthouse-compat/conversions';
import { id } from 'ethers';
import type { Devnet } from './devnet.js';
import { type BlockStep, DevnetError } from './errors.js';
import { createTransactionSender } from './transactionSender.js';

// An epoch: what is final is never given to an engine again, so that one that was away for less than this can be brought back.
const finalityDepth = 32;
const withdrawalEvery = 4;
const feeRecipient: Address = `0x${'fe'.repeat(20)}` as const;

/** What blocks are driven through: the three calls of a Lighthouse node, as the SDK's object offers them. */
export interface EngineApi {
  newPayload(request: {
    readonly executionPayload: ExecutionPayload;
    readonly parentBeaconBlockRoot?: Hash32;
  }): Promise<PayloadStatus>;
  forkchoiceUpdated(
    forkchoiceState: ForkchoiceState,
    payloadAttributes?: PayloadAttributes,
  ): Promise<{ readonly payloadStatus: PayloadStatus; readonly payloadId: PayloadId | null }>;
  getPayload(payloadId: PayloadId): Promise<{ readonly executionPayload: ExecutionPayload }>;
}

/** The last block that every step was VALID for. */
export type DriverHead = {
  readonly number: bigint;
  readonly hash: Hash32;
  /** Unix seconds. */
  readonly timestamp: bigint;
};

/** A block that was built, imported and made the head. */
export type BlockRecord = DriverHead & {
  readonly parentHash: Hash32;
  readonly stateRoot: Hash32;
  readonly fork: 'shanghai' | 'cancun';
  /** Raw, as in the payload. */
  readonly transactions: readonly Data[];
  readonly executionPayload: ExecutionPayload;
  /** Null before Cancun. */
  readonly parentBeaconBlockRoot: Hash32 | null;
};

/** Makes block after block. */
export type BlockDriver = {
  readonly head: DriverHead;
  /** Makes one block, a slot after the last; throws a DevnetError that names the step, after which it can be called again. */
  nextBlock(): Promise<BlockRecord>;
};

/** Makes a driver for a devnet that has no block yet; it keeps no time of its own, a block's timestamp is its parent's and a slot. */
export function createBlockDriver(options: {
  readonly engine: EngineApi;
  readonly devnet: Devnet;
  /** Left out: 1, 2 and 3 by turns. */
  readonly transactionsPerBlock?: number;
}): BlockDriver {
  const { engine, devnet, transactionsPerBlock } = options;
  const sender = createTransactionSender(devnet);
  const canonicalHashes: Hash32[] = [devnet.genesisHash];
  let head: DriverHead = { number: 0n, hash: devnet.genesisHash, timestamp: devnet.genesisTime };
  let busy = false;

  /** Safe and finalized are the genesis until there is a block old enough: this client refuses a zero hash for only one of them. */
  function forkchoiceState(number: bigint, headBlockHash: Hash32): ForkchoiceState {
    const settled = canonicalHashes[Math.max(0, Number(number) - finalityDepth)] ?? devnet.genesisHash;
    return { headBlockHash, safeBlockHash: settled, finalizedBlockHash: settled };
  }

  async function makeBlock(): Promise<BlockRecord> {
    const parent = head;
    const number = parent.number + 1n;
    const timestamp = parent.timestamp + BigInt(devnet.slotSeconds);
    const { cancunTime } = devnet.forks;
    const fork = cancunTime !== undefined && timestamp >= cancunTime ? 'cancun' : 'shanghai';
    const parentBeaconBlockRoot = fork === 'cancun' ? hashOf('beacon block root', parent.number) : null;

    const wanted = transactionsPerBlock ?? 1 + (Number(parent.number) % 3);
    await step('send_transactions', number, () => sender.send(wanted));

    const attributes = payloadAttributes({ number, timestamp, parentBeaconBlockRoot });
    const building = await step('forkchoice_updated_with_attributes', number, () =>
      engine.forkchoiceUpdated(forkchoiceState(parent.number, parent.hash), attributes),
    );
    requireValid('forkchoice_updated_with_attributes', number, building.payloadStatus);
    const { payloadId } = building;
    if (payloadId === null) {
      throw new DevnetError('NO_PAYLOAD_ID', `block ${number}: VALID, but no payload is being built`, {
        step: 'forkchoice_updated_with_attributes',
        blockNumber: number,
      });
    }

    const { executionPayload } = await step('get_payload', number, () => engine.getPayload(payloadId));
    requireOurs(executionPayload, { number, parentHash: parent.hash, timestamp });

    const newPayload = { executionPayload, ...(parentBeaconBlockRoot === null ? {} : { parentBeaconBlockRoot }) };
    requireValid('new_payload', number, await step('new_payload', number, () => engine.newPayload(newPayload)));

    const hash = executionPayload.blockHash;
    const updated = await step('forkchoice_updated', number, () =>
      engine.forkchoiceUpdated(forkchoiceState(number, hash)),
    );
    requireValid('forkchoice_updated', number, updated.payloadStatus);

    canonicalHashes.push(hash);
    head = { number, hash, timestamp };
    sender.included(executionPayload.transactions);
    const { stateRoot, transactions } = executionPayload;
    const { hash: parentHash } = parent;
    return { ...head, parentHash, stateRoot, fork, transactions, executionPayload, parentBeaconBlockRoot };
  }

  return {
    get head() {
      return head;
    },
    async nextBlock() {
      if (busy) throw new DevnetError('DRIVER_BUSY', 'the last block is still being made');
      busy = true;
      try {
        return await makeBlock();
      } finally {
        busy = false;
      }
    },
  };
}

async function step<T>(name: BlockStep, blockNumber: bigint, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DevnetError('STEP_FAILED', `block ${blockNumber}: ${name}: ${why}`, { step: name, blockNumber, cause });
  }
}

function requireValid(name: BlockStep, blockNumber: bigint, answer: PayloadStatus): void {
  if (answer.status === 'VALID') return;
  const why = 'validationError' in answer && answer.validationError !== null ? `: ${answer.validationError}` : '';
  const facts = { step: name, blockNumber, status: answer.status };
  throw new DevnetError('STATUS_NOT_VALID', `block ${blockNumber}: ${name}: ${answer.status}${why}`, facts);
}

function requireOurs(
  payload: ExecutionPayload,
  asked: { readonly number: bigint; readonly parentHash: Hash32; readonly timestamp: bigint },
): void {
  const { blockNumber, parentHash, timestamp } = payload;
  if (blockNumber === asked.number && parentHash === asked.parentHash && timestamp === asked.timestamp) return;
  const message = `block ${asked.number}: the payload is of block ${blockNumber} on ${parentHash} at ${timestamp}, not of what was asked for`;
  throw new DevnetError('WRONG_PAYLOAD', message, { step: 'get_payload', blockNumber: asked.number });
}

function payloadAttributes(block: {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly parentBeaconBlockRoot: Hash32 | null;
}): PayloadAttributes {
  const common = {
    timestamp: block.timestamp,
    prevRandao: hashOf('randao', block.number),
    suggestedFeeRecipient: feeRecipient,
    withdrawals: withdrawalsOf(block.number),
  };
  return block.parentBeaconBlockRoot === null
    ? common
    : { ...common, parentBeaconBlockRoot: block.parentBeaconBlockRoot };
}

function withdrawalsOf(number: bigint): readonly Withdrawal[] {
  if (Number(number) % withdrawalEvery !== 0) return [];
  const index = number / BigInt(withdrawalEvery);
  return [{ index, validatorIndex: index % 16n, address: `0x${'ab'.repeat(20)}` as const, amount: 1_000_000n + index }];
}

const hashOf = (what: string, number: bigint): Hash32 => id(`${what} ${number}`) as Hash32;
