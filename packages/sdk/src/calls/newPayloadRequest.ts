import {
  blobVersionedHashes,
  checkExecutionPayload,
  checkHash32,
  checkVersionedHashes,
  type ExecutionPayload,
  type ForkSchedule,
  type Hash32,
} from '@lighthouse-compat/conversions';
import type { NewPayloadRequest } from '../adapters/lighthouseApi.js';
import { CompatError } from '../errors.js';
import { servedForkAt } from '../selection/chainView.js';
import { checkKeys } from './checkKeys.js';

/** What newPayload takes: from Cancun on the parent beacon block root is needed, and the versioned hashes are read from the payload's own transactions unless given. */
export type NewPayloadArguments = {
  readonly executionPayload: ExecutionPayload;
  readonly parentBeaconBlockRoot?: Hash32 | null;
  readonly expectedBlobVersionedHashes?: readonly Hash32[] | null;
};

const mismatch = (path: string, what: string): never => {
  throw new CompatError('FORK_MISMATCH', `${path}: ${what}`, { path });
};

/** Checks a new_payload call and gives it the fork of its timestamp; throws a ConversionError for a malformed field, and FORK_MISMATCH, MISSING_PARENT_BEACON_BLOCK_ROOT or UNSUPPORTED_FORK. */
export function checkNewPayloadRequest(value: NewPayloadArguments, schedule: ForkSchedule): NewPayloadRequest {
  checkKeys(value, ['executionPayload', 'parentBeaconBlockRoot', 'expectedBlobVersionedHashes'], 'request');
  const executionPayload = checkExecutionPayload(value.executionPayload, 'executionPayload');
  const root = value.parentBeaconBlockRoot ?? null;
  const hashes = value.expectedBlobVersionedHashes ?? null;
  const fork = servedForkAt(schedule, executionPayload.timestamp, 'executionPayload.timestamp');

  if (fork === 'cancun') {
    if (executionPayload.blobGasUsed === undefined) {
      return mismatch('executionPayload.blobGasUsed', 'a payload of Cancun needs its blob fields');
    }
    if (root === null) {
      const path = 'parentBeaconBlockRoot';
      throw new CompatError(
        'MISSING_PARENT_BEACON_BLOCK_ROOT',
        `${path}: a payload of Cancun needs it, and it cannot be made up`,
        { path },
      );
    }
    return {
      fork,
      executionPayload,
      parentBeaconBlockRoot: checkHash32(root, 'parentBeaconBlockRoot'),
      expectedBlobVersionedHashes:
        hashes === null
          ? blobVersionedHashes(executionPayload.transactions, 'executionPayload.transactions')
          : checkVersionedHashes(hashes, 'expectedBlobVersionedHashes'),
    };
  }

  if (executionPayload.blobGasUsed !== undefined) {
    return mismatch('executionPayload.blobGasUsed', `blob fields under a timestamp of ${fork}`);
  }
  if (root !== null) return mismatch('parentBeaconBlockRoot', `a payload of ${fork} has none`);
  if (hashes !== null) return mismatch('expectedBlobVersionedHashes', `a payload of ${fork} has none`);
  if (fork === 'shanghai') {
    if (executionPayload.withdrawals === undefined) {
      return mismatch('executionPayload.withdrawals', 'a payload of Shanghai needs them, be they none');
    }
    return { fork, executionPayload };
  }
  if (executionPayload.withdrawals !== undefined) {
    return mismatch('executionPayload.withdrawals', 'a payload of Paris has none');
  }
  return { fork, executionPayload };
}
