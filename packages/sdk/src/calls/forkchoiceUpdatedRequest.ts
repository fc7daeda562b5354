import {
  checkForkchoiceState,
  checkPayloadAttributes,
  type ForkchoiceState,
  type ForkchoiceStateV3,
  type ForkSchedule,
  type PayloadAttributes,
} from '@lighthouse-compat/conversions';
import type { ForkchoiceUpdatedRequest } from '../adapters/lighthouseApi.js';
import { CompatError } from '../errors.js';
import { type ChainView, servedForkAt } from '../selection/chainView.js';

/** A forkchoice_updated call for the engine that answers, and its copy without attributes for the engine that is fed. */
export type CheckedForkchoiceUpdated = {
  readonly request: ForkchoiceUpdatedRequest;
  readonly feed: ForkchoiceUpdatedRequest;
};

const mismatch = (path: string, what: string): never => {
  throw new CompatError('FORK_MISMATCH', `${path}: ${what}`, { path });
};

/** The three hashes that go on the wire: an engine that is only fed never needs v5's justified hash. */
function wireState(state: ForkchoiceState | ForkchoiceStateV3): ForkchoiceState {
  const { headBlockHash, safeBlockHash, finalizedBlockHash } = state;
  return { headBlockHash, safeBlockHash, finalizedBlockHash };
}

function withAttributes(
  forkchoiceState: ForkchoiceState | ForkchoiceStateV3,
  attributes: PayloadAttributes,
  schedule: ForkSchedule,
): ForkchoiceUpdatedRequest {
  const fork = servedForkAt(schedule, attributes.timestamp, 'payloadAttributes.timestamp');
  const { timestamp, prevRandao, suggestedFeeRecipient, withdrawals } = attributes;
  const common = { timestamp, prevRandao, suggestedFeeRecipient };
  const root = attributes.parentBeaconBlockRoot ?? null;

  if (fork !== 'cancun' && root !== null) {
    return mismatch('payloadAttributes.parentBeaconBlockRoot', `attributes of ${fork} have none`);
  }
  if (fork === 'paris') {
    if (withdrawals !== undefined) return mismatch('payloadAttributes.withdrawals', 'attributes of Paris have none');
    return { fork, forkchoiceState, payloadAttributes: common };
  }
  if (withdrawals === undefined) {
    return mismatch('payloadAttributes.withdrawals', `attributes of ${fork} need them, be they none`);
  }
  if (fork === 'shanghai') return { fork, forkchoiceState, payloadAttributes: { ...common, withdrawals } };
  if (root === null) {
    const path = 'payloadAttributes.parentBeaconBlockRoot';
    throw new CompatError(
      'MISSING_PARENT_BEACON_BLOCK_ROOT',
      `${path}: attributes of Cancun need it, and it cannot be made up`,
      { path },
    );
  }
  return { fork, forkchoiceState, payloadAttributes: { ...common, withdrawals, parentBeaconBlockRoot: root } };
}

/** Checks a forkchoice_updated call: its fork is its attributes', else its head's; throws a ConversionError for a malformed field, and FORK_MISMATCH, MISSING_PARENT_BEACON_BLOCK_ROOT or UNSUPPORTED_FORK. */
export function checkForkchoiceUpdatedRequest(
  state: unknown,
  attributes: unknown,
  { schedule, chain }: { readonly schedule: ForkSchedule; readonly chain: ChainView },
): CheckedForkchoiceUpdated {
  const forkchoiceState = checkForkchoiceState(state, 'forkchoiceState');
  const fork = chain.forkOfHead(forkchoiceState.headBlockHash);
  return {
    request:
      attributes === undefined || attributes === null
        ? { fork, forkchoiceState, payloadAttributes: null }
        : withAttributes(forkchoiceState, checkPayloadAttributes(attributes, 'payloadAttributes'), schedule),
    feed: { fork, forkchoiceState: wireState(forkchoiceState), payloadAttributes: null },
  };
}
