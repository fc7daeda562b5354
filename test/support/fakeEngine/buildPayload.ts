import type { Block } from './blockTree.js';
import { digestOf, fakeBlockHash } from './digest.js';
import type { JsonObject } from './params.js';
import { quantityOf } from './structures.js';

/** A payload being built; its fork is its timestamp's. */
export type Build = { readonly payloadId: string; readonly timestamp: bigint; readonly executionPayload: JsonObject };

const bytes = (hexByte: string, count: number): string => `0x${hexByte.repeat(count)}`;

/** Builds a payload without transactions on a block (paris.md, payload building). The same head and attributes give the same id on every engine; `extraData` tells whose block it is. */
export function buildPayload(parent: Block, attributes: JsonObject, extraData: string): Build {
  const { timestamp, prevRandao, suggestedFeeRecipient, withdrawals, parentBeaconBlockRoot } = attributes;
  const draft = {
    parentHash: parent.hash,
    feeRecipient: suggestedFeeRecipient,
    stateRoot: digestOf(parent.hash, attributes),
    receiptsRoot: bytes('11', 32),
    logsBloom: bytes('00', 256),
    prevRandao,
    blockNumber: `0x${(parent.number + 1n).toString(16)}`,
    gasLimit: '0x1c9c380',
    gasUsed: '0x0',
    timestamp,
    extraData,
    baseFeePerGas: '0x7',
    transactions: [],
    ...(withdrawals === undefined ? {} : { withdrawals }),
    ...(parentBeaconBlockRoot === undefined ? {} : { blobGasUsed: '0x0', excessBlobGas: '0x0' }),
  };
  return {
    payloadId: digestOf('payloadId', parent.hash, attributes).slice(0, 18),
    timestamp: quantityOf(attributes, 'timestamp'),
    executionPayload: { ...draft, blockHash: fakeBlockHash(draft, parentBeaconBlockRoot) },
  };
}
